import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import type { Kv } from '../../src/kv/kv.ts'
import type { KioskRecord } from '../../src/record/record.ts'
import { ManualClock } from '../support/manual-clock.ts'
import {
  collect,
  dataKey,
  enrolment,
  limits,
  nik,
  openTestStore,
  outcomeFor,
  PluggedDisk,
  receiptFor,
  sealEvent,
  sha256,
  template,
} from './fixture.ts'

const statusesOf = (record: KioskRecord | undefined) => record?.history.map(({ status }) => status)

t.test('an enrolment is kept: record, submission, templates, index and audit entry', async t => {
  const disk = new PluggedDisk()
  let store = await openTestStore(disk)
  const enrolled = enrolment({ person: 1, fingers: 3 })
  const record = await store.enrol(enrolled)
  t.match(record, { id: enrolled.id, sequence: 1, status: 'SENT_FOR_ENROLLMENT', fingersCaptured: 3 })
  t.same(record.history[0], { status: 'BIO_CAPTURED', at: '2026-01-01T07:00:00.000Z' })
  t.same(statusesOf(record), ['BIO_CAPTURED', 'SENT_FOR_ENROLLMENT'])
  await store.close()

  store = await openTestStore(disk)
  t.same(store.auditFindings, [])
  t.same(await store.record(enrolled.id), record)
  t.same(await store.recordsOf(nik(1)), [record])
  t.same(await store.recordsOf(nik(2)), [])
  const [entry] = await store.outbox.peek(10)
  t.match(entry, { id: enrolled.id, sequence: 1, published: false, sha256: sha256(enrolled.sealed()) })
  t.same(Buffer.from(entry.body), enrolled.sealed())
  t.equal(store.outbox.count, 1)
  t.equal(store.outbox.bytes, entry.body.length)
  const gallery = await collect(store.gallery())
  t.same(
    gallery.map(({ position }) => position),
    [1, 2, 3],
  )
  t.same(gallery[1].template.xPx, template(11).xPx)
  t.match(await collect(store.auditLog()), [{ entry: { what: 'enrolled', id: enrolled.id }, intact: true }])
  await store.close()
})

t.test('sequence numbers grow by one, also for enrolments at the same moment', async t => {
  const store = await openTestStore()
  const records = await Promise.all(Array.from({ length: 150 }, () => store.enrol(enrolment())))
  t.same(
    records.map(({ sequence }) => sequence),
    Array.from({ length: 150 }, (_, index) => index + 1),
  )
  const peeked = await store.outbox.peek(150)
  t.same(
    peeked.map(({ sequence }) => sequence),
    records.map(({ sequence }) => sequence),
  )
  t.same(
    (await store.outbox.peek(2, 100)).map(({ sequence }) => sequence),
    [101, 102],
  )
})

t.test('a seal that fails costs no number and leaves nothing', async t => {
  const store = await openTestStore()
  const failing = enrolment({
    person: 5,
    onSeal: () => {
      throw new Error('no key')
    },
  })
  const [refused, kept] = await Promise.allSettled([store.enrol(failing), store.enrol(enrolment())])
  t.equal(refused.status, 'rejected')
  t.match(kept, { status: 'fulfilled', value: { sequence: 1 } })
  t.same(await store.recordsOf(nik(5)), [])
  t.equal(await store.record(failing.id), undefined)
})

t.test('the same enrolment asked for again is the same record', async t => {
  const store = await openTestStore()
  const once = enrolment()
  t.same(await store.enrol(once), await store.enrol(once))
  t.equal(store.outbox.count, 1)
})

t.test('a repeat of an unpublished submission takes its place and number', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const first = await store.enrol(enrolment({ person: 1, fingers: 4 }))
  const other = await store.enrol(enrolment({ person: 2 }))
  let asked: object = {}
  const repeat = await store.enrol(enrolment({ person: 1, fingers: 1, onSeal: numbers => (asked = numbers) }))
  t.equal(repeat.sequence, first.sequence)
  t.notOk('supersedes' in asked, 'the ABIS never heard of the first')
  t.equal(repeat.supersedes, undefined)
  t.equal((await store.record(first.id))?.supersededBy, repeat.id)
  t.equal(await store.outbox.get(first.id), undefined)
  t.same(
    (await store.outbox.peek(9)).map(({ id }) => id),
    [repeat.id, other.id],
  )
  t.same(
    (await collect(store.gallery())).filter(({ recordId }) => recordId === first.id),
    [],
  )
  t.same(
    (await store.recordsOf(nik(1))).map(({ id }) => id),
    [repeat.id, first.id],
  )
  await store.close()
  const reopened = await openTestStore(disk)
  t.same(reopened.auditFindings, [])
  t.equal(reopened.outbox.count, 2)
})

