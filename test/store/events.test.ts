/**
 * Goal: what happened to a record reaches the ABIS as surely as the record: kept through a cut, in the
 * batch of what it tells of, forgotten by its own receipt only.
 */
import t from 'tap'
import type { RecordEvent } from '../../src/record/submission.ts'
import { enrolment, openTestStore, PluggedDisk, receiptFor, sealEvent } from './fixture.ts'

t.test('kept until its own receipt, also over a cut', async t => {
  const disk = new PluggedDisk()
  let store = await openTestStore(disk)
  const record = await store.enrol(enrolment())
  await store.outbox.markPublished([record.id])
  await store.withdraw(record.id, 'operator', sealEvent)
  await store.withdraw(record.id, 'operator', sealEvent)
  t.equal(store.events.count, 1, 'said once')
  t.same(await store.events.peek(9), [], 'not before the ABIS knows the record')
  await store.outbox.settle(receiptFor(record))
  const [event] = await store.events.peek(9)
  t.equal(event.id, record.id)
  await store.close()

  store = await openTestStore(disk)
  t.same(store.auditFindings, [])
  t.same(await store.events.peek(9), [event])
  await store.outbox.settle(receiptFor(record))
  t.equal(store.events.count, 1, "the submission's receipt is not the event's")
  t.same(await store.awaitingOutcome({ beforeMs: Number.MAX_SAFE_INTEGER, limit: 9 }), [])
  await store.outbox.settle({ ...receiptFor(record), sha256: event.sha256 })
  t.equal(store.events.count, 0)
  await store.close()
  t.equal((await openTestStore(disk)).events.count, 0)
})

t.test('its receipt may be repeated, also at the same moment', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const record = await store.enrol(enrolment())
  await store.outbox.markPublished([record.id])
  await store.outbox.settle(receiptFor(record))
  await store.withdraw(record.id, 'operator', sealEvent)
  const [{ sha256 }] = await store.events.peek(9)
  const receipt = { ...receiptFor(record), sha256 }
  await Promise.all([store.outbox.settle(receipt), store.outbox.settle(receipt)])
  await store.outbox.settle(receipt)
  t.equal(store.events.count, 0)
  await t.rejects(store.outbox.settle({ ...receipt, sha256: 'a'.repeat(64) }), { code: 'outbox/other-hash' })
})

t.test('what never left says which number will not come', async t => {
  const store = await openTestStore()
  const record = await store.enrol(enrolment())
  let told: RecordEvent | undefined
  await store.withdraw(record.id, 'operator', event => {
    told = event
    return sealEvent()
  })
  t.match(told, { event: 'consent-withdrawn', number: { sequence: 1, bootEpoch: store.bootEpoch } })
  t.equal((await store.events.peek(9)).length, 1)
})

t.test('several at once keep their order', async t => {
  const store = await openTestStore()
  const records = await Promise.all([1, 2, 3].map(() => store.enrol(enrolment())))
  await Promise.all(records.map(({ id }) => store.withdraw(id, 'operator', sealEvent)))
  t.same(
    (await store.events.peek(9)).map(({ id, number }) => [number, id]),
    records.map(({ id }, index) => [index + 1, id]),
  )
})

t.test('a seal that fails withdraws nothing', async t => {
  const store = await openTestStore()
  const record = await store.enrol(enrolment())
  await t.rejects(store.withdraw(record.id, 'operator', () => Promise.reject(new Error('no key'))))
  t.equal(store.outbox.count, 1)
  t.equal(store.events.count, 0)
})

t.test('a damaged event is told and kept', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const record = await store.enrol(enrolment())
  await store.withdraw(record.id, 'operator', sealEvent)
  await store.close()
  const key = `event/${'1'.padStart(16, '0')}/${record.id}`
  const stored = disk.database.get(key) as Uint8Array
  stored[20] ^= 1
  const reopened = await openTestStore(disk)
  t.same(reopened.auditFindings, [{ kind: 'value-corrupt', id: record.id }])
  t.ok(disk.database.get(key))
})
