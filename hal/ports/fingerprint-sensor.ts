import type { Frame } from '../../src/finger/image/frame.ts'
import type { Diagnosable } from './part.ts'

/** What a part claims against fingers that are none; whether that is true is for a laboratory to say (ISO/IEC 30107-3). */
export type PresentationAttackDetection = 'none' | 'claimed' | 'certified'

/** Fixed facts from the data sheet. */
export interface FingerprintSensorInfo {
  readonly model: string
  readonly widthPx: number
  readonly heightPx: number
  readonly resolutionDpi: number
  /** Live images a second while a finger is placed; 0 where a part is too slow for any. */
  readonly previewHz: number
  /** Takes four fingers at once. */
  readonly slap: boolean
  /** Travels in the submission. */
  readonly presentationAttackDetection: PresentationAttackDetection
}

export interface CaptureOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** The finger that was asked for: a hint that real parts ignore. */
  readonly position?: number
  /** A finger is felt, and its image is still to come. */
  readonly onContact?: () => void
}

/** What a look at the live images takes. */
export interface PreviewOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** As for `capture`. */
  readonly position?: number
  /** Gets each image as it comes, a JPEG of its own: to be shown and forgotten. */
  readonly onImage: (jpeg: Uint8Array) => void
}

/**
 * A fingerprint sensor, as the capture step sees it.
 *
 * Contract (test/contract/fingerprint-sensor.ts):
 * - Before `open`, every call rejects with `hal/not-open`.
 * - One capture at a time: a second one rejects with `hal/busy`; it is never queued.
 * - `capture` settles within `timeoutMs`, whatever the part does (`hal/no-finger` where nobody
 *   placed one, `hal/bad-capture` where the part itself could not read it, `hal/no-answer` where the part is
 *   silent), and stops early on `signal`.
 * - A part that can tell calls `onContact`, once at most, before it gives its frame; never without a finger.
 * - A frame belongs to who asked for it: the sensor keeps no reference, since it will be zeroed.
 * - A sensor that has `preview` shows live images until `timeoutMs` or `signal` ends that, whether it captures or not.
 * - `close` powers the part down, may be called twice, and leaves the object unusable.
 */
export interface FingerprintSensor extends Diagnosable {
  /** Readable before `open`. */
  readonly info: FingerprintSensorInfo
  open(): Promise<void>
  capture(options: CaptureOptions): Promise<Frame>
  /** Absent where `previewHz` is 0. Resolves at its end; a second one beside the first rejects with `hal/busy`. */
  preview?(options: PreviewOptions): Promise<void>
  close(): Promise<void>
}