t.test('a repeat of a published submission supersedes it', async t => {
  const store = await openTestStore()
  const first = await store.enrol(enrolment({ person: 1 }))
  await store.outbox.markPublished([first.id])
  t.equal((await store.outbox.get(first.id))?.published, true)
  const second = await store.enrol(enrolment({ person: 1 }))
  t.match(second, { sequence: 2, supersedes: first.id })
  t.equal((await store.record(first.id))?.supersededBy, second.id)
  t.equal(store.outbox.count, 2)
  let asked: { supersedes?: string } = {}
  const third = await store.enrol(enrolment({ person: 1, onSeal: numbers => (asked = numbers) }))
  t.equal(third.sequence, 2, 'the second was never published')
  t.equal(asked.supersedes, first.id, 'so what it superseded is what the third supersedes')
})

t.test('two enrolments of one NIK at the same moment', async t => {
  const store = await openTestStore()
  const [first, second] = await Promise.all([
    store.enrol(enrolment({ person: 1 })),
    store.enrol(enrolment({ person: 1 })),
  ])
  t.equal(second.sequence, first.sequence)
  t.same(
    (await store.outbox.peek(9)).map(({ id }) => id),
    [second.id],
  )
  t.equal((await store.enrol(enrolment())).sequence, 2)
})

t.test('what was replaced since it was peeked cannot be marked as published', async t => {
  const store = await openTestStore()
  const first = await store.enrol(enrolment({ person: 1 }))
  const other = await store.enrol(enrolment({ person: 2 }))
  await store.enrol(enrolment({ person: 1 }))
  await t.rejects(store.outbox.markPublished([other.id, first.id]), { code: 'store/unknown-record' })
  t.equal((await store.outbox.get(other.id))?.published, false, 'none is marked')
  const racing = Promise.allSettled([
    store.enrol(enrolment({ person: 2 })),
    store.outbox.markPublished([other.id]),
  ])
  t.match(await racing, [{ status: 'fulfilled' }, { status: 'rejected' }])
})

t.test('a receipt settles, moves the record, and may be repeated', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const record = await store.enrol(enrolment())
  const seen: string[] = []
  const stop = store.onRecord(({ status }) => seen.push(status))
  await t.rejects(store.outbox.settle({ ...receiptFor(record), sha256: '0'.repeat(64) }), {
    code: 'outbox/other-hash',
  })
  t.equal(store.outbox.count, 1)
  await Promise.all([store.outbox.settle(receiptFor(record)), store.outbox.settle(receiptFor(record))])
  await store.outbox.settle(receiptFor(record))
  stop()
  t.same(seen, ['RECEIVED_AT_CENTRAL'], 'one change, one call')
  t.equal(store.outbox.count, 0)
  t.equal(store.outbox.bytes, 0)
  t.match(await store.capacity(), { entries: 0, bytes: 0 })
  t.equal((await store.record(record.id))?.status, 'RECEIVED_AT_CENTRAL')
  await t.rejects(store.outbox.settle({ ...receiptFor(record), id: enrolment().id }), {
    code: 'store/unknown-record',
  })
  await store.close()
  const reopened = await openTestStore(disk)
  t.same(reopened.auditFindings, [])
  t.equal((await reopened.enrol(enrolment())).sequence, 2)
})

/**
 * The disk knows of a settlement before memory does. Whoever looks for the body between the two finds none, which is
 * no damage.
 */
