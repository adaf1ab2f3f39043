import { setImmediate } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { v7 } from 'uuid'
import type { KioskRecord } from '../../src/record/record.ts'
import type { KioskStore } from '../../src/store/store.ts'
import {
  enrolment,
  findingsOf,
  openTestStore,
  outcomeFor,
  PluggedDisk,
  receiptFor,
  sealEvent,
} from './fixture.ts'

/**
 * Goal: wherever the power fails, everything that was acknowledged is there afterwards, every sequence
 * number is accounted for, and none is given to two submissions that the ABIS may have seen.
 * Method: pull the plug at every point of a day at the kiosk (before and after each write of database
 * and mark), boot, audit, look; then at random points of random days, a few boots each, from seeds.
 */

/** What the outside world was told. */
class Witness {
  /** id → sequence, of enrolments that were acknowledged. */
  readonly enrolled = new Map<string, number>()
  readonly replaced = new Set<string>()
  readonly settled = new Set<string>()
  readonly withdrawn = new Set<string>()
  readonly outcomes = new Map<string, number>()
  /** sequence → ids that were handed to the broker under it. */
  readonly sent = new Map<number, Set<string>>()
  highest = 0

  enrol(record: KioskRecord, replacing: readonly string[]): void {
    this.enrolled.set(record.id, record.sequence)
    this.highest = Math.max(this.highest, record.sequence)
    for (const id of replacing) if (this.enrolled.get(id) === record.sequence) this.replaced.add(id)
  }
}

/** As the relay does: peek, mark, send. */
async function send(store: KioskStore, witness: Witness, limit: number): Promise<void> {
  const entries = await store.outbox.peek(limit)
  await store.outbox.markPublished(entries.map(({ id }) => id))
  for (const { sequence, id } of entries)
    witness.sent.set(sequence, (witness.sent.get(sequence) ?? new Set()).add(id))
}

/** Boots without faults and holds what is there against what was said. Returns how much was checked. */
async function inspect(t: Test, disk: PluggedDisk, witness: Witness, when: object): Promise<number> {
  const store = await openTestStore(disk)
  const wrong: string[] = []
  const findings = findingsOf(store, witness.enrolled.values())
  if (findings.length > 0) wrong.push(`findings: ${JSON.stringify(findings)}`)
  const waiting = new Map((await store.outbox.peek(1000)).map(entry => [entry.id, entry]))
  const aside = new Set((await store.outbox.setAsideList()).map(({ id }) => id))
  for (const [id, sequence] of witness.enrolled) {
    const record = await store.record(id)
    if (record?.sequence !== sequence) wrong.push(`record ${sequence} is gone`)
    const isHeld = waiting.has(id) || aside.has(id)
    const gone = record?.supersededBy !== undefined || record?.reason === 'consent-withdrawn'
    if (!isHeld && !gone && record?.status === 'SENT_FOR_ENROLLMENT') wrong.push(`${sequence} is not held`)
    if (isHeld && witness.settled.has(id)) wrong.push(`${sequence} is settled and still held`)
    if (isHeld && witness.replaced.has(id)) wrong.push(`${sequence} is replaced and still held`)
    // Marked, even where nobody learned of it: the ABIS may have it, so only a receipt takes it away.
    if (witness.withdrawn.has(id) && waiting.get(id)?.published === false)
      wrong.push(`${sequence} is withdrawn and still waits`)
    if ((witness.outcomes.get(id) ?? 0) > (record?.outcomeSeq ?? 0))
      wrong.push(`outcome of ${sequence} is gone`)
  }
  for (const [sequence, ids] of witness.sent) {
    if (ids.size > 1) wrong.push(`${sequence} was sent for two submissions`)
    for (const id of ids)
      if (waiting.get(id)?.published === false) wrong.push(`${sequence} was sent and is not marked`)
  }
  for await (const { intact } of store.auditLog()) if (!intact) wrong.push('the audit log is broken')
  const next = await store.enrol(enrolment())
  if (next.sequence <= witness.highest) wrong.push(`${next.sequence} is used again`)
  witness.enrol(next, [])
  await store.close()
  if (wrong.length > 0) t.fail('after a cut', { when, wrong })
  return witness.enrolled.size
}

/** Nothing that was receipted is kept any longer, so that the ledger is shortened. */
const SWEEP = { templatesMsMax: 1e12, receiptedMsMax: -1, galleryFingersMax: 1_000 }

