/** Goal: every status that a record has reached is printed, once, however short the wait is. */
import t from 'tap'
import { followRecord, type StatusLine } from '../../src/cli/kiosk/follow.ts'
import { parseNik } from '../../src/record/nik.ts'
import type { KioskRecord } from '../../src/record/record.ts'
import type { Status } from '../../src/record/status.ts'

const at = '2026-11-25T00:00:00.000Z'
const recordAt = (...statuses: [Status, ...Status[]]): KioskRecord => ({
  id: 'a',
  nik: parseNik('3171011708850001'),
  sequence: 1,
  sha256: '',
  status: statuses[statuses.length - 1],
  history: statuses.map(status => ({ status, at })),
  outcomeSeq: 0,
  fingersCaptured: 10,
  fingersForced: 0,
})

function source(first: KioskRecord) {
  const listeners = new Set<(record: KioskRecord) => void>()
  return {
    // As a disk answers: later than a signal that has aborted already.
    record: () => new Promise<KioskRecord>(resolve => setTimeout(() => resolve(first), 20)),
    onRecord(listener: (record: KioskRecord) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell: (record: KioskRecord) => {
      for (const listener of listeners) listener(record)
    },
    listeners,
  }
}

t.test('a wait that is over before the record is read', async t => {
  const records = source(recordAt('BIO_CAPTURED', 'SENT_FOR_ENROLLMENT'))
  const lines: StatusLine[] = []
  const last = await followRecord(records, 'a', {
    print: line => lines.push(line),
    signal: AbortSignal.abort(),
  })
  t.same(
    lines.map(({ status }) => status),
    ['BIO_CAPTURED', 'SENT_FOR_ENROLLMENT'],
  )
  t.equal(last, 'SENT_FOR_ENROLLMENT')
  t.equal(records.listeners.size, 0)
})

t.test('a verdict ends it, and nothing is printed twice', async t => {
  const records = source(recordAt('BIO_CAPTURED', 'SENT_FOR_ENROLLMENT'))
  const lines: StatusLine[] = []
  const { signal } = new AbortController()
  const done = followRecord(records, 'a', { print: line => lines.push(line), signal })
  records.tell(recordAt('BIO_CAPTURED', 'SENT_FOR_ENROLLMENT', 'RECEIVED_AT_CENTRAL'))
  setTimeout(
    () =>
      records.tell(
        recordAt('BIO_CAPTURED', 'SENT_FOR_ENROLLMENT', 'RECEIVED_AT_CENTRAL', 'PRINT_READY_RECORD'),
      ),
    50,
  )
  t.equal(await done, 'PRINT_READY_RECORD')
  t.same(
    lines.map(({ status }) => status),
    ['BIO_CAPTURED', 'SENT_FOR_ENROLLMENT', 'RECEIVED_AT_CENTRAL', 'PRINT_READY_RECORD'],
  )
  t.equal(records.listeners.size, 0)
})