t.test('a submission that is settled while it is read is not damaged', async t => {
  const disk = new PluggedDisk()
  const { kv, highWaterMark } = disk.boot()
  let written = () => {}
  let acknowledge = Promise.resolve()
  const late: Kv = {
    ...kv,
    get: key => kv.get(key),
    range: range => kv.range(range),
    close: () => kv.close(),
    async write(changes) {
      await kv.write(changes)
      written()
      await acknowledge
    },
  }
  const store = await openTestStore(disk, { kv: late, highWaterMark })
  const record = await store.enrol(enrolment())
  const other = await store.enrol(enrolment())
  let release = () => {}
  acknowledge = new Promise(resolve => {
    release = resolve
  })
  const onDisk = new Promise<void>(resolve => {
    written = resolve
  })
  const settling = store.outbox.settle(receiptFor(record))
  await onDisk
  const peeking = store.outbox.peek(10)
  const getting = store.outbox.get(record.id)
  await setImmediate()
  release()
  await settling
  t.same(
    (await peeking).map(({ id }) => id),
    [other.id],
  )
  t.equal(await getting, undefined)
  t.same(store.auditFindings, [])
  t.same(await store.outbox.setAsideList(), [])
  await store.close()
})

t.test('set aside: out of the way, its bytes kept, and back again', async t => {
  const disk = new PluggedDisk()
  let store = await openTestStore(disk)
  const [stuck, next] = await Promise.all([store.enrol(enrolment()), store.enrol(enrolment())])
  await store.outbox.setAside(stuck.id, 'broker/too-large')
  await store.outbox.setAside(stuck.id, 'broker/too-large')
  t.equal((await store.record(stuck.id))?.setAside, 'broker/too-large')
  await store.close()
  store = await openTestStore(disk)
  t.same(store.auditFindings, [])
  t.equal(store.outbox.count, 1)
  t.same(
    (await store.outbox.peek(9)).map(({ id }) => id),
    [next.id],
  )
  t.same(await store.outbox.setAsideList(), [{ id: stuck.id, sequence: 1, reason: 'broker/too-large' }])
  t.equal((await store.capacity()).entries, 2, 'it still takes room')
  await store.outbox.takeBack(stuck.id)
  await store.outbox.takeBack(stuck.id)
  t.same(
    (await store.outbox.peek(9)).map(({ id }) => id),
    [stuck.id, next.id],
  )
  t.equal((await store.record(stuck.id))?.setAside, undefined)
  await store.outbox.setAside(stuck.id, 'broker/too-large')
  await store.outbox.settle(receiptFor(stuck))
  t.same(await store.outbox.setAsideList(), [], 'a receipt settles it wherever it stands')
  t.equal((await store.record(stuck.id))?.setAside, undefined)
  await t.rejects(store.outbox.setAside(stuck.id, 'broker/too-large'), { code: 'store/unknown-record' })
  await t.rejects(store.outbox.takeBack(stuck.id), { code: 'store/unknown-record' })
})

t.test('outcomes: the highest seq holds, whichever comes first', async t => {
  const store = await openTestStore()
  const record = await store.enrol(enrolment())
  await store.outbox.settle(receiptFor(record))
  const duplicate = outcomeFor(record, { status: 'DUPLICATE_RECORD', seq: 3, reason: 'duplicate-of:x' })
  t.equal(await store.applyOutcome(duplicate), true)
  t.equal(await store.applyOutcome(duplicate), false)
  t.equal(await store.applyOutcome(outcomeFor(record, { seq: 2 })), false)
  t.match(await store.record(record.id), {
    status: 'DUPLICATE_RECORD',
    reason: 'duplicate-of:x',
    outcomeSeq: 3,
  })
  t.equal(await store.applyOutcome(outcomeFor(record, { seq: 7 })), true)
  t.match(await store.record(record.id), { status: 'PRINT_READY_RECORD', reason: undefined })
  t.equal(await store.applyOutcome(outcomeFor(record, { seq: 9, status: 'CARD_PRINTED' })), true)
  await t.rejects(store.applyOutcome(outcomeFor(record, { seq: 10, status: 'DUPLICATE_RECORD' })), {
    code: 'store/transition',
  })
  t.same(statusesOf(await store.record(record.id)), [
    'BIO_CAPTURED',
    'SENT_FOR_ENROLLMENT',
    'RECEIVED_AT_CENTRAL',
    'DUPLICATE_RECORD',
    'PRINT_READY_RECORD',
    'CARD_PRINTED',
  ])
  await t.rejects(store.applyOutcome({ ...outcomeFor(record), id: enrolment().id }), {
    code: 'store/unknown-record',
  })
})

