import { KioskError } from '../base/errors.ts'
import type { GalleryScope } from '../record/gallery-change.ts'
import type { OutcomeStatus } from '../record/status.ts'
import type { SubmittedFinger } from '../record/submission.ts'

/**
 * What the ABIS keeps under which key. Every value is sealed under its data key; keys hold no NIK.
 *
 *     record/<id>                     AbisRecord      one citizen's enrolment and what became of it
 *     search/<id>                     (empty)         receipted, waits for its search; ids are UUIDv7: oldest first
 *     unsent/<id>                     (empty)         an outcome that no broker has taken yet
 *     sequence/<kiosk>/<epoch>        SequenceState   which numbers of a kiosk have arrived
 *     restored                        Restored        that, and when, it was set back to a backup
 *     alarms                          number          ids and sequence numbers that came twice
 *     event/<kiosk>/<sha256>          EventReceipt    a record event that was applied
 *     scope/<kiosk>                   GrantedScope    whose templates it may hold, as operations signed it last
 *     gallery/<kiosk>                 GalleryState    what it holds of them, by its digest, and what is under way
 *     held/<kiosk>/<id>               (empty)         of whom it holds them
 *     adjudication/<id>               string[]        what people decided, each signed by the ABIS
 *     audit/<number>                  LogEntry        the same as a hash-chained log (adjudicator.ts)
 */
export const keyOf = {
  record: (id: string) => `record/${id}`,
  search: (id: string) => `search/${id}`,
  unsent: (id: string) => `unsent/${id}`,
  alarms: 'alarms',
  restored: 'restored',
  sequence: (kiosk: string, epoch: string) => `sequence/${kiosk}/${epoch}`,
  scope: (kiosk: string) => `scope/${kiosk}`,
  gallery: (kiosk: string) => `gallery/${kiosk}`,
  held: (kiosk: string, id: string) => `held/${kiosk}/${id}`,
  adjudication: (id: string) => `adjudication/${id}`,
  audit: 'audit/',
  event: (kiosk: string, sha256: string) => `event/${kiosk}/${sha256}`,
}

export interface AbisRecord {
  readonly id: string
  readonly kiosk: string
  readonly sequence: number
  readonly bootEpoch: string
  /** Lower-case hex of the submission's compact bytes. */
  readonly sha256: string
  readonly nik: string
  readonly capturedAt: string
  readonly receivedAt: string
  /** Empty once consent was withdrawn. */
  readonly fingers: readonly SubmittedFinger[]
  readonly supersedes?: string
  readonly supersededBy?: string
  readonly withdrawnAt?: string
  /** Absent while it waits for its search. */
  readonly outcome?: StoredOutcome
}

export interface StoredOutcome {
  readonly status: OutcomeStatus
  readonly reason?: string
  readonly at: string
  readonly seq: number
}

export interface Restored {
  readonly at: string
}

export interface GrantedScope {
  /** Of the configuration that it stands in. */
  readonly version: number
  readonly scope: GalleryScope
}

/** No digest: the kiosk begins from its question. */
export interface GalleryState {
  readonly digest?: string
  /** Sent, and perhaps not arrived. */
  readonly pending?: PendingChange
}

/** Ids of records; the templates are where they are. */
export interface PendingChange {
  readonly previous: string
  readonly digest: string
  readonly remove: readonly string[]
  readonly add: readonly string[]
}

export interface EventReceipt {
  readonly id: string
  readonly sha256: string
  readonly receivedAt: string
}

/** Keys from `prefix` on: the range that a `Kv` walks. */
export function under(prefix: string): { from: string; to: string } {
  return { from: prefix, to: `${prefix}\uffff` }
}

export function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

export function encodeValue(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** The value is authenticated by the store below; what does not parse was written by other code. */
export function decodeValue<T>(key: string, bytes: Uint8Array): T {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as T
  } catch (cause) {
    throw new KioskError('kv/corrupt', { key }, { cause })
  }
}

export const EMPTY = new Uint8Array(0)
