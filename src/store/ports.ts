import type { ErrorCode } from '../base/errors.ts'
import type { Template } from '../finger/template/template.ts'
import type { FingerPosition } from '../record/finger-position.ts'
import type { GalleryChange } from '../record/gallery-change.ts'
import type { Nik } from '../record/nik.ts'
import type { PrintJob, PrintOffer } from '../record/print-job.ts'
import type { KioskRecord } from '../record/record.ts'
import type { Outcome, Receipt, RecordEvent } from '../record/submission.ts'

/** A sealed submission in the outbox. */
export interface OutboxEntry {
  readonly id: string
  readonly sequence: number
  readonly sha256: string
  /** Compact JWE, ASCII, exactly as it is published. */
  readonly body: Uint8Array
  /** When it was appended, milliseconds since 1970. */
  readonly appendedAtMs: number
  /** True once a publish was begun: from then on only the ABIS may say what became of it. */
  readonly published: boolean
}

/** What happened to a record, as it waits for its receipt. */
export interface EventEntry {
  /** Its place in the queue. */
  readonly number: number
  /** Of the record. */
  readonly id: string
  readonly sha256: string
  readonly body: Uint8Array
}

/** Events on records that the ABIS must come to hold, even if the power fails now; receipted like submissions. */
export interface EventQueue {
  readonly count: number
  /**
   * Oldest first, behind `after` (0 for all); not those of a record whose submission is still in the outbox: the ABIS
   * knows no such record.
   */
  peek(limit: number, after?: number): Promise<readonly EventEntry[]>
  /** All of them, oldest first, also those: for a way by which the submissions arrive before them. */
  all(): AsyncIterable<EventEntry>
}

/** Signs and encrypts an event for the ABIS. */
export type SealEvent = (event: RecordEvent) => Promise<{ body: Uint8Array; sha256: string }>

/** Submissions that the ABIS must come to hold, even if the power fails now. */
export interface Outbox {
  /** Submissions waiting for a receipt (set-aside ones not counted); read from memory. */
  readonly count: number
  readonly bytes: number
  /** Oldest first, neither settled nor set aside, from `afterSequence` on (exclusive; 0 for all). */
  peek(limit: number, afterSequence?: number): Promise<readonly OutboxEntry[]>
  get(id: string): Promise<OutboxEntry | undefined>
  /**
   * Durable before it resolves: call it before the first publish of an entry. Safe to repeat. Rejects
   * with `store/unknown-record`, marking none, where one is no longer waiting (replaced or settled
   * since it was peeked): it must not be published; peek again.
   */
  markPublished(ids: readonly string[]): Promise<void>
  /**
   * Forget the one submission, or event, that the receipt names, wherever it stands, and move its record to
   * RECEIVED_AT_CENTRAL, in one batch. Safe to repeat. Rejects with `outbox/other-hash`,
   * `outbox/stale-receipt`, `store/unknown-record`.
   */
  settle(receipt: Receipt): Promise<void>
  /**
   * Where receipts have shown that the ABIS was set back to a backup: puts up to `limit` of what it lost,
   * submissions and events, into the queue again. Returns how many; call it until there are none.
   */
  requeueLost(limit: number): Promise<number>
  /** Take one out of the way with its reason; its bytes stay until a person decides. */
  setAside(id: string, reason: ErrorCode): Promise<void>
  setAsideList(): Promise<readonly { id: string; sequence: number; reason: string }[]>
  /** Put a set-aside submission back into the queue. */
  takeBack(id: string): Promise<void>
}

/** One finger of an enrolment as the store takes it into the gallery. */
export interface GalleryFinger {
  readonly position: FingerPosition
  readonly template: Template
}

/** Everything the store needs for one enrolment; `seal` is called with the number it was given. */
export interface Enrolment {
  readonly id: string
  readonly nik: Nik
  readonly capturedAt: string
  readonly fingers: readonly GalleryFinger[]
  readonly fingersForced: number
  /** Makes the sealed bytes for this sequence number (and, where it replaces one, supersedes). */
  seal(numbers: {
    sequence: number
    bootEpoch: string
    supersedes?: string
  }): Promise<{ body: Uint8Array; sha256: string }>
}

/** What the centre sent to be printed here; all durable when they resolve (`print-jobs.ts`). */
export interface PrintQueue {
  /** False: it is here, or was printed. Rejects with `store/unknown-record`, `store/full`. */
  keep(job: PrintJob): Promise<boolean>
  /** Of a record, oldest first. */
  of(id: string): Promise<readonly PrintOffer[]>
  get(id: string, job: string): Promise<PrintJob | undefined>
  /** Forgets it, and tells the ABIS. Safe to repeat. */
  printed(job: PrintJob, seal: SealEvent): Promise<void>
}

