import type { BoardPart } from '../../../hal/ports/part.ts'
import { readingText } from '../../health/part-checks.ts'
import type { Command, Context } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { askPart, partOptions, partsOf, withBoard } from './part-options.ts'

export const partList: Command<typeof partOptions> = {
  name: 'part list',
  summary: 'List the parts of the kiosk with what they say of themselves: 1 if any is down',
  options: partOptions,
  run: (context, options) => withBoard(options, ({ parts }) => list(context, parts)),
  inKiosk: (context, kiosk) => list(context, partsOf(kiosk)),
}

async function list({ print, signal }: Context, parts: readonly BoardPart[]): Promise<ExitCode> {
  const answers = await Promise.all(parts.map(async part => ({ part, answer: await askPart(part, signal) })))
  for (const { part, answer } of answers) {
    const { name, kind, driver, on, state } = part
    const said = 'code' in answer ? answer.detail : answer.readings.map(readingText).join(', ')
    const wires = Object.values(on).join(' ')
    print(
      { part: name, kind, driver, on, up: state.up, ...answer },
      `${state.up ? 'up  ' : 'DOWN'}  ${name.padEnd(12)}  ${driver.padEnd(28)}  ${wires.padEnd(30)}  ${said}`.trimEnd(),
    )
  }
  return parts.every(({ state }) => state.up) ? EXIT.ok : EXIT.no
}
