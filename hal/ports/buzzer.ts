import type { Notice } from './notice.ts'
import type { Diagnosable } from './part.ts'

/**
 * A buzzer: short tunes for those who do not see the screen.
 *
 * Contract (test/contract/buzzer.ts):
 * - Before `open` and after `close`, `sound` rejects with `hal/not-open`.
 * - `sound` resolves once the tune is over, within `BUZZER_MS_MAX`; it stops early, and silent, on `signal`. It
 *   rejects with `hal/no-answer` where the buzzer cannot be switched.
 * - One tune at a time: a second one rejects with `hal/busy`; it is never queued.
 * - `close` may be called twice, silences it, and leaves the object unusable.
 */
export interface Buzzer extends Diagnosable {
  open(): Promise<void>
  sound(notice: Notice, options: { signal: AbortSignal }): Promise<void>
  close(): Promise<void>
}

/** The longest tune. Sound that goes on disturbs those who are read to (EN 301 549, 5.1.3.6). */
export const BUZZER_MS_MAX = 3000
