import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import type { Quality } from '../../finger/engine.ts'
import { nativeMeasures } from '../../finger/quality/native/native-measures.ts'
import { type QualityMap, qualityMap } from '../../finger/quality/quality-map.ts'
import type { Template } from '../../finger/template/template.ts'
import type { Command } from '../command.ts'
import { EXIT, type ExitCode, worst } from '../exit-code.ts'
import { type ImageOptions, imageOptions } from './image-options.ts'
import { elapsedSince, extractFile, readFrame } from './sample.ts'

const options = z.strictObject({
  native: z.boolean().default(false).meta({
    doc: 'Also the native measures of ISO/IEC 29794-4, under the names that NFIQ 2 prints.',
  }),
  map: z.boolean().default(false).meta({
    doc: 'Also where each image is good: 0-100 for every 16 × 16 pixels at 500 dpi, 0 where there is no finger.',
  }),
  ...imageOptions,
})

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
        const { quality, template, elapsedMs }: Judged = await extractFile(image, options).catch(error => ({
          quality: judgedNoFinger(error),
          elapsedMs: elapsedSince(startMs),
        }))
        const { score, accept, reason, measures } = quality
        const details = await detailsOf(image, options, template)
        context.print(
          { image, score, accept, reason, measures, ...details.fields, elapsedMs },
          [
            `${String(score).padStart(3)}  ${accept ? 'accepted' : 'not accepted'}  ${reason}  ${image}`,
            ...details.lines.map(line => `     ${line}`),
          ].join('\n'),
        )
        if (!accept) code = worst(code, EXIT.no)
      } catch (error) {
        code = worst(code, context.failed(error))
      }
    }
    return code
  },
}

/** What `--native` and `--map` ask for, as fields of the JSON line and as lines for people. */
async function detailsOf(
  image: string,
  options: ImageOptions & { native: boolean; map: boolean },
  template: Template | undefined,
): Promise<{ fields: Record<string, unknown>; lines: string[] }> {
  if (!options.native && !options.map) return { fields: {}, lines: [] }
  const frame = await readFrame(image, options)
  const native = options.native ? nativeMeasures(frame, template) : undefined
  const map = options.map ? qualityMap(frame) : undefined
  return {
    fields: {
      ...(native && { native }),
      ...(map && { map: { ...map, values: [...map.values] } }),
    },
    lines: [
      ...Object.entries(native ?? {}).map(([name, value]) => `${name}: ${Number(value.toPrecision(6))}`),
      ...(map === undefined ? [] : drawn(map)),
    ],
  }
}

/** A character a block: a point where there is no finger, else 0 (worst) to 9. */
function drawn({ columns, rows, values }: QualityMap): string[] {
  return Array.from({ length: rows }, (_, row) =>
    [...values.subarray(row * columns, (row + 1) * columns)]
      .map(value => (value === 0 ? '.' : String(Math.min(Math.floor(value / 10), 9))))
      .join(''),
  )
}

type Judged = { quality: Quality; template?: Template; elapsedMs: number }

/** That there is no finger is an answer to "how good is it?", not a failure. Other errors stay errors. */
function judgedNoFinger(error: unknown): Quality {
  if (!(error instanceof KioskError) || error.code !== 'finger/not-a-finger') throw error
  return { score: 0, accept: false, reason: 'not-a-finger', measures: {} }
}
