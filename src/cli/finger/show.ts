import { z } from 'zod'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { writeOutput } from '../files.ts'
import { extractionPicture } from './extraction-picture.ts'
import { imageOptions } from './image-options.ts'
import { elapsedSince, named, readFrame } from './sample.ts'

const options = z.strictObject({
  output: z.string().min(1).meta({ doc: 'The picture goes here.', short: 'o', value: 'PNG' }),
  ...imageOptions,
})

export const fingerShow: Command<typeof options> = {
  name: 'finger show',
  summary: 'Draw what the engine sees in an image: ridges, orientation, quality map, minutiae',
  options,
  args: [
    { name: 'IMAGE', doc: 'PNG, PGM, BMP, WSQ, raw with --raw, or a finger image record (ISO/IEC 19794-4).' },
  ],
  async run({ print }, { output, ...imageOptions }, [image]) {
    const frame = await readFrame(image, imageOptions)
    const startMs = performance.now()
    const { png, template, quality } = await named(image, () => extractionPicture(frame))
    await writeOutput(output, png)
    const elapsedMs = elapsedSince(startMs)
    print(
      { image, picture: output, minutiae: template.count, quality: quality.score, elapsedMs },
      `${output}: ${template.count} minutiae, quality ${quality.score}, ${quality.reason}`,
    )
    return EXIT.ok
  },
}
