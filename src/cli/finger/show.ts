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
  summary: 'Draw what the engine sees: ridges, orientation, quality map, minutiae; 1 if it sees no finger',
  options,
  args: [
    { name: 'IMAGE', doc: 'PNG, PGM, BMP, WSQ, raw with --raw, or a finger image record (ISO/IEC 19794-4).' },
  ],
  async run({ print }, { output, ...imageOptions }, [image]) {
    const frame = await readFrame(image, imageOptions)
    const startMs = performance.now()
    const { png, seen } = await named(image, () => extractionPicture(frame))
    await writeOutput(output, png)
    const elapsedMs = elapsedSince(startMs)
    const minutiae = seen?.template.count ?? 0
    const quality = seen?.quality.score ?? 0
    const reason = seen?.quality.reason ?? 'not-a-finger'
    print(
      { image, picture: output, minutiae, quality, reason, elapsedMs },
      `${output}: ${minutiae} minutiae, quality ${quality}, ${reason}`,
    )
    return seen === undefined ? EXIT.no : EXIT.ok
  },
}
