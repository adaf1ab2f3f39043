/** Goal: counts by status and kiosk, and the age of the oldest, whatever becomes of a record. */
import t from 'tap'
import { Counts } from '../../src/abis/counts.ts'
import { ManualClock } from '../support/manual-clock.ts'

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 8, minute)).toISOString()
const record = (id: string, kiosk: string, minute: number) => ({ id, kiosk, receivedAt: at(minute) })

t.test('each record counts once, at its kiosk and in all', async t => {
  const counts = new Counts(new ManualClock())
  const [a, b, c] = [record('a', 'kiosk-1', 1), record('b', 'kiosk-2', 2), record('c', 'kiosk-2', 3)]
  for (const each of [a, b, c]) counts.add(each)
  t.match(counts.snapshot(), { received: 3, sfe: 3, oldestSfeAt: at(1) })
  counts.outcome(a, undefined, { status: 'PRINT_READY_RECORD', at: at(4) })
  t.match(counts.snapshot(), {
    sfe: 2,
    prr: 1,
    oldestSfeAt: at(2),
    byKiosk: {
      'kiosk-1': { received: 1, sfe: 0, prr: 1, oldestSfeAt: undefined },
      'kiosk-2': { received: 2, sfe: 2, prr: 0, oldestSfeAt: at(2) },
    },
  })
  counts.outcome(b, undefined, { status: 'ADJUDICATE_RECORD', at: at(5) })
  t.match(counts.snapshot(), { sfe: 1, adjudicate: 1, oldestSfeAt: at(3), oldestAdjudicateAt: at(5) })
  counts.outcome(b, 'ADJUDICATE_RECORD', { status: 'DUPLICATE_RECORD', at: at(6) })
  counts.outcome(a, 'PRINT_READY_RECORD', { status: 'SENT_FOR_CARD_PRINTING', at: at(6) })
  counts.withdrawn(c.id)
  t.match(counts.snapshot(), {
    received: 3,
    sfe: 0,
    prr: 1,
    duplicate: 1,
    adjudicate: 0,
    failed: 0,
    oldestSfeAt: undefined,
    oldestAdjudicateAt: undefined,
  })
})
