import type { AbisStatus } from './abis-status.ts'
import type { PrintOffer } from './print-job.ts'
import type { KioskRecord } from './record.ts'
import type { Status } from './status.ts'
import type { StatusAnswer } from './submission.ts'

/** What waits at this kiosk for the centre. */
export interface Backlog {
  readonly waiting: number
  /** Of the oldest that waits, ISO 8601. */
  readonly oldestAt?: string
  readonly isOnline: boolean
}

/** What waits at the centre for its search. */
export interface CentreBacklog {
  readonly waiting: number
  /** Of the oldest that waits, ISO 8601. */
  readonly oldestAt: string
  /** Until all of it is searched, at the present pace; absent where nothing moves. */
  readonly days?: number
}

const DAY_MS = 86_400_000
/** So long everybody waits now and then. */
const BEHIND_MS = DAY_MS

/** Undefined: the centre is not behind, as far as it says. */
export function centreBacklogOf(
  { sfe, oldestSfeAt, perSecond }: Pick<AbisStatus, 'sfe' | 'oldestSfeAt' | 'perSecond'>,
  nowMs: number,
): CentreBacklog | undefined {
  if (oldestSfeAt === undefined || nowMs - Date.parse(oldestSfeAt) < BEHIND_MS) return undefined
  const days = perSecond > 0 ? { days: Math.ceil((sfe * 1000) / perSecond / DAY_MS) } : {}
  return { waiting: sfe, oldestAt: oldestSfeAt, ...days }
}

/** Where a record stands, for whoever holds its receipt: nothing that says whose it is, or whom it resembles. */
export interface RecordStatus {
  readonly status: Status
  /** When each status was reached, ISO 8601, oldest first. The last one is `status`. */
  readonly history: KioskRecord['history']
  /** What matters more than its status: consent was withdrawn, a newer record counts, or it cannot be sent. */
  readonly exception?: 'withdrawn' | 'superseded' | 'set-aside'
  /** While the record itself waits here. */
  readonly backlog?: Backlog
  /** While it waits at the centre, which is behind. */
  readonly centre?: CentreBacklog
}

export function recordStatusOf(record: KioskRecord, backlog: Backlog): RecordStatus {
  const { status, history, reason, supersededBy, setAside } = record
  const exception =
    reason === 'consent-withdrawn'
      ? 'withdrawn'
      : supersededBy !== undefined
        ? 'superseded'
        : setAside !== undefined
          ? 'set-aside'
          : undefined
  const waits = status === 'BIO_CAPTURED' || status === 'SENT_FOR_ENROLLMENT'
  return { status, history, ...(exception && { exception }), ...(waits && !exception && { backlog }) }
}

/** Of a record that this kiosk does not have; undefined: the centre does not have it either. */
export function recordStatusOfAnswer(answer: StatusAnswer): RecordStatus | undefined {
  if (!answer.known) return undefined
  const { history, exception } = answer
  return { status: history[history.length - 1].status, history, ...(exception && { exception }) }
}

/** What comes of asking where a record stands. `no-answer`: the centre is connected, and silent. */
export type StatusFinding =
  | {
      readonly kind: 'found'
      readonly record: RecordStatus
      /** What the centre sent to be printed for it, and whether there is a slip to fetch the card with. */
      readonly prints?: readonly PrintOffer[]
      readonly hasSlip?: boolean
    }
  | { readonly kind: 'unknown' | 'offline' | 'no-answer' }
