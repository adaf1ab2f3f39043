/**
 * Goal: an ABIS that was set back to a backup gets again what it lost, once; an old receipt is never taken for
 * such news; what is kept for it stays within its limits, and ends with the consent.
 */
import t from 'tap'
import type { Receipt } from '../../src/record/submission.ts'
import type { KioskStore } from '../../src/store/store.ts'
import { ManualClock } from '../support/manual-clock.ts'
import {
  enrolment,
  limits,
  openTestStore,
  outcomeFor,
  PluggedDisk,
  receiptFor,
  sealEvent,
} from './fixture.ts'

const DAY_MS = 24 * 3_600_000
const retention = { templatesMsMax: 30 * DAY_MS, receiptedMsMax: 14 * DAY_MS, galleryFingersMax: 100 }
const RESTORED_AT = '2026-01-05T00:00:00.000Z'

/** So many are enrolled and receipted in order, a minute apart. */
async function receiptedStore(count: number, disk = new PluggedDisk(), parts = {}) {
  const store = await openTestStore(disk, parts)
  const records = []
  for (let number = 1; number <= count; number++) {
    const record = await store.enrol(enrolment())
    await store.outbox.markPublished([record.id])
    await store.outbox.settle(receipt(record, number))
    records.push(record)
  }
  return { store, records, disk }
}

function receipt(
  record: Parameters<typeof receiptFor>[0],
  highestContiguous: number,
  also: Partial<Receipt> = {},
): Receipt {
  const receivedAt = `2026-01-02T00:${String(highestContiguous).padStart(2, '0')}:00.000Z`
  return { ...receiptFor(record), receivedAt, highestContiguous, ...also }
}

async function requeueAll(store: KioskStore, limit = 3): Promise<number[]> {
  while ((await store.outbox.requeueLost(limit)) > 0);
  return (await store.outbox.peek(100)).map(({ sequence }) => sequence)
}

t.test('told by the ABIS itself, to a kiosk that sends nothing', async t => {
  const { store, records, disk } = await receiptedStore(8)
  t.same(await requeueAll(store), [])
  const before = await store.record(records[5].id)
  await store.outbox.settle(receipt(records[3], 4, { restoredAt: RESTORED_AT }))
  t.equal(await store.outbox.requeueLost(3), 3)
  await store.close()

  const again = await openTestStore(disk)
  t.same(again.auditFindings, [])
  t.same(await requeueAll(again), [5, 6, 7, 8], 'also where the power went in between')
  const entry = await again.outbox.get(records[5].id)
  t.equal(entry?.sha256, records[5].sha256)
  t.equal(entry?.published, true, 'so that nothing may take its number')
  t.same(await again.record(records[5].id), before, 'the citizen sees no difference')
  for (const record of records.slice(4))
    await again.outbox.settle(receipt(record, record.sequence, { restoredAt: RESTORED_AT }))
  t.same(await requeueAll(again), [], 'once')
  t.same((await again.record(records[5].id))?.history, before?.history)
  await again.outbox.settle(receipt(records[3], 4, { restoredAt: '2026-01-06T00:00:00.000Z' }))
  t.same(await requeueAll(again), [5, 6, 7, 8], 'and a second time')
})

t.test('seen in the numbers of a receipt that is newer', async t => {
  const { store, records } = await receiptedStore(6)
  const next = await store.enrol(enrolment())
  await store.outbox.settle({ ...receipt(next, 2), receivedAt: '2026-01-06T00:00:00.000Z' })
  t.same(await requeueAll(store), [3, 4, 5, 6, 7])
  t.equal((await store.record(records[0].id))?.status, 'RECEIVED_AT_CENTRAL')
})

t.test('old receipts, late or again, are no news', async t => {
  const { store, records } = await receiptedStore(6)
  await store.outbox.settle(receipt(records[0], 1))
  t.same(await requeueAll(store), [])
  await store.outbox.settle(receipt(records[3], 4, { restoredAt: RESTORED_AT }))
  t.same(await requeueAll(store), [5, 6])
  for (const record of records.slice(4))
    await store.outbox.settle(receipt(record, record.sequence, { restoredAt: RESTORED_AT }))
  await store.outbox.settle(receipt(records[3], 4, { restoredAt: RESTORED_AT }))
  t.same(await requeueAll(store), [], 'of the same restore')
  // On its way when the ABIS was set back: what it received then is lost to it.
  const next = await store.enrol(enrolment())
  for (const restoredAt of [undefined, '2026-01-04T00:00:00.000Z'])
    await t.rejects(store.outbox.settle(receipt(next, 7, { restoredAt })), { code: 'outbox/stale-receipt' })
  t.equal(store.outbox.count, 1)
  t.same(await requeueAll(store), [7])
})

