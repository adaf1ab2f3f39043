import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'

/** Whoever refills looks at the printer when it moves again: soon. */
const LOOK_MS = 500

export interface RefillOptions {
  readonly clock: Clock
  /** Rejects where the printer could not print now. */
  ready(): Promise<unknown>
  /** One try; rejects with `hal/paper-out` or `hal/cover-open` where that interrupts it. */
  print(): Promise<void>
  /** When waiting for paper ends. */
  readonly refillUntilMs: number
  readonly signal: AbortSignal
}

/**
 * What `refillMs` in `hal/ports/receipt-printer.ts` promises, for driver and simulator alike. A printer that is not
 * ready at the start rejects at once: nobody has half a receipt in hand, so the screen can show it instead.
 */
export async function printThroughRefill(options: RefillOptions): Promise<void> {
  const { clock, ready, print, refillUntilMs, signal } = options
  await ready()
  for (;;) {
    try {
      return await print()
    } catch (cause) {
      let fault = cause
      while (fault !== undefined) {
        if (!isMendable(fault) || clock.monotonicMs() + LOOK_MS > refillUntilMs) throw fault
        await clock.sleep(LOOK_MS, signal)
        fault = await ready().then(
          () => undefined,
          (next: unknown) => next,
        )
      }
    }
  }
}

function isMendable(cause: unknown): boolean {
  return cause instanceof KioskError && (cause.code === 'hal/paper-out' || cause.code === 'hal/cover-open')
}
