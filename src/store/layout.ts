import { createHmac } from 'node:crypto'
import { KioskError } from '../base/errors.ts'
import type { FingerPosition } from '../record/finger-position.ts'
import type { Nik } from '../record/nik.ts'
import type { KioskRecord } from '../record/record.ts'

/**
 * What stands under which key. Keys hold no NIK and nothing secret. Every value is sealed under the
 * data key, but for what is sealed to the ABIS: that can be taken off a dead board's card.
 *
 *     meta/store              StoreMeta            made with the data folder
 *     meta/group              LastGroup            sequence numbers given out by the last commit
 *     meta/abis               AbisState            what the newest receipt tells of the ABIS itself
 *     body/<sequence>/<id>    compact JWE          a submission the ABIS must come to hold
 *     entry/<sequence>/<id>   EntryMeta            what the outbox knows of it
 *     aside/<sequence>/<id>   AsideMeta            it was set aside, and why
 *     event/<number>/<id>     compact JWE          what happened to a record, to be told the ABIS
 *     receipted/<ms>/<sequence>/<id>  compact JWE  a submission that the ABIS has receipted, for a while
 *     told/<ms>/<number>/<id> compact JWE          the same of an event
 *     settled/<sequence>      SettledMeta          the ledger: what became of each number
 *     ledger/start            LedgerStart          every number up to this one is settled; under meta/ledger too
 *     record/<id>             StoredRecord
 *     nik/<hmac>              string[]             ids of this NIK's records, oldest first
 *     gallery/<id>/<position> packed template
 *     sent/<id>               packed templates     of one person, sent by the ABIS for the pre-filter
 *     meta/sent               SentMeta             which of the ABIS's galleries that is
 *     awaiting/<ms>/<id>      (empty)              receipted, without a verdict yet
 *     verdict/<ms>/<id>       (empty)              its first outcome came then, and its templates are here
 *     print/<id>/<job>        PrintJob             what the centre sent to be printed for it
 *     printed/<job>           PrintedMeta          that was printed here
 *     audit/<number>          AuditPage            one a commit, hash-chained
 */
export const BODY_PREFIX = 'body/'
export const EVENT_PREFIX = 'event/'
export const RECEIPTED_PREFIX = 'receipted/'
export const TOLD_PREFIX = 'told/'
/** Their values are sealed to the ABIS already. */
export const SEALED_PREFIXES = [BODY_PREFIX, EVENT_PREFIX, RECEIPTED_PREFIX, TOLD_PREFIX]

const SEQUENCE_DIGITS = 16
const MS_DIGITS = 16

export interface StoreMeta {
  readonly format: 1
  readonly bootEpoch: string
}
export interface LastGroup {
  readonly first: number
}
export interface EntryMeta {
  readonly sha256: string
  /** Of the body. */
  readonly bytes: number
  readonly appendedAtMs: number
  readonly published: boolean
}
export interface AsideMeta {
  readonly reason: string
  readonly atMs: number
}
export interface SettledMeta {
  readonly id: string
  readonly sha256: string
  /** The submission was taken back before it was ever published: the ABIS never held it. */
  readonly withdrawn?: true
  /** Since when it was kept under `receipted/`; it may have been dropped there. */
  readonly receiptedMs?: number
}
export interface LedgerStart {
  readonly through: number
}
export interface AbisState {
  /** Of the newest receipt; empty before the first. */
  readonly receivedAt: string
  readonly highestContiguous: number
  /** When it was last set back to a backup, as far as it said. */
  readonly restoredAt?: string
  /** It went back: what is kept above this number goes into the queue again. Absent once all of it does. */
  readonly lostAbove?: number
  /** Under `receipted/` and `told/`. */
  readonly keptBytes: number
}
export interface PrintedMeta {
  readonly atMs: number
}
/** Absent: none; whatever is under `sent/` is then the rest of one. */
export interface SentMeta {
  readonly digest: string
  readonly fingers: number
}
export interface StoredRecord {
  readonly record: KioskRecord
  /** When the receipt came, by our clock; while it waits for a verdict. */
  readonly awaitingSinceMs?: number
  /** Since when its submission is kept under `receipted/`. */
  readonly receiptedMs?: number
  /** Consent was withdrawn: its templates, and what was not yet sent, are erased. */
  readonly withdrawn?: true
}

