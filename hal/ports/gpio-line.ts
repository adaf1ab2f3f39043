import { KioskError } from '../../src/base/errors.ts'

/**
 * A pin that is listened to. `active` is what the pin means: with `activeLow`, 0 V is active.
 *
 * Contract (test/contract/gpio-line.ts):
 * - Before `open` and after `close`, `read` rejects with `hal/not-open`; `open` may follow `close`.
 * - `open` rejects with `hal/no-bus` (no such chip or line), `hal/in-use` or `hal/no-permission`.
 * - `onEdge` hears a change of level between `open` and `close`, each as the level it led to. Changes that follow
 *   each other fast may be heard as one, and glitches not at all: what is heard last is the level.
 * - A line that is gone rejects `read` with `hal/no-answer`, and says nothing of its own accord.
 */
export interface GpioInput {
  open(): Promise<void>
  read(): Promise<boolean>
  /** Who hears of changes; one listener, the last one set. */
  onEdge(listener: (active: boolean) => void): void
  close(): Promise<void>
}

/**
 * A pin that is driven.
 *
 * Contract (test/contract/gpio-line.ts): as `GpioInput`; from `open` until the first `write` it is inactive, without
 * a glitch, and `close` leaves it inactive.
 */
export interface GpioOutput {
  open(): Promise<void>
  write(active: boolean): Promise<void>
  close(): Promise<void>
}

export interface GpioLineOptions {
  readonly activeLow?: boolean
}

/** The pins of a machine. A line that one of them holds open rejects with `hal/in-use` from the others. */
export interface GpioLines {
  /** `line` is `<chip label>:<offset>`, such as `pinctrl-bcm2711:17`. Throws `config/bad-value` for other shapes. */
  input(line: string, options?: GpioLineOptions): GpioInput
  output(line: string, options?: GpioLineOptions): GpioOutput
}

/** A line by its chip's label and its number on that chip: both stay the same between kernels. */
export interface LineName {
  readonly chip: string
  readonly offset: number
}

const OFFSET_MAX = 1023

/** Labels may hold colons themselves; the offset stands behind the last. Throws `config/bad-value`. */
export function parseLineName(line: string): LineName {
  const parts = /^([\x21-\x7e]{1,64}):(\d{1,4})$/.exec(line)
  const offset = Number(parts?.[2])
  if (parts === null || offset > OFFSET_MAX)
    throw new KioskError('config/bad-value', {
      where: 'gpio',
      problem: `${JSON.stringify(line.slice(0, 80))} is not CHIP:OFFSET, such as pinctrl-bcm2711:17`,
    })
  return { chip: parts[1], offset }
}
