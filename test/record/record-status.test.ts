/** Goal: whoever has a receipt learns where the record stands and why, and nothing about anybody. */
import t from 'tap'
import type { Nik } from '../../src/record/nik.ts'
import type { KioskRecord } from '../../src/record/record.ts'
import { centreBacklogOf, recordStatusOf } from '../../src/record/record-status.ts'

const record: KioskRecord = {
  id: '019abcde-f012-7345-8678-9abcdef01234',
  nik: '3171236108850001' as Nik,
  sequence: 7,
  sha256: 'ab'.repeat(32),
  status: 'SENT_FOR_ENROLLMENT',
  history: [
    { status: 'BIO_CAPTURED', at: '2026-11-25T03:00:00.000Z' },
    { status: 'SENT_FOR_ENROLLMENT', at: '2026-11-25T03:00:01.000Z' },
  ],
  outcomeSeq: 0,
  fingersCaptured: 10,
  fingersForced: 0,
}
const backlog = { waiting: 3, oldestAt: '2026-11-20T03:00:00.000Z', isOnline: false }

t.test('a record that waits is told with what waits before it, a received one is not', async t => {
  t.same(recordStatusOf(record, backlog), { status: record.status, history: record.history, backlog })
  t.equal(recordStatusOf({ ...record, status: 'RECEIVED_AT_CENTRAL' }, backlog).backlog, undefined)
})

t.test('what matters more than the status is told first', async t => {
  const of = (change: Partial<KioskRecord>) => recordStatusOf({ ...record, ...change }, backlog)
  t.match(of({ setAside: 'broker/too-large' }), { exception: 'set-aside', backlog: undefined })
  t.match(of({ setAside: 'broker/too-large', supersededBy: 'x' }), { exception: 'superseded' })
  t.match(of({ supersededBy: 'x', reason: 'consent-withdrawn' }), { exception: 'withdrawn' })
})

t.test('nothing says whose it is, which one it repeats, or what it is known by', async t => {
  const told = JSON.stringify(
    recordStatusOf(
      {
        ...record,
        status: 'DUPLICATE_RECORD',
        reason: `duplicate-of:${'0'.repeat(36)}`,
        supersededBy: 'abc',
      },
      backlog,
    ),
  )
  t.notMatch(told, /3171236108850001|019abcde|abab|duplicate-of|abc|sequence/)
})

t.test('a centre is behind once somebody waits for a day; its end is told where it moves', async t => {
  const nowMs = Date.parse('2026-11-29T03:00:00.000Z')
  const oldestSfeAt = '2026-11-03T03:00:00.000Z'
  t.same(centreBacklogOf({ sfe: 1_000_000, oldestSfeAt, perSecond: 2 }, nowMs), {
    waiting: 1_000_000,
    oldestAt: oldestSfeAt,
    days: 6,
  })
  t.equal(centreBacklogOf({ sfe: 7, oldestSfeAt, perSecond: 0 }, nowMs)?.days, undefined)
  t.equal(
    centreBacklogOf({ sfe: 7, oldestSfeAt: '2026-11-28T04:00:00.000Z', perSecond: 0 }, nowMs),
    undefined,
  )
  t.equal(centreBacklogOf({ sfe: 0, perSecond: 5 }, nowMs), undefined)
})
