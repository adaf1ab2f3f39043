import { z } from 'zod'
import { summaryOf } from '../../fleet/kiosk-summary.ts'
import { EXIT } from '../exit-code.ts'
import { fleetCommand, fleetOptions, kiosksNamed, ofOption } from './open-fleet.ts'
import { printSummary } from './summary-line.ts'

const options = z.strictObject({ ...fleetOptions, of: ofOption })

export const fleetStatus = fleetCommand({
  name: 'fleet status',
  summary: 'How every kiosk is, and what is wrong with it: 1 if anything is wrong with any',
  options,
  async work(context, { view }, { of }) {
    const nowMs = Date.now()
    const summaries = view.kiosks.size === 0 ? [] : kiosksNamed(view, of).map(seen => summaryOf(seen, nowMs))
    for (const summary of summaries) printSummary(context, summary, nowMs)
    const wrong = summaries.filter(({ troubles }) => troubles.length > 0).length
    context.print(`${summaries.length} kiosks, something is wrong with ${wrong}.`)
    return wrong === 0 ? EXIT.ok : EXIT.no
  },
})
