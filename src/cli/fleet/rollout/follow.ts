import { systemClock } from '../../../base/clock.ts'
import type { FleetView } from '../../../fleet/fleet-view.ts'
import type { RollOutBook } from '../../../fleet/roll-outs/book.ts'
import { isEnded, type KioskProgress, type RollOut } from '../../../fleet/roll-outs/roll-out.ts'
import type { Context } from '../../command.ts'
import { EXIT, type ExitCode } from '../../exit-code.ts'
import { printRollOut } from './open-book.ts'

const LOOK_MS = 500

/**
 * How it stands at every kiosk, and with `follow` every change until it has ended: 0 if all have kept it. With a `view`
 * of the fleet also why a kiosk has not.
 */
export async function showRollOut(
  context: Context,
  book: RollOutBook,
  id: string,
  { follow, view }: { readonly follow: boolean; readonly view?: FleetView },
): Promise<ExitCode> {
  const shown = new Map<string, string>()
  let state = ''
  for (;;) {
    const rollOut = book.get(id)
    const progress = await book.progress(id)
    for (const [kiosk, each] of progress)
      show(context, kiosk, { ...each, why: whyOf(view, rollOut, kiosk) }, shown)
    if (rollOut.state !== state) await printRollOut(context, book, rollOut)
    state = rollOut.state
    if (!follow || isEnded(rollOut.state)) return await codeOf(book, id)
    await systemClock.sleep(LOOK_MS, context.signal)
  }
}

function show(
  { print }: Context,
  kiosk: string,
  { stage, sentMs, outcome, why }: KioskProgress & { readonly why?: string },
  shown: Map<string, string>,
): void {
  const state = outcome ?? (sentMs === undefined ? 'unsent' : 'sent')
  if (shown.get(kiosk) === state) return
  shown.set(kiosk, state)
  const sentAt = sentMs === undefined ? undefined : new Date(sentMs).toISOString()
  const reason = why === undefined ? '' : `: ${why}`
  print(
    { kiosk, stage, state, sentAt, why },
    `${kiosk}  ${state}${stage === 0 ? ' (first share)' : ''}${reason}`,
  )
}

/** What the kiosk itself says is wrong with it. */
function whyOf(view: FleetView | undefined, { image, version }: RollOut, kiosk: string): string | undefined {
  const seen = view?.kiosks.get(kiosk)
  const reported = image === undefined ? seen?.reported : seen?.update?.reported
  const [error] = reported !== undefined && reported.version === version ? reported.errors : []
  return error && `${error.text} (${[error.code, error.where].filter(word => word !== '').join(' ')})`
}

async function codeOf(book: RollOutBook, id: string): Promise<ExitCode> {
  const progress = [...(await book.progress(id)).values()]
  const haveAll = progress.length > 0 && progress.every(({ outcome }) => outcome === 'kept')
  return book.get(id).state === 'done' && haveAll ? EXIT.ok : EXIT.no
}
