import type { Diagnosable } from './part.ts'

/** A card without contacts, as far as it shows itself to anybody. */
export interface Card {
  readonly type: 'iso14443a' | 'iso14443b'
  /** 4, 7 or 10 bytes (type A), or the 4 of a PUPI (type B). May be another one each time; never log it. */
  readonly uid: Uint8Array
}

/**
 * A reader that sees that a card is there, and its number. It reads nothing from the card: an e-KTP opens itself
 * only to the state's own module (SAM).
 *
 * Contract (test/contract/card-reader.ts):
 * - Before `open` and after `close`, `waitForCard` rejects with `hal/not-open`.
 * - `waitForCard` settles within `timeoutMs` (`hal/no-card` where none came, `hal/no-answer` where the part is
 *   silent) and stops early on `signal`. A card that lies there is found again each time.
 * - One at a time: a second one rejects with `hal/busy`.
 * - `close` may be called twice, and leaves the object unusable.
 */
export interface CardReader extends Diagnosable {
  readonly info: { model: string }
  open(): Promise<void>
  waitForCard(options: { timeoutMs: number; signal: AbortSignal }): Promise<Card>
  close(): Promise<void>
}
