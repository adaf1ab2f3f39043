import type { Diagnosable, Reading } from './part.ts'

/**
 * A printer of whole pages or cards: collection slips, and documents that the centre sends.
 *
 * Contract (test/contract/document-printer.ts):
 * - Before `open`, every call rejects with `hal/not-open`.
 * - `print` resolves once the printer says that the whole job is done, every page of it. It rejects within `timeoutMs`
 *   with `hal/paper-out`, `hal/cover-open`, `hal/wrong-media` (what is asked for is not loaded), `hal/unsupported` (it
 *   cannot print this format), `hal/part-fault` or `hal/no-answer`, and stops early on `signal`.
 * - With `refillMs`, a job that paper or cover interrupt waits for so long (within `timeoutMs`) and then goes on where
 *   it stood: pages that came out do not come out twice.
 * - A rejected job is cancelled, so that nobody later finds a page that is another's. Where the printer is silent then,
 *   that is made up for before anything else is asked of it; where the job came out before it could be cancelled, the
 *   next `print` of the same document resolves without printing it again.
 * - One job at a time: a second `print` rejects with `hal/busy`.
 * - `close` may be called twice, and leaves the object unusable.
 */
export interface DocumentPrinter extends Diagnosable {
  open(): Promise<void>
  status(): Promise<DocumentPrinterStatus>
  print(document: PrintDocument, options: PrintDocumentOptions): Promise<void>
  close(): Promise<void>
}

export interface DocumentPrinterStatus {
  readonly model: string
  readonly paper: 'ok' | 'low' | 'out'
  readonly coverOpen: boolean
  /** Media that are loaded, by their PWG 5101.1 names; empty where the printer does not say. */
  readonly media: readonly string[]
}

export interface PrintDocument {
  readonly bytes: Uint8Array
  /** Internet media type of `bytes`, such as `application/pdf`. */
  readonly format: string
  /** PWG 5101.1 name of what it is printed on, such as `iso_a4_210x297mm`. */
  readonly media: string
}

export interface PrintDocumentOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** How long an interrupted job waits for paper or a shut cover; 0 if left out. */
  readonly refillMs?: number
}

export const A4 = 'iso_a4_210x297mm'

export function mediaReading(media: readonly string[]): readonly Reading[] {
  return media.length === 0 ? [] : [{ name: 'media', value: media.join(', ') }]
}
