import type { Notice } from './notice.ts'
import type { Diagnosable } from './part.ts'

/**
 * A lamp that shows from afar how the kiosk is.
 *
 * Contract (test/contract/status-lamp.ts):
 * - Before `open` and after `close`, `show` rejects with `hal/not-open`. It is dark until the first `show`.
 * - `show` resolves once the lamp has begun; the pattern goes on until another takes its place at once. It rejects
 *   with `hal/no-answer` where the lamp cannot be switched.
 * - No pattern flashes more than three times a second: some people have fits (WCAG 2.3.1).
 * - `close` may be called twice, darkens the lamp, and leaves the object unusable.
 */
export interface StatusLamp extends Diagnosable {
  open(): Promise<void>
  show(what: Notice | 'dark'): Promise<void>
  close(): Promise<void>
}
