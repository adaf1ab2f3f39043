import { z } from 'zod'
import { compare, THRESHOLD } from '../../finger/compare/compare.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { imageOptions } from './image-options.ts'
import { elapsedSince, readTemplate } from './sample.ts'

const options = z.strictObject(imageOptions)

export const fingerCompare: Command<typeof options> = {
  name: 'finger compare',
  summary: 'Compare two images or templates: 0 if they are of the same finger, 1 if not',
  options,
  args: [
    { name: 'A', doc: 'An image, or a template (ISO/IEC 19794-2, ANSI/INCITS 378).' },
    { name: 'B', doc: 'The same.' },
  ],
  async run({ print }, options, [a, b]) {
    const startMs = performance.now()
    const templateA = await readTemplate(a, options)
    const templateB = await readTemplate(b, options)
    const { score, alike, falseMatchRate } = compare(templateA, templateB)
    const elapsedMs = elapsedSince(startMs)
    print(
      { a, b, score, threshold: THRESHOLD, falseMatchRate, alike, elapsedMs },
      `${alike ? 'alike' : 'not alike'}: score ${score.toFixed(1)}, from ${THRESHOLD} on they are alike; ` +
        `${falseMatchRate.toExponential(1)} of different fingers score as high`,
    )
    return alike ? EXIT.ok : EXIT.no
  },
}