/** One of everything, some of it at the same moment. */
async function day(store: KioskStore, witness: Witness): Promise<void> {
  const enrol = async (person: number, replacing: readonly string[] = []) => {
    const record = await store.enrol(enrolment({ person, bodyBytes: 100, fingers: 1 }))
    witness.enrol(record, replacing)
    return record
  }
  const first = await enrol(1)
  const [second, third] = await Promise.all([enrol(2), enrol(3), enrol(4)])
  await send(store, witness, 2)
  await enrol(2, [second.id]) // supersedes: it was sent
  const again = await enrol(3, [third.id]) // takes its place: it was not
  await Promise.all([
    store.outbox.settle(receiptFor(first)).then(() => witness.settled.add(first.id)),
    store.outbox.settle(receiptFor(second)).then(() => witness.settled.add(second.id)),
    store.applyOutcome(outcomeFor(first)).then(() => witness.outcomes.set(first.id, 1)),
    enrol(5),
  ])
  await store.outbox.setAside(again.id, 'broker/too-large')
  await store.outbox.takeBack(again.id)
  await store.withdraw(again.id, 'operator', sealEvent)
  witness.withdrawn.add(again.id)
  await store.sweep(SWEEP)
  await enrol(6)
}

t.test('the plug is pulled at every point of a day', async t => {
  const undisturbed = new PluggedDisk()
  const store = await openTestStore(undisturbed)
  await day(store, new Witness())
  const { points } = undisturbed
  await store.close()
  t.ok(points > 30, `${points} points`)

  let checked = 0
  for (const markLast of [false, true])
    for (let cutAt = 0; cutAt < points; cutAt++) {
      const disk = new PluggedDisk()
      const witness = new Witness()
      await t.rejects(
        openTestStore(disk, { cutAt, markLast }).then(store => day(store, witness)),
        { code: 'kv/io' },
      )
      // What ran at the same moment comes to its end, too.
      await setImmediate()
      checked += await inspect(t, disk, witness, { cutAt, markLast })
    }
  t.ok(checked > points, `${checked} acknowledged enrolments looked at`)
})

/** A small generator (mulberry32), so that a seed is a day. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

async function randomDay(store: KioskStore, witness: Witness, random: () => number): Promise<void> {
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]
  const under = async (work: Promise<unknown>) => {
    // A day goes on after a refusal; only the plug ends it, and the next step notices that by itself.
    await work.catch(() => {})
  }
  const step = async (): Promise<void> => {
    const [id] = pick([...witness.enrolled, ['', 0] as const])
    const record = id ? await store.record(id) : undefined
    const roll = random()
    if (roll < 0.4 || !record) {
      const person = Math.floor(random() * 6)
      const older = [...witness.enrolled.keys()]
      const made = await store.enrol(enrolment({ id: v7(), person, bodyBytes: 50, fingers: 1 }))
      witness.enrol(made, older)
    } else if (roll < 0.55) await send(store, witness, 1 + Math.floor(random() * 3))
    else if (roll < 0.7) {
      if (!witness.sent.get(record.sequence)?.has(id)) return
      await store.outbox.settle(receiptFor(record))
      witness.settled.add(id)
    } else if (roll < 0.8) {
      const seq = 1 + Math.floor(random() * 5)
      if (await store.applyOutcome(outcomeFor(record, { seq }))) witness.outcomes.set(id, seq)
    } else if (roll < 0.87) await store.outbox.setAside(id, 'broker/too-large')
    else if (roll < 0.92) await store.outbox.takeBack(id)
    else if (roll < 0.95) await store.sweep(SWEEP)
    else {
      await store.withdraw(id, 'operator', sealEvent)
      witness.withdrawn.add(id)
    }
  }
  for (let steps = 0; steps < 12; steps++)
    await Promise.all(Array.from({ length: 1 + Math.floor(random() * 3) }, () => under(step())))
}

t.test('the plug is pulled at random points of random days', async t => {
  let cuts = 0
  for (let seed = 1; seed <= 150; seed++) {
    const random = seeded(seed)
    const disk = new PluggedDisk()
    const witness = new Witness()
    for (let boots = 0; boots < 3; boots++) {
      try {
        const store = await openTestStore(disk, {
          cutAt: Math.floor(random() * 60),
          markLast: random() < 0.5,
        })
        await randomDay(store, witness, random)
        await store.close()
      } catch (error) {
        if (!disk.off) throw error
      }
      if (disk.off) cuts++
      await inspect(t, disk, witness, { seed, boots })
    }
  }
  t.ok(cuts > 200, `${cuts} cuts`)
})

t.test('the disk refuses once, and the kiosk goes on', async t => {
  let refusals = 0
  for (let refuseAt = 0; refuseAt < 60; refuseAt++) {
    const disk = new PluggedDisk()
    const witness = new Witness()
    await openTestStore(disk).then(store => store.close())
    const store = await openTestStore(disk, { refuseAt, markLast: refuseAt % 2 === 0 })
    await randomDay(store, witness, seeded(refuseAt))
    if (disk.points > refuseAt) refusals++
    await store.close()
    await inspect(t, disk, witness, { refuseAt })
  }
  t.ok(refusals > 30, `${refusals} refusals`)
})
