/** Where a record stands (docs: DESIGN § 1). */
export const statuses = [
  'BIO_CAPTURED',
  'SENT_FOR_ENROLLMENT',
  'RECEIVED_AT_CENTRAL',
  'PRINT_READY_RECORD',
  'DUPLICATE_RECORD',
  'ADJUDICATE_RECORD',
  'ENROLL_FAILURE_AT_CENTRAL',
  'SENT_FOR_CARD_PRINTING',
  'CARD_PRINTED',
  'CARD_ISSUED',
] as const
export type Status = (typeof statuses)[number]

export const outcomeStatuses = [
  'PRINT_READY_RECORD',
  'DUPLICATE_RECORD',
  'ADJUDICATE_RECORD',
  'ENROLL_FAILURE_AT_CENTRAL',
  'SENT_FOR_CARD_PRINTING',
  'CARD_PRINTED',
  'CARD_ISSUED',
] as const satisfies readonly Status[]
export type OutcomeStatus = (typeof outcomeStatuses)[number]

const VERDICTS: readonly Status[] = [
  'PRINT_READY_RECORD',
  'DUPLICATE_RECORD',
  'ADJUDICATE_RECORD',
  'ENROLL_FAILURE_AT_CENTRAL',
]

/**
 * What may follow each status. An outcome may arrive before its receipt (two topics), and a verdict
 * may be changed by an adjudicator, so verdicts may follow each other.
 */
export const transitions: Readonly<Record<Status, readonly Status[]>> = {
  BIO_CAPTURED: ['SENT_FOR_ENROLLMENT'],
  SENT_FOR_ENROLLMENT: ['RECEIVED_AT_CENTRAL', ...VERDICTS],
  RECEIVED_AT_CENTRAL: VERDICTS,
  PRINT_READY_RECORD: [...VERDICTS, 'SENT_FOR_CARD_PRINTING'],
  DUPLICATE_RECORD: VERDICTS,
  ADJUDICATE_RECORD: VERDICTS,
  ENROLL_FAILURE_AT_CENTRAL: VERDICTS,
  SENT_FOR_CARD_PRINTING: ['CARD_PRINTED'],
  CARD_PRINTED: ['CARD_ISSUED'],
  CARD_ISSUED: [],
}

export function mayFollow(from: Status, to: Status): boolean {
  return transitions[from].includes(to)
}

/** A verdict of the ABIS that ends `--wait` and `--once`. */
export function isVerdict(status: Status): boolean {
  return VERDICTS.includes(status)
}
