/**
 * Goal: with a licence the ABIS searches no faster than it may and not after its end, loses nothing meanwhile, and says
 * long before what will end.
 * Method: the whole ABIS on a broker in memory, without cryptography, and a clock that the test moves.
 */

import t, { type Test } from 'tap'
import { startAbis } from '../../src/abis/abis.ts'
import { type Lapsing, type Licence, LicencePace, readLicence } from '../../src/abis/licence.ts'
import { silentLog } from '../../src/base/log.ts'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import { MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { abisStatusTopic, kioskTopic } from '../../src/mqtt/topics.ts'
import { type AbisStatus, abisStatusSchema } from '../../src/record/abis-status.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { plainSeals } from '../support/plain-seal.ts'
import { fingerless } from './fixture.ts'

const DAY_MS = 86_400_000
const noon = Date.UTC(2026, 10, 30, 12)
const day = (days: number) => new Date(noon + days * DAY_MS).toISOString().slice(0, 10)

async function newCentre(
  t: Test,
  options: { licence?: Licence; certificates?: readonly Lapsing[]; disk?: MemoryDisk } = {},
) {
  const { disk = new MemoryDisk(), ...rest } = options
  const clock = new ManualClock(noon)
  const memory = new MemoryBroker({ clock, random: () => 0.5 })
  const { kioskSeal, abisSeal } = plainSeals('kiosk-1', 'abis-1')
  const broker = memory.connect('abis-1')
  const kiosk = memory.connect('kiosk-1')
  const statuses: AbisStatus[] = []
  const outcomes: string[] = []
  await kiosk.subscribe(abisStatusTopic('abis-1'), async ({ body }) => {
    statuses.push(abisStatusSchema.parse(JSON.parse(Buffer.from(body).toString())))
  })
  await kiosk.subscribe(kioskTopic('kiosk-1', 'outcome'), async ({ body }) => {
    outcomes.push((await kioskSeal.openOutcome(body)).id)
  })
  const abis = await startAbis({
    broker,
    kv: openMemoryKv(disk),
    seal: abisSeal,
    clock,
    log: silentLog,
    ...rest,
  })
  await clock.advance(2_000)
  t.teardown(() =>
    clock.finish(
      (async () => {
        await abis.stop()
        await Promise.all([broker.close(), kiosk.close()])
      })(),
    ),
  )
  let sequence = 0
  const submit = async () => {
    const at = new Date(clock.nowMs()).toISOString()
    const { body } = await kioskSeal.sealSubmission(fingerless(++sequence, { at }))
    await clock.finish(kiosk.publish({ topic: kioskTopic('kiosk-1', 'submission'), body, qos: 1 }))
  }
  const last = () => statuses.at(-1) as AbisStatus
  return { abis, clock, disk, submit, statuses, outcomes, last }
}

t.test('one record every ten seconds: verdicts come at that pace, and each as it is made', async t => {
  const licence: Licence = { unit: 'records', perSecond: 0.1, until: day(400) }
  const { clock, submit, outcomes, last } = await newCentre(t, { licence })
  for (let record = 0; record < 4; record++) await submit()
  await clock.advance(5_000)
  t.equal(outcomes.length, 1)
  t.match(last(), {
    received: 4,
    sfe: 3,
    adjudicate: 1,
    oldestSfeAt: /2026-11-30T12:00/,
    oldestAdjudicateAt: /2026-11-30T12:00/,
    byKiosk: { 'kiosk-1': { received: 4, sfe: 3, adjudicate: 1, missing: 0, oldestSfeAt: String } },
    licence: { unit: 'records', perSecond: 0.1, recordsPerSecond: 0.1, until: day(400) },
    lapses: [],
  })
  await clock.advance(10_000)
  t.equal(outcomes.length, 2)
  await clock.advance(20_000)
  t.equal(outcomes.length, 4)
  t.match(last(), { sfe: 0, adjudicate: 4, oldestSfeAt: undefined })
})

t.test('a licence that ended yesterday: receipts, and no verdicts, until there is another', async t => {
  const first = await newCentre(t, { licence: { unit: 'records', perSecond: 100, until: day(-1) } })
  await first.submit()
  await first.clock.advance(60_000)
  t.same(first.outcomes, [])
  t.match(first.last(), { received: 1, sfe: 1, lapses: [{ what: 'licence', level: 'lapsed' }] })
  await first.clock.finish(first.abis.stop())
  const next = await newCentre(t, {
    disk: first.disk,
    licence: { unit: 'records', perSecond: 100, until: day(1) },
  })
  await next.clock.advance(10_000)
  t.equal(next.outcomes.length, 1)
})

t.test('what ends within 90 days is named, the first end first', async t => {
  const { last } = await newCentre(t, {
    licence: { unit: 'comparisons', perSecond: 5_000, until: day(60), maintenanceUntil: day(20) },
    certificates: [
      { whose: 'abis-1', untilMs: noon + 3 * DAY_MS },
      { whose: 'root', untilMs: noon + 3_000 * DAY_MS },
    ],
  })
  t.match(last().lapses, [
    { what: 'certificate', whose: 'abis-1', level: 'urgent' },
    { what: 'maintenance', level: 'warning' },
    { what: 'licence', level: 'notice' },
  ])
  t.equal(last().lapses.length, 3)
  t.equal(last().licence?.recordsPerSecond, 500, 'ten fingers against a gallery that is as good as empty')
})

t.test('the same counts are told again, with another time', async t => {
  const { clock, statuses } = await newCentre(t)
  const before = statuses.length
  await clock.advance(25_000)
  t.equal(statuses.length, before)
  await clock.advance(8_000)
  t.equal(statuses.length, before + 1)
})

t.test('comparisons are paid for one search after the other; a rest is no credit', async t => {
  const clock = new ManualClock(noon)
  const pace = new LicencePace({ unit: 'comparisons', perSecond: 1_000, until: day(1) }, clock)
  const signal = new AbortController().signal
  await clock.advance(3_600_000)
  const waited = async (comparisons: number) => {
    const beforeMs = clock.monotonicMs()
    await clock.finish(pace.turn(comparisons, signal), { stepMs: 1 })
    return clock.monotonicMs() - beforeMs
  }
  t.equal(await waited(1_000), 0)
  t.equal(await waited(2_000), 0, 'the second before was not used')
  t.equal(await waited(500), 2_000)
  t.equal(await waited(1), 500)
})

t.test('a file that is no licence is refused by name', async t => {
  const read = (value: unknown) => () => readLicence(Buffer.from(JSON.stringify(value)))
  t.match(readLicence(Buffer.from('{"unit":"records","perSecond":2,"until":"2027-01-31"}')), { perSecond: 2 })
  t.throws(() => readLicence(Buffer.from('{')), { code: 'config/bad-value' })
  t.throws(read({ unit: 'records', perSecond: 0, until: '2027-01-31' }), /licence\.perSecond/)
  t.throws(read({ unit: 'records', perSecond: 1, until: '31.1.2027' }), /licence\.until/)
})