const padded = (value: number, digits: number) => String(value).padStart(digits, '0')

export const keyOf = {
  meta: 'meta/store',
  group: 'meta/group',
  abis: 'meta/abis',
  ledgerStarts: ['ledger/start', 'meta/ledger'],
  body: (sequence: number, id: string) => `${BODY_PREFIX}${padded(sequence, SEQUENCE_DIGITS)}/${id}`,
  entry: (sequence: number, id: string) => `entry/${padded(sequence, SEQUENCE_DIGITS)}/${id}`,
  aside: (sequence: number, id: string) => `aside/${padded(sequence, SEQUENCE_DIGITS)}/${id}`,
  event: (number: number, id: string) => `${EVENT_PREFIX}${padded(number, SEQUENCE_DIGITS)}/${id}`,
  kept: (prefix: string, sinceMs: number, number: number, id: string) =>
    `${prefix}${padded(Math.max(0, sinceMs), MS_DIGITS)}/${padded(number, SEQUENCE_DIGITS)}/${id}`,
  keptBefore: (prefix: string, ms: number) => `${prefix}${padded(Math.max(0, ms), MS_DIGITS)}`,
  settled: (sequence: number) => `settled/${padded(sequence, SEQUENCE_DIGITS)}`,
  record: (id: string) => `record/${id}`,
  /** Sixteen digits can be enumerated: a plain hash would give every NIK away. */
  nik: (nik: Nik, indexKey: Uint8Array) => `nik/${createHmac('sha256', indexKey).update(nik).digest('hex')}`,
  gallery: (id: string, position: FingerPosition) => `gallery/${id}/${padded(position, 2)}`,
  sent: (id: string) => `sent/${id}`,
  sentMeta: 'meta/sent',
  awaiting: (sinceMs: number, id: string) => `awaiting/${padded(Math.max(0, sinceMs), MS_DIGITS)}/${id}`,
  verdict: (sinceMs: number, id: string) => `verdict/${padded(Math.max(0, sinceMs), MS_DIGITS)}/${id}`,
  print: (id: string, job: string) => `print/${id}/${job}`,
  printed: (job: string) => `printed/${job}`,
  audit: (number: number) => `audit/${padded(number, SEQUENCE_DIGITS)}`,
}

/** Every key that starts with `prefix`, which ends with a slash ('0' follows it). */
export function under(prefix: string): { from: string; to: string } {
  return { from: prefix, to: `${prefix.slice(0, -1)}0` }
}

/** Sequence and id of a `body/`, `entry/` or `aside/` key; undefined where damage made it another. */
export function parseEntryKey(key: string): { sequence: number; id: string } | undefined {
  const match = /^(?:body|entry|aside)\/([0-9]{16})\/([0-9a-f-]{36})$/.exec(key)
  return match ? { sequence: Number(match[1]), id: match[2] } : undefined
}

export function parseEventKey(key: string): { number: number; id: string } | undefined {
  const match = /^event\/([0-9]{16})\/([0-9a-f-]{36})$/.exec(key)
  return match ? { number: Number(match[1]), id: match[2] } : undefined
}

/** Of a `receipted/` or `told/` key. */
export function parseReceiptedKey(key: string): { number: number; id: string } | undefined {
  const match = /^(?:receipted|told)\/[0-9]{16}\/([0-9]{16})\/([0-9a-f-]{36})$/.exec(key)
  return match ? { number: Number(match[1]), id: match[2] } : undefined
}

export function parseSettledKey(key: string): number | undefined {
  const match = /^settled\/([0-9]{16})$/.exec(key)
  return match ? Number(match[1]) : undefined
}

export function parseGalleryKey(key: string): { recordId: string; position: FingerPosition } | undefined {
  const match = /^gallery\/([0-9a-f-]{36})\/(0[1-9]|10)$/.exec(key)
  return match ? { recordId: match[1], position: Number(match[2]) as FingerPosition } : undefined
}

/** The last part of a key. */
export function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

export function encodeValue(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** Only for values that were authenticated as our own; `T` is then what we wrote. */
export function decodeValue<T>(key: string, bytes: Uint8Array): T {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as T
  } catch (error) {
    throw new KioskError('kv/corrupt', { key }, { cause: error })
  }
}

/** When an id was made, milliseconds since 1970: the first 48 bits of a UUIDv7 (RFC 9562 § 5.7). */
export function madeAtMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
