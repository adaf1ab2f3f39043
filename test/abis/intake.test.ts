/**
 * Goal: submissions that arrive while the disk is busy share one commit, each judged as if it came alone, and none has
 * its receipt before the disk has it.
 * Method: a seal that opens a number as its submission, and a disk whose commits the test lets through, or fails.
 */

import t from 'tap'
import { Counts } from '../../src/abis/counts.ts'
import { Intake } from '../../src/abis/intake.ts'
import { keyOf } from '../../src/abis/layout.ts'
import { Registry } from '../../src/abis/registry.ts'
import { KioskError } from '../../src/base/errors.ts'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import type { Submission } from '../../src/record/submission.ts'
import type { AbisSeal } from '../../src/seal/seal.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { fingerless } from './fixture.ts'

const KIOSK = 'kiosk-1'
const idOf = (sequence: number) => `0190d0d0-0000-7000-8000-${String(sequence).padStart(12, '0')}`

/** `7` opens as submission 7; `7 again` as one with the same id and other bytes. */
const seal = {
  openSubmission: async (kiosk: string, body: Uint8Array): Promise<Submission> => {
    const sequence = Number(Buffer.from(body).toString().split(' ')[0])
    return fingerless(sequence, { id: idOf(sequence), kiosk })
  },
  sealReceipt: async (_: string, receipt: unknown) => ({ body: Buffer.from(JSON.stringify(receipt)) }),
} as unknown as AbisSeal

/** `beforeCommit` stands between the ABIS and its disk. */
function openCentre(beforeCommit: (commit: number) => Promise<void>) {
  const disk = new MemoryDisk()
  const clock = new ManualClock()
  const counts = new Counts(clock)
  let commits = 0
  const kv = openMemoryKv(disk, { beforeCommit: () => beforeCommit(++commits) })
  const intake = new Intake(new Registry(kv, clock, counts), seal)
  return {
    counts,
    commits: () => commits,
    holds: (sequence: number) => disk.get(keyOf.record(idOf(sequence))) !== undefined,
    send: (text: string) => intake.submission(KIOSK, Buffer.from(text)),
    idle: () => intake.idle(),
    disk,
  }
}

/** A commit that waits at the disk until it is let through. */
function gate() {
  let open: () => void = () => {}
  let arrive: () => void = () => {}
  const opened = new Promise<void>(resolve => (open = resolve))
  const arrived = new Promise<void>(resolve => (arrive = resolve))
  const pass = () => {
    arrive()
    return opened
  }
  return { open, arrived, pass }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)

t.test('what arrives while the disk is busy shares a commit, and waits for it', async t => {
  const { open, arrived, pass } = gate()
  const centre = openCentre(async commit => {
    if (commit === 1) await pass()
  })
  let receipts = 0
  const sent = numbers(1, 101).map(async sequence => {
    if (sequence > 1) await arrived
    const taken = await centre.send(`${sequence}`)
    receipts++
    t.ok(centre.holds(sequence), 'no receipt before the disk has it')
    return taken
  })
  await arrived
  // Long enough for every one of them to have come as far as it gets.
  await new Promise(resolve => setImmediate(resolve))
  t.equal(receipts, 0)
  open()
  for (const { receipt, isNew, alarm } of await Promise.all(sent)) {
    t.ok(isNew && receipt !== undefined)
    t.equal(alarm, undefined)
  }
  t.equal(centre.commits(), 3, 'the first alone, then 64 and 36')
  t.match(centre.counts.snapshot(), { received: 101, alarms: 0 })
  const last = JSON.parse(Buffer.from((await centre.send('101')).receipt ?? '').toString())
  t.equal(last.highestContiguous, 101)
})

t.test('copies and contradictions in one commit are told apart', async t => {
  const { open, arrived, pass } = gate()
  const centre = openCentre(async commit => {
    if (commit === 1) await pass()
  })
  const first = centre.send('1')
  await arrived
  const others = ['2', '2', '2 again', '3', '1'].map(text => centre.send(text))
  open()
  await first
  const taken = await Promise.all(others)
  t.equal(centre.commits(), 2)
  t.same(
    taken.map(({ isNew, alarm, receipt }) => [isNew, alarm, receipt !== undefined]),
    [
      [true, undefined, true],
      [false, undefined, true],
      [false, 'id-with-other-bytes', false],
      [true, undefined, true],
      [false, undefined, true],
    ],
  )
  t.match(centre.counts.snapshot(), { received: 3, alarms: 1 })
})

t.test('a commit that fails gives nobody a receipt, and counts nothing', async t => {
  const centre = openCentre(async commit => {
    if (commit === 1) throw new KioskError('kv/io')
  })
  const sent = await Promise.allSettled(numbers(1, 5).map(sequence => centre.send(`${sequence}`)))
  t.ok(sent.every(({ status }) => status === 'rejected'))
  t.match(centre.counts.snapshot(), { received: 0, alarms: 0 })
  const again = await Promise.all(numbers(1, 5).map(sequence => centre.send(`${sequence}`)))
  t.ok(again.every(({ isNew, receipt }) => isNew && receipt !== undefined))
  t.match(centre.counts.snapshot(), { received: 5, alarms: 0 })
})

t.test('one that cannot be judged keeps no other from its receipt', async t => {
  const centre = openCentre(async () => {})
  await centre.send('2')
  centre.disk.put(keyOf.record(idOf(2)), Buffer.from('no tag of ours, and long enough'))
  const [one, two, three] = await Promise.allSettled(['1', '2', '3'].map(text => centre.send(text)))
  t.match(one, { status: 'fulfilled', value: { isNew: true } })
  t.match(two, { status: 'rejected', reason: { code: 'kv/corrupt' } })
  t.match(three, { status: 'fulfilled', value: { isNew: true } })
  t.ok(centre.holds(1) && centre.holds(3))
})
