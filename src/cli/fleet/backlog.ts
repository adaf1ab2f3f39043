import { z } from 'zod'
import { ageText, spanText } from '../../fleet/age.ts'
import {
  type Backlog,
  backlogBy,
  backlogKinds,
  type Drain,
  drainOf,
  wholeBacklog,
} from '../../fleet/backlog.ts'
import { EXIT } from '../exit-code.ts'
import { lapseText } from '../lapse-text.ts'
import { fleetCommand, fleetOptions } from './open-fleet.ts'

const options = z.strictObject({
  ...fleetOptions,
  by: z.enum(backlogKinds).optional().meta({ doc: 'Also one line for each of these.' }),
})

export const fleetBacklog = fleetCommand({
  name: 'fleet backlog',
  summary:
    'How many records wait at kiosks and at the centre, since when, and how long until they are through',
  options,
  async work({ print }, { view }, { by }) {
    const nowMs = Date.now()
    const { kiosks, abis } = view
    for (const { name, ...backlog } of by === undefined ? [] : backlogBy(by, kiosks, abis))
      print({ [by as string]: name, ...backlog }, `${name || '(not said)'}  ${words(backlog, nowMs)}`)
    const whole = wholeBacklog(kiosks, abis)
    const drain = drainOf(whole, abis)
    const lapses = abis.flatMap(each => each.lapses.map(lapse => ({ abis: each.abis, ...lapse })))
    print(
      { kiosks: kiosks.size, ...whole, ...drain, lapses },
      [`all  ${words(whole, nowMs)}`, drainText(drain)].join('\n'),
    )
    for (const lapse of lapses) print(lapseText(lapse))
    if (abis.length === 0) print('No ABIS has told the broker how it is.')
    return EXIT.ok
  },
})

function words(backlog: Backlog, nowMs: number): string {
  const { atKiosk, atCentral, adjudicate, printReady, duplicate, failed, missing, oldestAt } = backlog
  return [
    `${atKiosk} at kiosks`,
    `${atCentral} to search`,
    `${adjudicate} to adjudicate`,
    `${printReady} print-ready`,
    `${duplicate} duplicate`,
    `${failed} failed`,
    ...(missing > 0 ? [`${missing} numbers missing`] : []),
    ...(oldestAt === undefined ? [] : [`oldest ${ageText(oldestAt, nowMs)}`]),
  ].join(', ')
}

function drainText({ waiting, perSecond, seconds, licensedPerSecond, licensedSeconds }: Drain): string {
  const text = (span: number | undefined) => (span === undefined ? 'never' : spanText(span))
  const now = `${waiting} wait: at today's ${perSecond} a second through in ${text(seconds)}`
  if (licensedPerSecond === undefined) return now
  return `${now}, at the licensed ${licensedPerSecond.toFixed(1)} in ${text(licensedSeconds)}`
}