/** One person of whom the ABIS sent templates. */
export interface SentPerson {
  /** Of the record. */
  readonly id: string
  readonly fingers: readonly GalleryFinger[]
}

/** What came of a change, once the disk has it. */
export interface AppliedChange {
  /** Nobody is left of those before. */
  readonly cleared: boolean
  readonly removed: readonly string[]
  /** After `removed`; in place of what was sent of them before. */
  readonly added: readonly SentPerson[]
  /** Fingers that could not be read, and are not kept. */
  readonly unreadable: number
}

/** Templates of the kiosk's scope, as the ABIS sent them (`sent-gallery.ts`). */
export interface SentTemplates {
  /** No digest: none. */
  state(): Promise<{ readonly digest?: string; readonly fingers: number }>
  /**
   * One change, whole or not at all; a copy changes nothing. `question`: from which it may begin anew. Rejects with
   * `store/other-gallery` where it belongs to another one than is here, and with `store/full`.
   */
  apply(
    change: GalleryChange,
    accepted: { readonly question?: string; readonly fingersMax: number },
  ): Promise<AppliedChange>
  /** Erases all of it. */
  clear(): Promise<void>
  /** For the pre-filter at start. Damage becomes findings; what is damaged is then sent anew. */
  all(): AsyncIterable<SentPerson>
  get(id: string): Promise<SentPerson | undefined>
}

/** What the kiosk keeps. Every method that changes something is durable when it resolves. */
export interface Store {
  readonly outbox: Outbox
  readonly events: EventQueue
  readonly prints: PrintQueue
  readonly sent: SentTemplates
  /** Random, made with the data folder. */
  readonly bootEpoch: string
  /**
   * Keep one enrolment: record, sealed submission, gallery and audit entry in one batch, then the
   * high-water mark outside the database. Enrolments are serialised. A repeat (same NIK) of a record
   * whose submission was never published replaces it and takes over its sequence number; after that it
   * supersedes it. Rejects with `store/full` before anything is written.
   */
  enrol(enrolment: Enrolment): Promise<KioskRecord>
  record(id: string): Promise<KioskRecord | undefined>
  /** Newest first. */
  records(options: { limit: number }): AsyncIterable<KioskRecord>
  /** By NIK, newest first; the index is an HMAC. */
  recordsOf(nik: Nik): Promise<readonly KioskRecord[]>
  /** Ignores an outcome whose `seq` is not above the record's. False: ignored. */
  applyOutcome(outcome: Outcome): Promise<boolean>
  /** Records receipted before `beforeMs` that have no verdict yet, oldest first: the relay asks for them. */
  awaitingOutcome(options: { beforeMs: number; limit: number }): Promise<readonly KioskRecord[]>
  /** How full the store is: ask before a capture begins, so that `enrol` need not refuse after it. */
  capacity(): Promise<Capacity>
  /** Every template in the gallery, for the pre-filter at start. Damaged ones become findings. */
  gallery(): AsyncIterable<{ recordId: string; position: FingerPosition; template: Template }>
  /** Called after a record changed, with its new state. Returns how to stop. */
  onRecord(listener: (record: KioskRecord) => void): () => void
  /** What the boot-time audit found wrong, and damage met since; empty when all is accounted for. */
  readonly auditFindings: readonly AuditFinding[]
  close(): Promise<void>
}

/** `warning` from 70 %, `urgent` from 90 %, `full`: `enrol` rejects with `store/full`. */
export interface Capacity {
  readonly level: 'ok' | 'warning' | 'urgent' | 'full'
  /** What is nearest to its limit. An old entry is at most `urgent`: it does not keep new ones out. */
  readonly limitedBy: 'entries' | 'bytes' | 'free-disk' | 'age'
  /** 0…1 of that limit. */
  readonly fraction: number
  readonly entries: number
  readonly bytes: number
}

export interface AuditFinding {
  readonly kind:
    | 'sequence-missing'
    | 'value-corrupt'
    | 'high-water-mark-behind'
    | 'high-water-mark-missing'
    /** The power failed while this number was written; nobody was told of it, unless the disk lied. */
    | 'last-commit-unconfirmed'
    | 'record-without-submission'
  readonly sequence?: number
  readonly id?: string
}
