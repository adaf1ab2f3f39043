import { KioskError } from '../base/errors.ts'
import type { KioskRecord } from '../record/record.ts'
import { mayFollow, type Status, transitions } from '../record/status.ts'
import type { Outcome } from '../record/submission.ts'

/** What becomes of a record when something happens to it. Pure. */

export function newRecord(
  made: Omit<KioskRecord, 'status' | 'history' | 'outcomeSeq'> & { capturedAt: string; durableAt: string },
): KioskRecord {
  const { capturedAt, durableAt, ...record } = made
  return {
    ...record,
    status: 'SENT_FOR_ENROLLMENT',
    history: [
      { status: 'BIO_CAPTURED', at: capturedAt },
      { status: 'SENT_FOR_ENROLLMENT', at: durableAt },
    ],
    outcomeSeq: 0,
  }
}

/**
 * The ABIS holds its submission. An outcome that came first has said so already, but not when; a receipt that
 * comes again later changes nothing.
 */
export function received(record: KioskRecord, at: string): KioskRecord {
  const { setAside: _, ...rest } = record
  if (record.status === 'SENT_FOR_ENROLLMENT') return reach(rest, 'RECEIVED_AT_CENTRAL', at)
  return {
    ...rest,
    history: record.history.map(step =>
      step.status === 'RECEIVED_AT_CENTRAL' && at < step.at ? { ...step, at } : step,
    ),
  }
}

/**
 * The record with this outcome, or undefined where a later one holds already. Throws
 * `store/transition` where no way leads there; steps whose outcomes were lost are passed over.
 */
export function withOutcome(record: KioskRecord, outcome: Outcome): KioskRecord | undefined {
  if (outcome.seq <= record.outcomeSeq) return undefined
  if (outcome.status !== record.status && !leadsTo(record.status, outcome.status))
    throw new KioskError('store/transition', { id: record.id, from: record.status, to: outcome.status })
  // Whoever has a verdict was received: the history reads the same whichever message came first.
  const arrived =
    record.status === 'SENT_FOR_ENROLLMENT' ? reach(record, 'RECEIVED_AT_CENTRAL', outcome.at) : record
  const { reason: _, ...there } = reach(arrived, outcome.status, outcome.at)
  return {
    ...there,
    outcomeSeq: outcome.seq,
    ...(outcome.reason === undefined ? {} : { reason: outcome.reason }),
  }
}

function reach(record: KioskRecord, status: Status, at: string): KioskRecord {
  if (record.status === status) return record
  return { ...record, status, history: [...record.history, { status, at }] }
}

function leadsTo(from: Status, to: Status): boolean {
  const seen = new Set<Status>([from])
  for (const status of seen) {
    if (mayFollow(status, to)) return true
    for (const next of transitions[status]) seen.add(next)
  }
  return false
}
