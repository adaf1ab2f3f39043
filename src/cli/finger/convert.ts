import { z } from 'zod'
import { decodeImage } from '../../finger/image/decode.ts'
import { decodeFir } from '../../finger/image/decode-fir.ts'
import { encodePng } from '../../finger/image/encode-png.ts'
import { type FirView, isFir, writeFir } from '../../finger/image/fir.ts'
import { IMAGE_BYTES_MAX } from '../../finger/image/limits.ts'
import {
  isInterchange,
  readInterchange,
  type WritableFormat,
  writableFormats,
  writeInterchange,
} from '../../finger/template/interchange.ts'
import type { Command, Line } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { readInput, writeOutput } from '../files.ts'
import { badOption } from '../options.ts'
import { type ImageOptions, imageOptions } from './image-options.ts'
import { named } from './sample.ts'

const imageFormats = ['fir', 'fir-png', 'png'] as const
type ImageFormat = (typeof imageFormats)[number]

const options = z.strictObject({
  output: z.string().min(1).meta({ doc: 'The converted file.', short: 'o', value: 'FILE' }),
  format: z.enum([...writableFormats, ...imageFormats]).meta({
    doc: 'Templates: ISO/IEC 19794-2:2005 or ANSI/INCITS 378-2004. Images: ISO/IEC 19794-4:2011, plain or with PNG inside; or PNG.',
  }),
  ...imageOptions,
})

interface Converted {
  readonly bytes: Uint8Array
  /** What the JSON line says beside the files. */
  readonly line: Line
}

export const fingerConvert: Command<typeof options> = {
  name: 'finger convert',
  summary: 'Turn a template into another format with all its fingers, or an image into another',
  options,
  args: [
    {
      name: 'IN',
      doc: 'ISO/IEC 19794-2:2005 or :2011, ANSI/INCITS 378-2004, -2007 or -2009; or an image, or ISO/IEC 19794-4:2011.',
    },
  ],
  async run({ print }, { output, format, ...imageOptions }, [input]) {
    const original = await readInput(input, IMAGE_BYTES_MAX)
    const { bytes, line } = await named(input, () =>
      isImageFormat(format)
        ? convertImage(original, format, imageOptions)
        : convertTemplate(original, format),
    )
    await writeOutput(output, bytes)
    const facts = Object.entries(line).map(([name, value]) => `${name} ${value}`)
    print({ in: input, out: output, ...line }, `${output}: ${facts.join(', ')}`)
    return EXIT.ok
  },
}

function isImageFormat(format: string): format is ImageFormat {
  return (imageFormats as readonly string[]).includes(format)
}

function convertTemplate(input: Uint8Array, format: WritableFormat): Converted {
  const record = readInterchange(input)
  const fingers = record.views.length
  const minutiae = record.views.reduce((sum, { template }) => sum + template.count, 0)
  return {
    bytes: writeInterchange(record.views, format),
    line: { from: record.format, to: format, fingers, minutiae },
  }
}

async function convertImage(
  input: Uint8Array,
  format: ImageFormat,
  options: ImageOptions,
): Promise<Converted> {
  if (isInterchange(input))
    throw badOption(`a template holds no image: --format ${writableFormats.join(' or ')}`)
  const views: readonly FirView[] = isFir(input)
    ? await decodeFir(input)
    : [{ position: 0, impression: 29, quality: undefined, frame: decodeImage(input, options) }]
  const bytes =
    format === 'png' ? encodePng(views[0].frame) : writeFir(views, format === 'fir' ? 'none' : 'png')
  const line = {
    from: isFir(input) ? 'fir' : 'image',
    to: format,
    fingers: format === 'png' ? 1 : views.length,
  }
  return { bytes, line }
}
