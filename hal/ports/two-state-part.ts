import type { Diagnosable } from './part.ts'

/**
 * A part that is in one of two states: somebody is there or not, a door is open or shut. What `active` means
 * stands at each port that extends this one.
 *
 * Contract (test/contract/two-state-part.ts):
 * - `open` resolves once the state is known, and rejects with `hal/no-answer` where it cannot be.
 * - `active` is the settled state: bouncing contacts and glitches do not show. It is undefined before `open`, after
 *   `close`, and while the part cannot be read; a part that can be read again comes back by itself.
 * - `onChange` hears each change of `active` between `open` and `close` once, in order.
 * - `close` may be called twice, and leaves the object unusable.
 */
export interface TwoStatePart extends Diagnosable {
  open(): Promise<void>
  readonly active: boolean | undefined
  /** Who hears of changes; one listener, the last one set. */
  onChange(listener: (active: boolean | undefined) => void): void
  close(): Promise<void>
}
