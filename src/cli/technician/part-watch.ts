import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { BoardPart } from '../../../hal/ports/part.ts'
import { readingText } from '../../health/part-checks.ts'
import type { Command, Context } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { askPart, partNamed, partOptions, partsOf, withBoard } from './part-options.ts'

/** As often as a person can follow, and no bus is troubled by. */
const PAUSE_MS = 500

const options = z.strictObject({
  ...partOptions.shape,
  seconds: z.coerce
    .number()
    .min(0)
    .max(86_400)
    .optional()
    .meta({ doc: 'End after so long; by default with Ctrl-C.', value: 'N' }),
})

export const partWatch: Command<typeof options> = {
  name: 'part watch',
  summary: 'Show what a part says of itself, each time that it says something else, until Ctrl-C',
  options,
  args: [{ name: 'NAME', doc: 'Of the part, as the board file has it.' }],
  run: (context, options, [name]) =>
    withBoard(options, ({ parts }) => watch(context, partNamed(parts, name), options.seconds)),
  inKiosk: (context, kiosk, { seconds }, [name]) => watch(context, partNamed(partsOf(kiosk), name), seconds),
}

async function watch(
  context: Context,
  part: BoardPart,
  seconds = Number.POSITIVE_INFINITY,
): Promise<ExitCode> {
  const { signal } = context
  const endMs = performance.now() + seconds * 1000
  let before: string | undefined
  while (!signal.aborted) {
    const answer = await askPart(part, signal)
    const said =
      'code' in answer ? `DOWN  ${answer.detail}` : `up    ${answer.readings.map(readingText).join(', ')}`
    const at = new Date().toISOString()
    if (said !== before)
      context.print({ part: part.name, at, up: !('code' in answer), ...answer }, `${at}  ${said}`)
    before = said
    if (performance.now() >= endMs) break
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {})
  }
  return EXIT.ok
}
