import type { Nik } from './nik.ts'
import type { Status } from './status.ts'

/** What the kiosk keeps of one citizen's enrolment. Templates are not here: they are in the gallery. */
export interface KioskRecord {
  readonly id: string
  readonly nik: Nik
  readonly sequence: number
  /** Lower-case hex of the sealed submission. */
  readonly sha256: string
  readonly status: Status
  /** When each status was reached, oldest first. The last one is `status`. */
  readonly history: readonly { readonly status: Status; readonly at: string }[]
  /** Of the last outcome that held. 0: none yet. */
  readonly outcomeSeq: number
  readonly reason?: string
  /** The outbox set the submission aside for this. */
  readonly setAside?: string
  readonly supersedes?: string
  readonly supersededBy?: string
  readonly fingersCaptured: number
  readonly fingersForced: number
}