t.test(
  'an outcome before its receipt: the same history, and only the receipt empties the outbox',
  async t => {
    const store = await openTestStore()
    const record = await store.enrol(enrolment())
    t.equal(await store.applyOutcome(outcomeFor(record)), true)
    t.equal(store.outbox.count, 1)
    await store.outbox.settle(receiptFor(record))
    t.equal(store.outbox.count, 0)
    const after = await store.record(record.id)
    t.same(statusesOf(after), [
      'BIO_CAPTURED',
      'SENT_FOR_ENROLLMENT',
      'RECEIVED_AT_CENTRAL',
      'PRINT_READY_RECORD',
    ])
    t.equal(after?.history[2].at, receiptFor(record).receivedAt)
    t.same(await store.awaitingOutcome({ beforeMs: Number.MAX_SAFE_INTEGER, limit: 9 }), [])
  },
)

t.test('receipted records without a verdict are asked for, oldest first', async t => {
  const clock = new ManualClock()
  const store = await openTestStore(undefined, { clock })
  const records = [
    await store.enrol(enrolment()),
    await store.enrol(enrolment()),
    await store.enrol(enrolment()),
  ]
  for (const record of [records[2], records[0], records[1]]) {
    await clock.advance(1000)
    await store.outbox.settle(receiptFor(record))
  }
  const awaiting = async (beforeMs: number, limit = 9) =>
    (await store.awaitingOutcome({ beforeMs, limit })).map(({ sequence }) => sequence)
  t.same(await awaiting(clock.nowMs() + 1), [3, 1, 2])
  t.same(await awaiting(clock.nowMs()), [3, 1], 'not those receipted just now')
  t.same(await awaiting(clock.nowMs(), 1), [3])
  await store.applyOutcome(outcomeFor(records[2]))
  t.same(await awaiting(clock.nowMs() + 1), [1, 2])
})

t.test('a damaged record keeps no other from being asked for', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const records = [await store.enrol(enrolment()), await store.enrol(enrolment())]
  for (const record of records) await store.outbox.settle(receiptFor(record))
  const stored = disk.database.get(`record/${records[0].id}`) as Uint8Array
  stored[20] ^= 1
  const asked = await store.awaitingOutcome({ beforeMs: Number.MAX_SAFE_INTEGER, limit: 9 })
  t.same(
    asked.map(({ id }) => id),
    [records[1].id],
  )
  t.same(store.auditFindings, [{ kind: 'value-corrupt', id: records[0].id }])
})

t.test('a full store refuses before anything is sealed, and says so beforehand', async t => {
  const warnings: unknown[] = []
  const log = { info() {}, error() {}, warn: (...line: unknown[]) => warnings.push(line) }
  const store = await openTestStore(undefined, { limits: { ...limits, entriesMax: 10 }, log })
  const levels: string[] = []
  for (let index = 0; index < 10; index++) {
    await store.enrol(enrolment({ person: 100 + index }))
    levels.push((await store.capacity()).level)
  }
  t.same(levels.slice(5), ['ok', 'warning', 'warning', 'urgent', 'full'])
  t.equal(warnings.length, 3, 'one line a level')
  let sealed = false
  const onSeal = () => {
    sealed = true
  }
  await t.rejects(store.enrol(enrolment({ onSeal })), {
    code: 'store/full',
    details: { limitedBy: 'entries' },
  })
  t.notOk(sealed)
  const repeat = await store.enrol(enrolment({ person: 104 }))
  t.equal(repeat.sequence, 5, 'a repeat takes no room')
  await store.outbox.settle(receiptFor(repeat))
  t.equal((await store.enrol(enrolment())).sequence, 11)
})

t.test('bytes and free disk are limits too', async t => {
  const store = await openTestStore(undefined, { limits: { ...limits, bytesMax: 2000 } })
  await store.enrol(enrolment({ bodyBytes: 1500 }))
  await t.rejects(store.enrol(enrolment({ bodyBytes: 501 })), {
    code: 'store/full',
    details: { limitedBy: 'bytes' },
  })
  t.equal((await store.enrol(enrolment({ bodyBytes: 500 }))).sequence, 2)

  let freeBytes = 10_000_000
  const onSmallDisk = await openTestStore(undefined, {
    limits: { ...limits, freeBytesMin: 1_000_000 },
    freeBytes: async () => freeBytes,
  })
  await onSmallDisk.enrol(enrolment())
  t.equal((await onSmallDisk.capacity()).level, 'ok')
  freeBytes = 900_000
  t.match(await onSmallDisk.capacity(), { level: 'full', limitedBy: 'free-disk' })
  await t.rejects(onSmallDisk.enrol(enrolment()), { code: 'store/full', details: { limitedBy: 'free-disk' } })
})

