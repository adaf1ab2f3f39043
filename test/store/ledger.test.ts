/**
 * Goal: the ledger of settled numbers stays short however long a kiosk lives, and proves as much as before.
 * Method: settle, sweep, and look at what is left on the disk; then damage it, and do what only its ids could tell.
 */
import t from 'tap'
import type { KioskRecord } from '../../src/record/record.ts'
import { keyOf, under } from '../../src/store/layout.ts'
import type { KioskStore } from '../../src/store/store.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { enrolment, openTestStore, PluggedDisk, receiptFor, sealEvent } from './fixture.ts'

const DAY_MS = 24 * 3_600_000
const retention = { templatesMsMax: 900 * DAY_MS, receiptedMsMax: 14 * DAY_MS, galleryFingersMax: 10_000 }

async function enrolled(store: KioskStore, count: number): Promise<KioskRecord[]> {
  const records = []
  for (let made = 0; made < count; made++) records.push(await store.enrol(enrolment({ fingers: 0 })))
  await store.outbox.markPublished(records.map(({ id }) => id))
  return records
}

/** The numbers that have an entry of their own. */
function entriesOn({ database }: PluggedDisk): number[] {
  const { from, to } = under('settled/')
  return database.slice(from, to).map(({ key }) => Number(key.slice(from.length)))
}

function flip({ database }: PluggedDisk, key: string): void {
  const stored = database.get(key)?.slice()
  if (!stored) throw new Error(`nothing under ${key}`)
  stored[stored.length >> 1] ^= 4
  database.put(key, stored)
}

/** Six numbers, all but the third and the last settled and beyond their time. */
async function trimmed() {
  const clock = new ManualClock()
  const disk = new PluggedDisk()
  const store = await openTestStore(disk, { clock })
  const records = await enrolled(store, 6)
  for (const index of [0, 1, 3, 4]) await store.outbox.settle(receiptFor(records[index]))
  await clock.advance(15 * DAY_MS)
  await store.sweep(retention)
  return { clock, disk, store, records }
}

t.test('its beginning becomes one number', async t => {
  const { clock, disk, store, records } = await trimmed()
  t.same(entriesOn(disk), [4, 5], 'up to the first that is not settled')
  await store.close()
  const again = await openTestStore(disk, { clock })
  t.same(again.auditFindings, [])
  t.equal((await again.enrol(enrolment())).sequence, 7)
  await again.outbox.settle(receiptFor(records[0]))
  t.same(entriesOn(disk), [4, 5], 'a receipt that comes again brings nothing back')
  await again.outbox.settle(receiptFor(records[2]))
  await clock.advance(15 * DAY_MS)
  await again.sweep(retention)
  t.same(entriesOn(disk), [])
  await again.close()
  t.same((await openTestStore(disk)).auditFindings, [])
})

t.test('more than one commit takes', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const records = await enrolled(store, 600)
  await Promise.all(records.map(record => store.outbox.settle(receiptFor(record))))
  await store.sweep({ ...retention, receiptedMsMax: -1 })
  t.same(entriesOn(disk), [])
  await store.close()
  t.same((await openTestStore(disk)).auditFindings, [])
})

t.test('what an ABIS may lose stays in it, and comes again', async t => {
  const clock = new ManualClock()
  const disk = new PluggedDisk()
  const store = await openTestStore(disk, { clock })
  const records = await enrolled(store, 3)
  await store.outbox.settle(receiptFor(records[0]))
  await clock.advance(13 * DAY_MS)
  for (const record of records.slice(1)) await store.outbox.settle(receiptFor(record))
  await clock.advance(2 * DAY_MS)
  await store.sweep(retention)
  t.same(entriesOn(disk), [2, 3])
  await store.outbox.settle({ ...receiptFor(records[2]), restoredAt: '2026-02-01T00:00:00.000Z' })
  t.equal(await store.outbox.requeueLost(9), 2)
  t.same(
    (await store.outbox.peek(9)).map(({ sequence }) => sequence),
    [2, 3],
  )
  await store.sweep(retention)
  await store.close()
  t.same((await openTestStore(disk)).auditFindings, [])
})

t.test('one copy of its beginning is damaged, then both', async t => {
  const { disk, store } = await trimmed()
  await store.close()
  const [first, second] = keyOf.ledgerStarts
  flip(disk, second)
  const one = await openTestStore(disk)
  t.same(one.auditFindings, [{ kind: 'value-corrupt' }], 'reported, and the other serves')
  await one.close()
  flip(disk, first)
  const none = await openTestStore(disk)
  const missing = [1, 2].map(sequence => ({ kind: 'sequence-missing', sequence }))
  t.same(none.auditFindings, [{ kind: 'value-corrupt' }, ...missing])
})

t.test('a submission under a number of its beginning is not sent', async t => {
  const { disk, store, records } = await trimmed()
  await store.close()
  // As a table that should have been deleted brings it back.
  const fresh = new PluggedDisk()
  const other = await openTestStore(fresh)
  await other.enrol(enrolment({ id: records[1].id }))
  await other.enrol(enrolment({ id: records[0].id }))
  await other.close()
  const { sequence, id } = records[1]
  const body = fresh.database.get(keyOf.body(1, id))
  if (body) disk.database.put(keyOf.body(sequence, id), body)
  const again = await openTestStore(disk)
  t.match(again.auditFindings, [{ kind: 'value-corrupt', sequence, id }])
  t.notOk((await again.outbox.peek(9)).some(entry => entry.id === id))
})

t.test('a withdrawal of one that another superseded reaches the ABIS that has it', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const sent = await store.enrol(enrolment({ person: 7 }))
  await store.outbox.markPublished([sent.id])
  await store.outbox.settle(receiptFor(sent))
  const next = await store.enrol(enrolment({ person: 7 }))
  const last = await store.enrol(enrolment({ person: 7 }))
  await store.sweep({ ...retention, receiptedMsMax: -1 })
  t.same(entriesOn(disk), [])
  await store.withdraw(next.id, 'operator', sealEvent)
  t.equal(store.events.count, 0, 'one that was replaced before it left is unknown there')
  await store.withdraw(sent.id, 'operator', sealEvent)
  t.equal(store.events.count, 1)
  t.equal(last.sequence, 2)
})
