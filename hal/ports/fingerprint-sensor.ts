import type { Frame } from '../../src/finger/image/frame.ts'

/**
 * A fingerprint sensor, as the capture step sees it.
 *
 * Contract (test/contract/fingerprint-sensor.ts):
 * - Before `open`, every call rejects with `hal/not-open`.
 * - One capture at a time: a second one rejects with `hal/busy`; it is never queued.
 * - `capture` settles within `timeoutMs`, whatever the part does (`hal/no-finger` where nobody
 *   placed one, `hal/no-answer` where the part is silent), and stops early on `signal`.
 * - A frame belongs to who asked for it: the sensor keeps no reference, since it will be zeroed.
 * - `close` powers the part down, may be called twice, and leaves the object unusable.
 */
export interface FingerprintSensor {
  /** Fixed facts from the data sheet. Readable before `open`. */
  readonly info: { model: string; widthPx: number; heightPx: number; resolutionDpi: number }
  open(): Promise<void>
  /** `position` is the finger that was asked for: a hint that real parts ignore. */
  capture(options: { timeoutMs: number; signal: AbortSignal; position?: number }): Promise<Frame>
  close(): Promise<void>
}