t.test('a withdrawal is told again, and what was withdrawn is not sent again', async t => {
  const { store, records, disk } = await receiptedStore(3)
  await store.withdraw(records[1].id, 'operator', sealEvent)
  const [event] = await store.events.peek(9)
  await store.outbox.settle({ ...receipt(records[1], 3), sha256: event.sha256 })
  t.equal(store.events.count, 0)
  await store.outbox.settle(receipt(records[0], 1, { restoredAt: RESTORED_AT }))
  t.same(await requeueAll(store, 50), [3])
  t.equal(store.events.count, 1)
  const [told] = await store.events.peek(9)
  t.same(told.body, event.body)
  await store.close()
  t.same((await openTestStore(disk)).auditFindings, [])
})

t.test('an outcome that the restored ABIS finds anew is taken', async t => {
  const { store, records } = await receiptedStore(2)
  await store.applyOutcome(outcomeFor(records[1]))
  await store.outbox.settle(receipt(records[0], 1, { restoredAt: RESTORED_AT }))
  t.same(await requeueAll(store), [2])
  await store.outbox.settle(receipt(records[1], 2, { restoredAt: RESTORED_AT }))
  t.equal(await store.applyOutcome(outcomeFor(records[1], { seq: 1_767_571_201 })), true)
  t.equal((await store.record(records[1].id))?.status, 'PRINT_READY_RECORD')
})

t.test('only for a while, only so many bytes, and not where the disk is needed', async t => {
  const clock = new ManualClock()
  const lose = (records: readonly Parameters<typeof receiptFor>[0][]) =>
    receipt(records[0], 0, { restoredAt: RESTORED_AT })
  {
    const { store, records } = await receiptedStore(4, new PluggedDisk(), { clock })
    await store.sweep(retention)
    await clock.advance(13 * DAY_MS)
    const late = await store.enrol(enrolment())
    await store.outbox.settle(receipt(late, 5))
    await clock.advance(1.5 * DAY_MS)
    await store.sweep(retention)
    await store.outbox.settle(lose(records))
    t.same(await requeueAll(store), [5])
  }
  {
    const { store, records } = await receiptedStore(10, new PluggedDisk(), {
      limits: { ...limits, receiptedBytesMax: 3 * 600 },
    })
    await store.outbox.settle(lose(records))
    t.same(await requeueAll(store), [8, 9, 10], 'the newest')
  }
  {
    let freeBytes = 1e12
    const { store, records } = await receiptedStore(4, new PluggedDisk(), {
      freeBytes: async () => freeBytes,
      limits: { ...limits, freeBytesMin: 1e6 },
    })
    freeBytes = 0
    await store.sweep(retention)
    freeBytes = 1e12
    await store.outbox.settle(lose(records))
    t.same(await requeueAll(store), [])
  }
})

t.test('a cut at any point of losing and sending again loses nothing', async t => {
  for (let cutAt = 0; ; cutAt++) {
    const { store, records, disk } = await receiptedStore(3)
    await store.close()
    const cut = await openTestStore(disk, { cutAt }).catch(() => undefined)
    const settled = cut?.outbox.settle(receipt(records[0], 1, { restoredAt: RESTORED_AT }))
    const went = await settled?.then(
      () =>
        cut?.outbox.requeueLost(9).then(
          () => true,
          () => false,
        ),
      () => false,
    )
    await cut?.close()
    const after = await openTestStore(disk)
    t.same(after.auditFindings, [], `cut at ${cutAt}`)
    await after.outbox.settle(receipt(records[0], 1, { restoredAt: RESTORED_AT }))
    t.same(await requeueAll(after), [2, 3], `cut at ${cutAt}`)
    await after.close()
    if (went) break
  }
})

t.test('consent that is withdrawn in the commit that would send it again', async t => {
  const { store, records } = await receiptedStore(2)
  await store.outbox.settle(receipt(records[0], 0, { restoredAt: RESTORED_AT }))
  await Promise.all([store.withdraw(records[1].id, 'operator', sealEvent), store.outbox.requeueLost(9)])
  t.same(
    (await store.outbox.peek(9)).map(({ id }) => id),
    [records[0].id],
  )
})
