/**
 * Goal: no outcome is forgotten on its way out, nothing that a broker refuses keeps others waiting, and what the ABIS
 * searches is what its disk holds, also after a write that failed and was made all the same.
 * Method: the whole ABIS on a broker that does as the test says, and on a disk that does too.
 */

import t, { type Test } from 'tap'
import { startAbis } from '../../src/abis/abis.ts'
import { type AbisRecord, decodeValue, encodeValue, keyOf } from '../../src/abis/layout.ts'
import type { PrintSpool, SpooledJob } from '../../src/abis/print-spool.ts'
import { Printing } from '../../src/abis/printing.ts'
import { KioskError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { writeInterchange } from '../../src/finger/template/interchange.ts'
import { withoutTag, withTag } from '../../src/kv/integrity.ts'
import { MemoryDisk, type MemoryFaults, openMemoryKv } from '../../src/kv/memory.ts'
import type { Broker, Handler, Message } from '../../src/mqtt/broker.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import type { Outcome, Submission } from '../../src/record/submission.ts'
import { fingerOf } from '../relay/world.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { plainSeals } from '../support/plain-seal.ts'
import { fingerless } from './fixture.ts'

const KIOSK = 'kiosk-1'
const { kioskSeal, abisSeal } = plainSeals(KIOSK, 'abis-1')

/** `publish` does as the test says. */
function testBroker(publish: (message: Message) => Promise<void>) {
  const handlers = new Map<string, Handler>()
  const connection = { receiveMaximum: 64, packetBytesMax: 1e6, sinceMs: 0 }
  const broker: Broker = {
    connection,
    publish: async message => {
      await publish(message)
      return { subscribed: true }
    },
    subscribe: async (filter, handler) => void handlers.set(filter.split('/').at(-1) ?? '', handler),
    onConnection: () => () => {},
    close: async () => {},
  }
  const send = (name: 'submission' | 'record', body: Uint8Array) =>
    handlers.get(name)?.({ topic: kioskTopic(KIOSK, name), body, qos: 1 })
  return { broker, send }
}

async function openCentre(t: Test, publish: (message: Message) => Promise<void> = async () => {}) {
  const clock = new ManualClock()
  const disk = new MemoryDisk()
  const faults: MemoryFaults = {}
  const { broker, send } = testBroker(publish)
  const abis = await startAbis({
    broker,
    kv: openMemoryKv(disk, faults),
    seal: abisSeal,
    clock,
    log: silentLog,
  })
  t.teardown(() => clock.finish(abis.stop()))
  const pass = () => clock.advance(6_000)
  const submit = async (submission: Submission) =>
    clock.finish(Promise.resolve(send('submission', (await kioskSeal.sealSubmission(submission)).body)))
  return { abis, clock, disk, faults, pass, submit, send }
}

/** The same two fingers, of whoever says so. */
function withFingers(sequence: number): Submission {
  const position = 1
  const template = fingerOf(11, sequence)
  const record = writeInterchange({ position, impression: 0, quality: 80, template }, 'iso2005')
  const common = { position, impression: 0, quality: 80, attempts: 1, forced: false }
  return {
    ...fingerless(sequence),
    fingers: [{ ...common, template: Buffer.from(record).toString('base64') }],
  }
}

t.test('an outcome that comes while the one before it is published goes out too', async t => {
  const seqs: number[] = []
  let whilePublishing = async (_: Outcome) => {}
  const { disk, submit, pass } = await openCentre(t, async ({ topic, body }) => {
    if (!topic.endsWith('/outcome')) return
    const outcome = (await kioskSeal.openOutcome(body)) as Outcome
    seqs.push(outcome.seq)
    await whilePublishing(outcome)
  })
  whilePublishing = async ({ id, seq }) => {
    if (seq > 1) return
    // As people, or a printer, bring it about.
    const key = keyOf.record(id)
    const record = decodeValue<AbisRecord>(key, withoutTag(key, disk.get(key) as Uint8Array))
    const next = { ...record, outcome: { ...record.outcome, status: 'CARD_PRINTED', seq: 2 } }
    disk.put(key, withTag(key, encodeValue(next)))
  }
  await submit(fingerless(1))
  await pass()
  t.same(seqs, [1, 2])
  await pass()
  t.same(seqs, [1, 2], 'each once')
})

t.test('a verdict whose write failed and was made all the same is searched among', async t => {
  const { abis, faults, submit, pass } = await openCentre(t)
  let commits = 0
  faults.afterCommit = () => {
    if (++commits === 2) throw new KioskError('kv/io')
  }
  await submit(withFingers(1))
  await pass()
  t.match(abis.counts, { prr: 1, sfe: 0 })
  await submit(withFingers(2))
  await pass()
  t.match(abis.counts, { prr: 1, duplicate: 1 })
})

t.test('a withdrawal whose write failed and was made all the same is not searched among', async t => {
  const { abis, clock, faults, submit, send, pass } = await openCentre(t)
  const first = withFingers(1)
  await submit(first)
  await pass()
  faults.afterCommit = () => Promise.reject(new KioskError('kv/io'))
  const at = '2026-01-02T00:00:00.000Z'
  const { body } = await kioskSeal.sealRecordEvent({ id: first.id, event: 'consent-withdrawn', at })
  await t.rejects(clock.finish(Promise.resolve(send('record', body))), { code: 'kv/io' })
  faults.afterCommit = undefined
  await clock.finish(Promise.resolve(send('record', body)))
  await submit(withFingers(2))
  await pass()
  t.match(abis.counts, { prr: 2, duplicate: 0 })
})

t.test('nobody decides on a record whose consent was withdrawn', async t => {
  const { abis, clock, submit, send, pass } = await openCentre(t)
  const record = fingerless(1)
  await submit(record)
  await pass()
  t.match(abis.counts, { adjudicate: 1, oldestAdjudicateAt: String })
  const at = '2026-01-02T00:00:00.000Z'
  const { body } = await kioskSeal.sealRecordEvent({ id: record.id, event: 'consent-withdrawn', at })
  await clock.finish(Promise.resolve(send('record', body)))
  t.equal(abis.counts.oldestAdjudicateAt, undefined)
})

t.test('a print job that the broker refuses keeps no other from its kiosk', async t => {
  const clock = new ManualClock()
  const job = (name: string): SpooledJob => ({ kiosk: KIOSK, job: name, id: 'id', kind: 'card' })
  const sent: string[] = []
  const cards: string[] = []
  const spool = {
    waiting: async () => [job('large'), job('small')],
    body: async ({ job }: SpooledJob) => Buffer.from(job),
  } as unknown as PrintSpool
  const { broker } = testBroker(async ({ body }) => {
    sent.push(Buffer.from(body).toString())
    if (sent.at(-1) === 'large') throw new KioskError('broker/too-large')
  })
  const printing = new Printing({
    broker,
    seal: abisSeal,
    clock,
    log: silentLog,
    spool,
    cardSent: async ({ job }) => void cards.push(job),
  })
  const { signal } = new AbortController()
  await printing.send(signal)
  await printing.send(signal)
  t.same(sent, ['large', 'small'], 'each once')
  t.same(cards, ['small'])
  await clock.advance(3_600_000)
  await printing.send(signal)
  t.same(sent.slice(2), ['large', 'small'], 'and again after an hour')
})
