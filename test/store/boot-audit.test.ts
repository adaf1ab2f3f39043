import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import { openMemoryKv } from '../../src/kv/memory.ts'
import { sealedValues } from '../../src/kv/sealed.ts'
import type { KioskRecord } from '../../src/record/record.ts'
import { keyOf, madeAtMs } from '../../src/store/layout.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { collect, dataKey, enrolment, openTestStore, PluggedDisk, receiptFor } from './fixture.ts'

/**
 * Goal: whatever is damaged or gone is noticed and reported, set aside where something is left of it,
 * and the rest is served.
 * Method: a store with a settled, two waiting and a set-aside submission; one thing is done to its disk
 * below the store; it is opened again, twice, since a finding must not heal by being seen.
 */
interface Scene {
  disk: PluggedDisk
  settled: KioskRecord
  first: KioskRecord
  second: KioskRecord
  aside: KioskRecord
}

async function scene(): Promise<Scene> {
  const disk = new PluggedDisk()
  const store = await openTestStore(disk)
  const settled = await store.enrol(enrolment())
  const first = await store.enrol(enrolment())
  const aside = await store.enrol(enrolment())
  const second = await store.enrol(enrolment())
  await store.outbox.settle(receiptFor(settled))
  await store.outbox.setAside(aside.id, 'broker/too-large')
  await store.close()
  return { disk, settled, first, second, aside }
}

function flip(disk: PluggedDisk, key: string): void {
  const stored = disk.database.get(key)?.slice()
  if (!stored) throw new Error(`nothing under ${key}`)
  stored[stored.length >> 1] ^= 4
  disk.database.put(key, stored)
}

async function check(
  t: Test,
  { disk, ...scene }: Scene,
  expected: { findings: object[]; waiting: KioskRecord[]; aside: KioskRecord[] },
): Promise<void> {
  for (const opening of ['first', 'second']) {
    const store = await openTestStore(disk)
    t.match(store.auditFindings, expected.findings, `${opening} opening: findings`)
    t.equal(store.auditFindings.length, expected.findings.length, `${opening} opening: no others`)
    const waiting = await store.outbox.peek(9)
    t.same(
      waiting.map(({ id }) => id),
      expected.waiting.map(({ id }) => id),
      `${opening} opening: waiting`,
    )
    t.same(
      (await store.outbox.setAsideList()).map(({ id }) => id),
      expected.aside.map(({ id }) => id),
      `${opening} opening: set aside`,
    )
    await store.close()
  }
  const store = await openTestStore(disk)
  t.equal((await store.enrol(enrolment())).sequence, scene.second.sequence + 1, 'no number is used again')
  await store.outbox.settle(receiptFor(scene.first))
  t.notOk(
    (await store.outbox.peek(9)).some(({ id }) => id === scene.first.id),
    'a receipt still settles',
  )
  await store.close()
}

t.test('nothing is wrong', async t => {
  const all = await scene()
  await check(t, all, { findings: [], waiting: [all.first, all.second], aside: [all.aside] })
})

t.test('a flipped bit in a body', async t => {
  const all = await scene()
  const { disk, first, second, aside } = all
  flip(disk, keyOf.body(first.sequence, first.id))
  const finding = { kind: 'value-corrupt', sequence: first.sequence, id: first.id }
  await check(t, all, { findings: [finding], waiting: [second], aside: [first, aside] })
})

t.test('a flipped bit in what the outbox knows of an entry; a person may take it back', async t => {
  const all = await scene()
  const { disk, first, second, aside } = all
  flip(disk, keyOf.entry(first.sequence, first.id))
  const store = await openTestStore(disk)
  t.match(store.auditFindings, [{ kind: 'value-corrupt', sequence: first.sequence, id: first.id }])
  t.same(
    (await store.outbox.setAsideList()).map(({ id }) => id),
    [first.id, aside.id],
  )
  await store.outbox.takeBack(first.id)
  const [entry] = await store.outbox.peek(9)
  t.match(entry, { id: first.id, sha256: first.sha256, published: true, appendedAtMs: madeAtMs(first.id) })
  await store.close()
  const reopened = await openTestStore(disk)
  t.same(reopened.auditFindings, [])
  t.same(
    (await reopened.outbox.peek(9)).map(({ id }) => id),
    [first.id, second.id],
  )
})

t.test('a damaged body cannot be taken back', async t => {
  const { disk, first } = await scene()
  flip(disk, keyOf.body(first.sequence, first.id))
  const store = await openTestStore(disk)
  await t.rejects(store.outbox.takeBack(first.id), { code: 'kv/corrupt' })
})

t.test('a body is gone', async t => {
  const all = await scene()
  const { disk, first, second, aside } = all
  disk.database.delete(keyOf.body(first.sequence, first.id))
  const finding = { kind: 'value-corrupt', sequence: first.sequence, id: first.id }
  await check(t, all, { findings: [finding], waiting: [second], aside: [first, aside] })
})