t.test('an old submission is worth a warning and keeps nothing out', async t => {
  const clock = new ManualClock()
  const store = await openTestStore(undefined, { clock })
  await store.enrol(enrolment())
  clock.setWall(clock.nowMs() + 0.8 * limits.ageMsMax)
  t.match(await store.capacity(), { level: 'warning', limitedBy: 'age' })
  clock.setWall(clock.nowMs() + 10 * limits.ageMsMax)
  t.equal((await store.capacity()).level, 'urgent')
  t.equal((await store.enrol(enrolment())).sequence, 2)
  clock.setWall(0)
  t.equal((await store.capacity()).level, 'ok', 'a clock that jumped back is no age')
})

t.test('withdrawal erases templates and what was never sent', async t => {
  const disk = new PluggedDisk()
  let store = await openTestStore(disk)
  const [unsent, sent] = await Promise.all([store.enrol(enrolment()), store.enrol(enrolment())])
  await store.outbox.markPublished([sent.id])
  await store.withdraw(unsent.id, 'operator', sealEvent)
  await store.withdraw(unsent.id, 'operator', sealEvent)
  await store.withdraw(sent.id, 'operator', sealEvent)
  t.same(await collect(store.gallery()), [])
  t.same(
    (await store.outbox.peek(9)).map(({ id }) => id),
    [sent.id],
  )
  t.equal((await store.record(unsent.id))?.reason, 'consent-withdrawn')
  await t.rejects(store.withdraw(enrolment().id, 'operator', sealEvent), { code: 'store/unknown-record' })
  await store.close()
  store = await openTestStore(disk)
  t.same(store.auditFindings, [])
  t.same(
    (await collect(store.auditLog())).map(({ entry, intact }) => [entry.what, entry.who, intact]),
    [
      ['enrolled', 'kiosk', true],
      ['enrolled', 'kiosk', true],
      ['withdrawn', 'operator', true],
      ['withdrawn', 'operator', true],
    ],
  )
})

t.test('withdrawal takes with it what the record came in place of', async t => {
  const store = await openTestStore()
  const person = 77
  const first = await store.enrol(enrolment({ person }))
  await store.outbox.markPublished([first.id])
  await store.outbox.settle(receiptFor(first))
  const replaced = await store.enrol(enrolment({ person }))
  const last = await store.enrol(enrolment({ person }))
  t.equal(last.supersedes, first.id)
  const other = await store.enrol(enrolment())
  const changed: (string | undefined)[][] = []
  store.onRecord(({ id, reason }) => changed.push([id, reason]))
  await store.withdraw(last.id, 'operator', sealEvent)
  t.same(
    changed,
    [first.id, replaced.id, last.id].map(id => [id, 'consent-withdrawn']),
  )
  t.same(new Set((await collect(store.gallery())).map(({ recordId }) => recordId)), new Set([other.id]))
  t.same(
    (await store.events.peek(9)).map(({ id }) => id),
    [first.id, last.id],
    'the one that was replaced never had a number that the ABIS could miss',
  )
  await store.outbox.settle({ ...receiptFor(other), restoredAt: '2026-01-05T00:00:00.000Z' })
  await store.outbox.requeueLost(9)
  t.same(
    (await store.outbox.peek(9)).map(({ id }) => id),
    [other.id],
    'nor is the first sent again to an ABIS that was set back',
  )
})

t.test('records come newest first', async t => {
  const store = await openTestStore()
  const records: KioskRecord[] = []
  for (let index = 0; index < 5; index++) records.push(await store.enrol(enrolment()))
  t.same(
    (await collect(store.records({ limit: 3 }))).map(({ sequence }) => sequence),
    [5, 4, 3],
  )
})

t.test('a listener that throws harms nobody', async t => {
  const store = await openTestStore()
  store.onRecord(() => {
    throw new Error('page is gone')
  })
  t.equal((await store.enrol(enrolment())).sequence, 1)
})

t.test('under another data key the store does not open, and stays as it was', async t => {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const record = await store.enrol(enrolment())
  await store.close()
  await t.rejects(openTestStore(disk, { dataKey: new Uint8Array(32) }), { code: 'store/wrong-key' })
  const own = await openTestStore(disk, { dataKey })
  t.same(own.auditFindings, [])
  t.ok(await own.outbox.get(record.id))
})
