import type { Diagnosable, Reading } from './part.ts'

/**
 * A receipt printer, as the end of a visit sees it.
 *
 * Contract (test/contract/receipt-printer.ts):
 * - Before `open`, every call rejects with `hal/not-open`.
 * - `print` resolves once the part has taken the whole receipt and reported no fault; it rejects within `timeoutMs`
 *   with `hal/paper-out`, `hal/cover-open`, `hal/part-fault` or `hal/no-answer`, and stops early on `signal`.
 * - With `refillMs`, a receipt that paper or cover interrupt is not given up for so long (within `timeoutMs`): once
 *   that is mended, it is printed again, whole and from its start. No printer says which of its lines came out before
 *   the paper ended, and half a receipt has no cut, so the citizen gets one receipt that is whole.
 * - `diagnose` rejects with `hal/paper-out` or `hal/cover-open` where it could not print now.
 * - One receipt at a time: a second `print` rejects with `hal/busy`.
 * - `close` may be called twice, and leaves the object unusable.
 */
export interface ReceiptPrinter extends Diagnosable {
  /** Fixed facts from the data sheet. `columns` are characters of the standard font a line. */
  readonly info: { model: string; widthDots: number; columns: number }
  open(): Promise<void>
  status(): Promise<{ paper: 'ok' | 'low' | 'out'; coverOpen: boolean }>
  print(receipt: Receipt, options: PrintOptions): Promise<void>
  close(): Promise<void>
}

export interface PrintOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** How long an interrupted receipt waits for paper or a shut cover; 0 if left out. */
  readonly refillMs?: number
}

/** A receipt as lines, from top to bottom. */
export type Receipt = readonly ReceiptLine[]
export type ReceiptLine =
  | {
      readonly text: string
      readonly align?: 'left' | 'centre'
      readonly bold?: boolean
      readonly large?: boolean
    }
  | { readonly qr: string }
  | { readonly picture: Picture }
  | { readonly rule: true }
  | { readonly feedLines: number }

/** Black on white, such as a coat of arms: one byte a dot, row by row, 1 is ink. Centred on the paper. */
export interface Picture {
  readonly widthDots: number
  readonly dots: Uint8Array
}

export const PICTURE_HEIGHT_DOTS_MAX = 600

export function paperReading(paper: 'ok' | 'low' | 'out'): Reading {
  return { name: 'paper', value: paper, ...(paper === 'low' && { remedy: 'put a new roll in soon' }) }
}