t.test('a note that an entry was set aside is damaged', async t => {
  const all = await scene()
  const { disk, first, second, aside } = all
  flip(disk, keyOf.aside(aside.sequence, aside.id))
  const finding = { kind: 'value-corrupt', sequence: aside.sequence, id: aside.id }
  await check(t, all, { findings: [finding], waiting: [first, second], aside: [aside] })
})

t.test('an entry is gone, all of it', async t => {
  const all = await scene()
  const { disk, first, second, aside } = all
  disk.database.delete(keyOf.body(second.sequence, second.id))
  disk.database.delete(keyOf.entry(second.sequence, second.id))
  const finding = { kind: 'sequence-missing', sequence: second.sequence, id: second.id }
  await check(t, all, { findings: [finding], waiting: [first], aside: [aside] })
})

t.test('the newest commit is gone, as a flipped bit in the log does it', async t => {
  const all = await scene()
  const { disk, first, second, aside } = all
  for (const key of [
    keyOf.body(second.sequence, second.id),
    keyOf.entry(second.sequence, second.id),
    keyOf.record(second.id),
  ])
    disk.database.delete(key)
  const finding = { kind: 'sequence-missing', sequence: second.sequence }
  await check(t, all, { findings: [finding], waiting: [first], aside: [aside] })
})

t.test('all of the database is gone, and the mark is not', async t => {
  const all = await scene()
  const { bootEpoch } = await openTestStore(all.disk)
  all.disk.database = new PluggedDisk().database
  const store = await openTestStore(all.disk)
  t.same(
    store.auditFindings,
    [1, 2, 3, 4].map(sequence => ({ kind: 'sequence-missing', sequence })),
  )
  t.equal(store.bootEpoch, bootEpoch, 'the ABIS must see the gap')
  t.equal((await store.enrol(enrolment())).sequence, 5)
})

t.test('the ledger is damaged or gone', async t => {
  const all = await scene()
  const { disk, settled, first, second, aside } = all
  flip(disk, keyOf.settled(settled.sequence))
  const rest = { waiting: [first, second], aside: [aside] }
  await check(t, all, { findings: [{ kind: 'value-corrupt', sequence: settled.sequence }], ...rest })
  const other = await scene()
  other.disk.database.delete(keyOf.settled(other.settled.sequence))
  await check(t, other, {
    findings: [{ kind: 'sequence-missing', sequence: other.settled.sequence }],
    waiting: [other.first, other.second],
    aside: [other.aside],
  })
})

t.test('a record is damaged: its submission is delivered, and a receipt settles it', async t => {
  const all = await scene()
  const { disk, first, second, aside } = all
  flip(disk, keyOf.record(first.id))
  const finding = { kind: 'value-corrupt', id: first.id }
  await check(t, all, { findings: [finding], waiting: [first, second], aside: [aside] })
})

t.test('a settled submission came back', async t => {
  const all = await scene()
  const { disk, settled, first, second, aside } = all
  const kv = sealedValues(openMemoryKv(disk.database), dataKey, { plainPrefixes: ['body/'] })
  const id = settled.id
  const meta = { sha256: settled.sha256, bytes: 1, appendedAtMs: 0, published: true }
  await kv.write([
    { put: keyOf.body(1, id), value: Buffer.from('x') },
    { put: keyOf.entry(1, id), value: Buffer.from(JSON.stringify(meta)) },
  ])
  const store = await openTestStore(disk)
  t.match(store.auditFindings, [{ kind: 'value-corrupt', sequence: 1, id }])
  t.same(
    (await store.outbox.setAsideList()).map(({ id }) => id),
    [id, aside.id],
  )
  await t.rejects(store.outbox.takeBack(id), { code: 'kv/corrupt' })
  t.same(
    (await store.outbox.peek(9)).map(({ id }) => id),
    [first.id, second.id],
  )
})

t.test('two submissions under one number: neither is sent before a person has looked', async t => {
  const { disk, first, second, aside } = await scene()
  const kv = sealedValues(openMemoryKv(disk.database), dataKey, { plainPrefixes: ['body/'] })
  const id = v7()
  const meta = { sha256: 'f'.repeat(64), bytes: 1, appendedAtMs: 0, published: false }
  await kv.write([
    { put: keyOf.body(first.sequence, id), value: Buffer.from('x') },
    { put: keyOf.entry(first.sequence, id), value: Buffer.from(JSON.stringify(meta)) },
  ])
  const store = await openTestStore(disk)
  t.equal(store.auditFindings.length, 2)
  t.same(new Set((await store.outbox.setAsideList()).map(({ id }) => id)), new Set([first.id, id, aside.id]))
  t.same(
    (await store.outbox.peek(9)).map(({ id }) => id),
    [second.id],
  )
})

