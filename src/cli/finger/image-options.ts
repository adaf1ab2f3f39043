import { z } from 'zod'
import { DPI_MAX, DPI_MIN } from '../../finger/image/limits.ts'

/** For every command that takes images. */
export const imageOptions = {
  dpi: z.coerce
    .number()
    .min(DPI_MIN)
    .max(DPI_MAX)
    .optional()
    .meta({ doc: "Resolution of the images. Without it the file's own, else 500.", unit: 'n' }),
  raw: z
    .string()
    .regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/, 'must be WIDTHxHEIGHT in pixels, such as 256x288')
    .transform(size => {
      const [widthPx, heightPx] = size.split('x').map(Number)
      return { widthPx, heightPx }
    })
    .optional()
    .meta({ doc: 'The images are bytes of grey without a header, of this size.', value: 'WxH' }),
}

export type ImageOptions = { readonly dpi?: number; readonly raw?: { widthPx: number; heightPx: number } }
