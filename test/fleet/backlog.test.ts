/** Goal: everybody who waits is counted once, wherever they wait, and it is said how long it takes. */
import t from 'tap'
import { spanText } from '../../src/fleet/age.ts'
import { backlogBy, drainOf, wholeBacklog } from '../../src/fleet/backlog.ts'
import { abisStatusSchema } from '../../src/record/abis-status.ts'
import { ago, kioskThatSaid, state, telemetry } from './kiosk-words.ts'

const outbox = (waiting: number, setAside = 0, oldestAt?: string) => ({
  telemetry: { ...telemetry, outbox: { waiting, events: 0, setAside, oldestAt } },
})
const kiosks = new Map(
  [
    kioskThatSaid('kiosk-1', { state, ...outbox(3, 1, ago(50)) }),
    kioskThatSaid('kiosk-2', { state, ...outbox(0) }),
    kioskThatSaid('kiosk-3', { state: { ...state, site: 'Mal Bandung', province: '32' } }),
  ].map(seen => [seen.kiosk, seen] as const),
)
const abis = abisStatusSchema.parse({
  abis: 'abis-1',
  received: 30,
  sfe: 16,
  prr: 10,
  duplicate: 2,
  adjudicate: 1,
  failed: 1,
  perSecond: 0.5,
  byKiosk: {
    'kiosk-1': { received: 20, sfe: 10, prr: 10, missing: 2, oldestSfeAt: ago(100) },
    'kiosk-3': {
      received: 9,
      sfe: 5,
      duplicate: 2,
      adjudicate: 1,
      failed: 1,
      missing: 0,
      oldestSfeAt: ago(500),
    },
    'kiosk-9': { received: 1, sfe: 1, missing: 0, oldestSfeAt: ago(10) },
  },
})

t.test('by kiosk, who has waited longest first', async t => {
  const rows = backlogBy('kiosk', kiosks, [abis])
  t.same(
    rows.map(({ name }) => name),
    ['kiosk-3', 'kiosk-1', 'kiosk-9', 'kiosk-2'],
  )
  t.match(rows[1], { atKiosk: 4, atCentral: 10, printReady: 10, missing: 2, oldestAt: ago(100) })
  t.match(rows[3], { atKiosk: 0, atCentral: 0, oldestAt: undefined })
})

t.test('by province; a kiosk that nobody has heard of stands under no name', async t => {
  t.match(backlogBy('province', kiosks, [abis]), [
    { name: '32', atKiosk: 0, atCentral: 5, duplicate: 2, adjudicate: 1, failed: 1, oldestAt: ago(500) },
    { name: '74', atKiosk: 4, atCentral: 10, oldestAt: ago(100) },
    { name: '', atCentral: 1 },
  ])
  t.same(
    backlogBy('site', kiosks, [abis]).map(({ name }) => name),
    ['Mal Bandung', 'Kantor Dukcapil Kendari', ''],
  )
})

t.test('the whole of it, and how long it takes', async t => {
  const whole = wholeBacklog(kiosks, [abis])
  t.match(whole, { atKiosk: 4, atCentral: 16, adjudicate: 1, printReady: 10, missing: 2 })
  t.same(drainOf(whole, [abis]), { waiting: 20, perSecond: 0.5, seconds: 40 })
  const licence = { unit: 'records', perSecond: 4, until: '2027-01-01', recordsPerSecond: 4 } as const
  t.match(drainOf(whole, [{ ...abis, licence }]), { seconds: 40, licensedPerSecond: 4, licensedSeconds: 5 })
  const lapsed = [{ what: 'licence', until: ago(10), level: 'lapsed' } as const]
  t.same(drainOf(whole, [{ ...abis, licence, lapses: lapsed, perSecond: 0 }]), {
    waiting: 20,
    perSecond: 0,
    licensedPerSecond: 0,
  })
  t.match(drainOf({ ...whole, atKiosk: 0, atCentral: 0 }, []), { waiting: 0, seconds: 0 })
})

t.test('spans for people', async t => {
  t.same(
    [0, 59, 60, 3_600, 3_661, 100_000, 10_000_000].map(seconds => spanText(seconds)),
    ['0 s', '59 s', '1 min', '1 h', '1 h 1 min', '1 d 3 h', '115 d 17 h'],
  )
})
