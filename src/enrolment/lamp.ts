import type { Notice } from '../../hal/ports/notice.ts'
import type { StatusLamp } from '../../hal/ports/status-lamp.ts'
import type { VisitView } from '../record/visit-view.ts'
import type { VisitRunner } from './runner.ts'

/** What the lamp on top of the kiosk says from afar: first who needs staff, then whether anybody can be served. */
export function noticeOf({
  helpCalled,
  limits,
  step,
}: Pick<VisitView, 'helpCalled' | 'limits' | 'step'>): Notice {
  if (helpCalled) return 'help-called'
  if (limits.some(limit => limit !== 'no-printer' && limit !== 'closed')) return 'fault'
  if (step !== 'idle') return 'busy'
  return limits.length > 0 ? 'attention' : 'ready'
}

interface Lamp {
  use(call: (device: StatusLamp) => Promise<void>): Promise<void>
}

/** Keeps every lamp at what the visit is; a lamp that fails is the board's to report. */
export function showOnLamps(
  visit: Pick<VisitRunner, 'onView'>,
  lamps: readonly Lamp[],
): { /** For a lamp that is back and does not know. */ again(): void; stop(): void } {
  let shown: Notice | undefined
  const again = () => {
    const notice = shown
    if (notice === undefined) return
    for (const lamp of lamps) lamp.use(device => device.show(notice)).catch(() => {})
  }
  const stop = visit.onView(view => {
    const notice = noticeOf(view)
    if (notice === shown) return
    shown = notice
    again()
  })
  return { again, stop }
}
