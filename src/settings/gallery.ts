import { z } from 'zod'
import { REGION_CODE, REGION_CODES_MAX } from '../base/region-code.ts'
import './meta.ts'

export const gallerySettings = z.strictObject({
  scope: z
    .array(z.string().regex(REGION_CODE, 'must be the 2, 4 or 6 digits of a region code'))
    .max(REGION_CODES_MAX)
    .refine(list => new Set(list).size === list.length, 'names a region twice')
    .default([])
    .meta({
      doc: 'Regions whose people the pre-filter knows beside those enrolled here: region codes that their NIKs begin with. The ABIS sends their templates, where operations have pushed this; empty: none.',
    }),
  fingersMax: z.int().min(0).max(200_000).default(20_000).meta({
    doc: 'Templates that are taken from the ABIS at the most, beside those enrolled here. A scope with more of them is not begun, and operations are told.',
  }),
})
export type GallerySettings = z.infer<typeof gallerySettings>
