import type { Diagnosable } from './part.ts'

/**
 * More pins on a bus, for what is slow: keys, lamps, relays. They are weakly high until something pulls them low.
 *
 * Contract (test/contract/expander.ts):
 * - Before `open` and after `close`, calls reject with `hal/not-open`. `open` leaves the pins as they are.
 * - `read` gives the levels at the pins now, pin 0 in bit 0. `write` changes the pins of `mask` only: a 1 lets the pin
 *   go (so that it can be read), a 0 pulls it low.
 * - Both settle within `timeoutMs` and stop early on `signal`; `hal/no-answer` where the part is silent.
 * - Calls may overlap: each does its work whole, in the order of the calls.
 * - `close` may be called twice, lets all pins go, and leaves the object unusable.
 */
export interface Expander extends Diagnosable {
  readonly info: { model: string; pins: number }
  open(): Promise<void>
  read(options: { timeoutMs: number; signal: AbortSignal }): Promise<number>
  write(mask: number, levels: number, options: { timeoutMs: number; signal: AbortSignal }): Promise<void>
  close(): Promise<void>
}
