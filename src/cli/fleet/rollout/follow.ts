import { systemClock } from '../../../base/clock.ts'
import type { RollOutBook } from '../../../fleet/roll-outs/book.ts'
import { isEnded, type KioskProgress } from '../../../fleet/roll-outs/roll-out.ts'
import type { Context } from '../../command.ts'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { printRollOut } from './open-book.ts'

const LOOK_MS = 500

/** How it stands at every kiosk, and with `follow` every change until it has ended: 0 if all have kept it. */
export async function showRollOut(
  context: Context,
  book: RollOutBook,
  id: string,
  { follow }: { readonly follow: boolean },
): Promise<ExitCode> {
  const shown = new Map<string, string>()
  let state = ''
  for (;;) {
    const rollOut = book.get(id)
    const progress = await book.progress(id)
    for (const [kiosk, each] of progress) show(context, kiosk, each, shown)
    if (rollOut.state !== state) await printRollOut(context, book, rollOut)
    state = rollOut.state
    if (!follow || isEnded(rollOut.state)) return await codeOf(book, id)
    await systemClock.sleep(LOOK_MS, context.signal)
  }
}

function show({ print }: Context, kiosk: string, each: KioskProgress, shown: Map<string, string>): void {
  const { stage, sentMs, outcome } = each
  const state = outcome ?? (sentMs === undefined ? 'unsent' : 'sent')
  if (shown.get(kiosk) === state) return
  shown.set(kiosk, state)
  const sentAt = sentMs === undefined ? undefined : new Date(sentMs).toISOString()
  print({ kiosk, stage, state, sentAt }, `${kiosk}  ${state}${stage === 0 ? ' (first share)' : ''}`)
}

async function codeOf(book: RollOutBook, id: string): Promise<ExitCode> {
  const progress = [...(await book.progress(id)).values()]
  const haveAll = progress.length > 0 && progress.every(({ outcome }) => outcome === 'kept')
  return book.get(id).state === 'done' && haveAll ? EXIT.ok : EXIT.no
}
