import { z } from 'zod'
import { writableFormats, writeInterchange } from '../../finger/template/interchange.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { writeOutput } from '../files.ts'
import { imageOptions } from './image-options.ts'
import { extractFile } from './sample.ts'

const options = z.strictObject({
  output: z.string().min(1).meta({ doc: 'The template goes here.', short: 'o', value: 'FILE' }),
  format: z
    .enum(writableFormats)
    .default('iso2005')
    .meta({ doc: 'ISO/IEC 19794-2:2005, or ANSI/INCITS 378-2004.' }),
  position: z.coerce
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .meta({ doc: 'Which finger: 1-5 right thumb to little finger, 6-10 left, 0 unknown.' }),
  ...imageOptions,
})

export const fingerExtract: Command<typeof options> = {
  name: 'finger extract',
  summary: 'Make a template of an image of a finger',
  options,
  args: [
    { name: 'IMAGE', doc: 'PNG, PGM, BMP, WSQ, raw with --raw, or a finger image record (ISO/IEC 19794-4).' },
  ],
  async run({ print }, { output, format, position, ...imageOptions }, [image]) {
    const { template, quality, elapsedMs } = await extractFile(image, imageOptions)
    const view = { position, impression: 0, quality: quality.score, template }
    await writeOutput(output, writeInterchange(view, format))
    print(
      { image, template: output, minutiae: template.count, quality: quality.score, elapsedMs },
      `${output}: ${template.count} minutiae, quality ${quality.score}`,
    )
    return EXIT.ok
  },
}