t.test('the mark is gone, damaged or behind', async t => {
  const all = await scene()
  const rest = { waiting: [all.first, all.second], aside: [all.aside] }
  const { bootEpoch } = await openTestStore(all.disk)
  for (const [mark, finding] of [
    [undefined, { kind: 'high-water-mark-missing' }],
    [{ bootEpoch: 'another', sequence: 900, confirmed: 900 }, { kind: 'high-water-mark-missing' }],
    [
      { bootEpoch, sequence: 2, confirmed: 2 },
      { kind: 'high-water-mark-behind', sequence: 2 },
    ],
  ] as const) {
    all.disk.mark = mark === undefined ? {} : { mark }
    const store = await openTestStore(all.disk)
    t.same(store.auditFindings, [finding])
    t.same((await store.outbox.peek(9)).length, 2)
    await store.close()
    t.same(all.disk.mark.mark, { bootEpoch, sequence: 4, confirmed: 4 }, 'what the next number counts on')
  }
  await check(t, all, { findings: [], ...rest })
})

t.test('the mark is ahead', async t => {
  const all = await scene()
  const rest = { waiting: [all.first, all.second], aside: [all.aside] }
  const { bootEpoch } = await openTestStore(all.disk)
  all.disk.mark = { mark: { bootEpoch, sequence: 6, confirmed: 4 } }
  const store = await openTestStore(all.disk)
  const cutOff = [5, 6].map(sequence => ({ kind: 'last-commit-unconfirmed', sequence }))
  t.same(store.auditFindings, cutOff, 'a commit that the power cut off')
  await store.close()
  t.same(all.disk.mark.mark, { bootEpoch, sequence: 4, confirmed: 4 }, 'nobody was told of its numbers')
  await check(t, all, { findings: [], ...rest })

  const gone = await scene()
  gone.disk.mark = { mark: { ...gone.disk.mark.mark!, sequence: 5, confirmed: 5 } }
  const findings = [{ kind: 'sequence-missing', sequence: 5 }]
  const reopened = await openTestStore(gone.disk)
  t.same(reopened.auditFindings, findings, 'a confirmed number is missing for ever')
  t.equal((await reopened.enrol(enrolment())).sequence, 6, 'and not given out again')
})

t.test('the last commit is gone, and others too: nothing of it is given out again', async t => {
  const { disk, second, aside } = await scene()
  for (const { sequence, id } of [second, aside])
    for (const key of [keyOf.body(sequence, id), keyOf.entry(sequence, id), keyOf.aside(sequence, id)])
      disk.database.delete(key)
  disk.mark = { mark: { ...disk.mark.mark!, sequence: 5, confirmed: 4 } }
  const store = await openTestStore(disk)
  t.same(
    store.auditFindings.map(({ kind, sequence }) => ({ kind, sequence })),
    [aside.sequence, second.sequence, 5].map(sequence => ({ kind: 'sequence-missing', sequence })),
  )
  t.equal((await store.enrol(enrolment())).sequence, 6)
})

t.test('the last number is confirmed a moment after its enrolment, and at the end', async t => {
  const disk = new PluggedDisk()
  const clock = new ManualClock()
  const store = await openTestStore(disk, { clock })
  await store.enrol(enrolment())
  t.match(disk.mark.mark, { sequence: 1, confirmed: 0 })
  await clock.advance(1_000)
  t.match(disk.mark.mark, { sequence: 1, confirmed: 1 })
  await store.enrol(enrolment())
  t.match(disk.mark.mark, { sequence: 2, confirmed: 1 })
  await store.close()
  t.match(disk.mark.mark, { sequence: 2, confirmed: 2 })
  t.equal(clock.sleeping, 0)
})

t.test('a bit flips while the store is open', async t => {
  const { disk, first, second } = await scene()
  const store = await openTestStore(disk)
  flip(disk, keyOf.body(first.sequence, first.id))
  t.same(
    (await store.outbox.peek(1)).map(({ id }) => id),
    [second.id],
    'the next goes on',
  )
  t.same(store.auditFindings, [{ kind: 'value-corrupt', sequence: first.sequence, id: first.id }])
  t.equal((await store.record(first.id))?.setAside, 'kv/corrupt')
})

t.test('a damaged template is reported, the others are searched', async t => {
  const { disk, first } = await scene()
  flip(disk, keyOf.gallery(first.id, 2))
  const store = await openTestStore(disk)
  t.equal((await collect(store.gallery())).length, 7)
  t.same(store.auditFindings, [{ kind: 'value-corrupt', id: first.id }])
})

t.test('a break in the audit log stays visible', async t => {
  const { disk } = await scene()
  flip(disk, keyOf.audit(2))
  const store = await openTestStore(disk)
  await store.enrol(enrolment())
  t.same(
    (await collect(store.auditLog())).map(({ page, intact }) => [page, intact]),
    [
      [1, true],
      [3, false],
      [4, true],
      [5, true],
      [6, true],
    ],
  )
})
