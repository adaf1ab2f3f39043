import type { Diagnosable, Reading } from './part.ts'

export interface ClockReading {
  /** Milliseconds since 1970, UTC; to the second. */
  readonly timeMs: number
  /** False where the clock has stood still since it was set (its battery is empty), or was never set. */
  readonly trusted: boolean
}

/**
 * A clock that goes on without power.
 *
 * Contract (test/contract/real-time-clock.ts):
 * - Before `open` and after `close`, calls reject with `hal/not-open`.
 * - `read` and `set` settle within `timeoutMs` and stop early on `signal`; `hal/no-answer` where it is silent,
 *   `hal/bad-answer` where its registers hold no date.
 * - After `set`, the clock is trusted and goes on from there. It holds 2000 to 2099; `set` rejects with
 *   `hal/unsupported` for other times.
 * - One call at a time: a second one rejects with `hal/busy`.
 * - `close` may be called twice, and leaves the object unusable. The clock goes on.
 */
export interface RealTimeClock extends Diagnosable {
  open(): Promise<void>
  read(options: { timeoutMs: number; signal: AbortSignal }): Promise<ClockReading>
  set(timeMs: number, options: { timeoutMs: number; signal: AbortSignal }): Promise<void>
  close(): Promise<void>
}

/** Of a clock that stood still. */
export const LOST_BATTERY: Reading = {
  name: 'battery',
  value: 'was empty or missing',
  remedy: 'replace it, then set the clock: tunggal part test NAME --set-clock',
}
