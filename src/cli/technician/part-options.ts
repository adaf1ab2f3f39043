import { z } from 'zod'
import { type OpenBoard, openBoard } from '../../../hal/board/open-board.ts'
import type { Simulation } from '../../../hal/board/part-driver.ts'
import type { BoardPart, Reading } from '../../../hal/ports/part.ts'
import { systemClock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { suggest } from '../../base/suggest.ts'
import type { Kiosk } from '../../kiosk.ts'
import { kioskOptions } from '../kiosk/kiosk-options.ts'
import { boardOf, boardOption } from './board-option.ts'

const ANSWER_TIMEOUT_MS = 5000

/** For commands on the parts of a board: those of the kiosk that runs on `--data`, else of `--board`. */
export const partOptions = z.strictObject({ data: kioskOptions.data, ...boardOption })
export type PartOptions = z.infer<typeof partOptions>

/** Opens the board for `use`, and closes it after. */
export async function withBoard<T>(
  { board }: PartOptions,
  use: (board: OpenBoard) => Promise<T>,
  simulation?: Simulation,
): Promise<T> {
  const opened = await openBoard(await boardOf(board), { clock: systemClock, simulation })
  try {
    return await use(opened)
  } finally {
    await opened.close()
  }
}

export function partsOf(kiosk: Kiosk): readonly BoardPart[] {
  return kiosk.board?.parts ?? []
}

/** Throws `usage/bad-option` where there is no part of that name. */
export function partNamed<Part extends BoardPart>(parts: readonly Part[], name: string): Part {
  const part = parts.find(part => part.name === name)
  if (part !== undefined) return part
  const names = parts.map(part => part.name)
  const meant = suggest(name, names)
  const hint = meant === undefined ? `there are: ${names.join(', ')}` : `did you mean ${meant}?`
  throw new KioskError('usage/bad-option', { why: `this board has no part ${name}; ${hint}` })
}

/** How a part is now: what it says of itself, or why it does not. */
export async function askPart(
  part: BoardPart,
  signal: AbortSignal,
): Promise<{ readonly readings: readonly Reading[] } | { readonly code: string; readonly detail: string }> {
  try {
    return { readings: await part.diagnose({ timeoutMs: ANSWER_TIMEOUT_MS, signal }) }
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    return { code: error.code, detail: part.state.up ? error.message : part.state.detail }
  }
}
