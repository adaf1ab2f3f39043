import type { StatusAnswer } from '../record/submission.ts'
import type { AbisRecord } from './layout.ts'

/** Where the record stands that was asked for; not why, since that may name somebody else's. Pure. */
export function statusAnswer(
  { id, question }: { readonly id: string; readonly question: string },
  record: AbisRecord | undefined,
): StatusAnswer {
  if (record === undefined) return { id, question, known: false }
  const { capturedAt, receivedAt, outcome, supersededBy, withdrawnAt } = record
  const exception =
    withdrawnAt !== undefined ? 'withdrawn' : supersededBy !== undefined ? 'superseded' : undefined
  return {
    id,
    question,
    known: true,
    history: [
      { status: 'BIO_CAPTURED', at: capturedAt },
      { status: 'RECEIVED_AT_CENTRAL', at: receivedAt },
      ...(outcome === undefined ? [] : [{ status: outcome.status, at: outcome.at }]),
    ],
    ...(exception && { exception }),
  }
}
