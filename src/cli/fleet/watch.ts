import { z } from 'zod'
import { aborted } from '../../base/aborted.ts'
import { summaryOf } from '../../fleet/kiosk-summary.ts'
import { isNamed, type SeenKiosk } from '../../fleet/seen-kiosk.ts'
import { EXIT } from '../exit-code.ts'
import { fleetCommand, fleetOptions, kiosksNamed, ofOption } from './open-fleet.ts'
import { printSummary } from './summary-line.ts'

const options = z.strictObject({ ...fleetOptions, of: ofOption })

export const fleetWatch = fleetCommand({
  name: 'fleet watch',
  summary: 'How every kiosk is, then every change as it comes, until Ctrl-C',
  options,
  async work(context, { view }, { of }) {
    const shown = new Map<string, string>()
    const show = (seen: SeenKiosk) => {
      const nowMs = Date.now()
      const summary = summaryOf(seen, nowMs)
      // That it is still there is no change.
      const { heardAt: _, ...rest } = summary
      const text = JSON.stringify(rest)
      if (shown.get(seen.kiosk) === text) return
      shown.set(seen.kiosk, text)
      printSummary(context, summary, nowMs)
    }
    const stop = view.onKiosk(seen => {
      if (isNamed(seen, of)) show(seen)
    })
    for (const seen of view.kiosks.size === 0 ? [] : kiosksNamed(view, of)) show(seen)
    await aborted(context.signal)
    stop()
    return EXIT.ok
  },
})
