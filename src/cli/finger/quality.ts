import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import type { Quality } from '../../finger/engine.ts'
import type { Command } from '../command.ts'
import { EXIT, type ExitCode, worst } from '../exit-code.ts'
import { imageOptions } from './image-options.ts'
import { elapsedSince, extractFile } from './sample.ts'

const options = z.strictObject(imageOptions)

/** How good each image is. One that cannot be read gets its line on standard error, and the others go on. */
export const fingerQuality: Command<typeof options> = {
  name: 'finger quality',
  summary: 'Judge images of fingers: a score of 0 to 100 and what to do better; 1 if any is not accepted',
  options,
  args: [
    {
      name: 'IMAGE',
      doc: 'PNG, PGM, BMP, WSQ, raw with --raw, or a finger image record (ISO/IEC 19794-4).',
      many: true,
    },
  ],
  async run(context, options, images) {
    let code: ExitCode = EXIT.ok
    for (const image of images) {
      context.signal.throwIfAborted()
      try {
        const startMs = performance.now()
        const { quality, elapsedMs } = await extractFile(image, options).catch(error => ({
          quality: judgedNoFinger(error),
          elapsedMs: elapsedSince(startMs),
        }))
        const { score, accept, reason, measures } = quality
        context.print(
          { image, score, accept, reason, measures, elapsedMs },
          `${String(score).padStart(3)}  ${accept ? 'accepted' : 'not accepted'}  ${reason}  ${image}`,
        )
        if (!accept) code = worst(code, EXIT.no)
      } catch (error) {
        code = worst(code, context.failed(error))
      }
    }
    return code
  },
}

/** That there is no finger is an answer to "how good is it?", not a failure. Other errors stay errors. */
function judgedNoFinger(error: unknown): Quality {
  if (!(error instanceof KioskError) || error.code !== 'finger/not-a-finger') throw error
  return { score: 0, accept: false, reason: 'not-a-finger', measures: {} }
}
