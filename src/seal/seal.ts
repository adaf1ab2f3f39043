import type { X509Certificate } from 'node:crypto'
import type { z } from 'zod'
import type { AnyQuery, GalleryChange } from '../record/gallery-change.ts'
import type { PrintJob } from '../record/print-job.ts'
import type { Outcome, Receipt, RecordEvent, StatusAnswer, Submission, Told } from '../record/submission.ts'

/** What a signed body says it is: the JWS header `typ` is this plus `+jws`. */
export const sealedTypes = [
  'submission',
  'record',
  'query',
  'receipt',
  'outcome',
  'gallery',
  'print',
  'config',
  'update',
  'command',
  'decision',
] as const
export type SealedType = (typeof sealedTypes)[number]

/** A sealed body as it travels: ASCII bytes of a compact JWS or JWE, and their SHA-256 in hex. */
export interface Sealed {
  readonly body: Uint8Array
  readonly sha256: string
}

/** The kiosk's end: what it signs goes to the ABIS, what it opens comes from the ABIS. */
export interface KioskSeal {
  readonly kiosk: string
  sealSubmission(submission: Submission): Promise<Sealed>
  sealQuery(query: AnyQuery): Promise<Sealed>
  sealRecordEvent(event: RecordEvent): Promise<Sealed>
  /** Reject with one of the `seal/…` codes. */
  openReceipt(body: Uint8Array): Promise<Receipt>
  openOutcome(body: Uint8Array): Promise<Told>
  openPrint(body: Uint8Array): Promise<PrintJob>
  openGallery(body: Uint8Array): Promise<GalleryChange>
}

/** The ABIS's end. `kiosk` of an opened body comes from the signer's certificate. */
export interface AbisSeal {
  readonly abis: string
  sealReceipt(kiosk: string, receipt: Receipt): Promise<Sealed>
  sealOutcome(kiosk: string, outcome: Outcome): Promise<Sealed>
  /** Travels as an outcome does. */
  sealAnswer(kiosk: string, answer: StatusAnswer): Promise<Sealed>
  /** Encrypted to the kiosk that `certificate` is of. */
  sealPrint(kiosk: string, job: PrintJob, certificate: X509Certificate): Promise<Sealed>
  sealGallery(kiosk: string, change: GalleryChange, certificate: X509Certificate): Promise<Sealed>
  /** With which the kiosk signed last, of what was opened here; undefined also where it was revoked since. */
  signerOf(kiosk: string): X509Certificate | undefined
  /** Reject with one of the `seal/…` codes; also where `kiosk` is not the signer. */
  openSubmission(kiosk: string, body: Uint8Array): Promise<Submission>
  openQuery(kiosk: string, body: Uint8Array): Promise<AnyQuery>
  openRecordEvent(kiosk: string, body: Uint8Array): Promise<RecordEvent>
  /** What operations signed for that kiosk. `schema` is the caller's. */
  openConfig<T>(kiosk: string, body: Uint8Array, schema: z.ZodType<T>): Promise<T>
}

/** The ABIS's end of what people decide at it: for its own log, nothing that travels. `schema` is the caller's. */
export interface DecisionSeal {
  sealDecision(decision: unknown): Promise<Sealed>
  /** Rejects with one of the `seal/…` codes. */
  openDecision<T>(body: Uint8Array, schema: z.ZodType<T>): Promise<T>
}

/** A kiosk's end of what operations sign. `schema` is the caller's: this folder knows no settings. */
export interface ConfigSeal {
  readonly kiosk: string
  /** Rejects with one of the `seal/…` codes. */
  openConfig<T>(body: Uint8Array, schema: z.ZodType<T>): Promise<T>
}

/** As `ConfigSeal`, for which update is wanted. */
export interface UpdateSeal {
  readonly kiosk: string
  /** Rejects with one of the `seal/…` codes. */
  openUpdate<T>(body: Uint8Array, schema: z.ZodType<T>): Promise<T>
}

/** As `ConfigSeal`, for what is to be done now. */
export interface CommandSeal {
  readonly kiosk: string
  /** Rejects with one of the `seal/…` codes. */
  openCommand<T>(body: Uint8Array, schema: z.ZodType<T>): Promise<T>
}

/** Operations' end. */
export interface OpsSeal {
  readonly ops: string
  sealConfig(kiosk: string, config: unknown): Promise<Sealed>
  sealUpdate(kiosk: string, update: unknown): Promise<Sealed>
  sealCommand(kiosk: string, command: unknown): Promise<Sealed>
  /** What was signed for that kiosk before. Rejects with one of the `seal/…` codes. */
  openConfig<T>(kiosk: string, body: Uint8Array, schema: z.ZodType<T>): Promise<T>
  openUpdate<T>(kiosk: string, body: Uint8Array, schema: z.ZodType<T>): Promise<T>
}
