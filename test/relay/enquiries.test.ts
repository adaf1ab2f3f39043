/**
 * Goal: a person asks at one kiosk for what another one recorded, and gets the centre's answer, or hears in time that
 * there is none.
 * Method: the whole ABIS, and two kiosks on a broker in memory, without cryptography; time moved by hand.
 */
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import { startAbis } from '../../src/abis/abis.ts'
import { KioskError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { openMemoryKv } from '../../src/kv/memory.ts'
import { MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { recordStatusOfAnswer } from '../../src/record/record-status.ts'
import { Enquiries } from '../../src/relay/enquiries.ts'
import { nik } from '../store/fixture.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { plainSeals } from '../support/plain-seal.ts'

const { signal } = new AbortController()

async function world(t: Test, { hasCentre = true } = {}) {
  const clock = new ManualClock(Date.UTC(2026, 10, 29))
  const memory = new MemoryBroker({ clock, random: () => 0.5 })
  const [maker, asker] = ['kiosk-1', 'kiosk-2'].map(kiosk => ({
    ...plainSeals(kiosk, 'abis-1'),
    broker: memory.connect(kiosk),
  }))
  const centre = memory.connect('abis-1')
  const abis = hasCentre
    ? await startAbis({ broker: centre, kv: openMemoryKv(), seal: maker.abisSeal, clock, log: silentLog })
    : undefined
  const enquiries = new Enquiries({ broker: asker.broker, seal: asker.kioskSeal, clock })
  await asker.broker.subscribe(kioskTopic('kiosk-2', 'outcome'), async ({ body }) => {
    const told = await asker.kioskSeal.openOutcome(body)
    if ('question' in told) enquiries.answered(told)
  })
  await clock.advance(2_000)
  t.teardown(() =>
    clock.finish(
      (async () => {
        await abis?.stop()
        await Promise.all([maker, asker].map(({ broker }) => broker.close()))
        await centre.close()
      })(),
    ),
  )
  /** What comes of a question within 20 s. */
  const ask = async (id: string, asked = signal) => {
    const answer = enquiries
      .ask(id, asked)
      .then(recordStatusOfAnswer, (error: Error) => (error instanceof KioskError ? error.code : error.name))
    await clock.advance(20_000)
    return await answer
  }
  return { clock, memory, maker, asker, ask, enquiries }
}

t.test('another kiosk’s record: where it stands and since when, and not why', async t => {
  const { clock, maker, ask } = await world(t)
  const at = new Date(clock.nowMs()).toISOString()
  const submission = (id: string, sequence: number) => ({
    id,
    kiosk: 'kiosk-1',
    sequence,
    bootEpoch: 'epoch-one',
    modality: 'finger' as const,
    nik: nik(1),
    capturedAt: at,
    consent: { at, version: '1', language: 'id' as const },
    fingers: [{ position: 2, exception: 'missing' as const }],
    hints: [],
  })
  const id = v7({ msecs: clock.nowMs() })
  const { body } = await maker.kioskSeal.sealSubmission(submission(id, 1))
  await maker.broker.publish({ topic: kioskTopic('kiosk-1', 'submission'), body, qos: 1 })
  await clock.advance(5_000)
  const record = await ask(id)
  if (typeof record !== 'object') throw new Error(`${record}`)
  t.same(
    record.history.slice(0, 2).map(({ status }) => status),
    ['BIO_CAPTURED', 'RECEIVED_AT_CENTRAL'],
  )
  t.equal(record.history.length, 3, 'and its outcome')
  t.equal(record.status, record.history[2].status)
  t.same(Object.keys(record).sort(), ['history', 'status'])
  t.equal(await ask(v7({ msecs: clock.nowMs() })), undefined, 'nobody recorded that')
})

t.test('a centre that is silent, or away, or a person who went', async t => {
  const { ask, enquiries, asker, clock } = await world(t, { hasCentre: false })
  const id = v7({ msecs: clock.nowMs() })
  t.equal(await ask(id), 'abis/unavailable')
  const left = new AbortController()
  const leaving = ask(id, left.signal)
  left.abort()
  t.equal(await leaving, 'AbortError')
  const many = Array.from({ length: 8 }, () => enquiries.ask(id, signal).catch(({ code }) => code))
  await clock.advance(0)
  t.equal(await ask(id), 'abis/unavailable')
  t.same(await Promise.all(many), Array(8).fill('abis/unavailable'))
  enquiries.answered({ id, question: 'one that nobody asked', known: false })
  await clock.finish(asker.broker.close())
  t.equal(await ask(id), 'broker/offline')
})
