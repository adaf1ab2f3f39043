import { setTimeout } from 'node:timers/promises'
import { ManualClock } from './manual-clock.ts'

const STEP_MS = 10

/**
 * A manual clock for tests on real lines: while the test lets time pass, at least half as much passes outside, so
 * that bytes can travel. A busy machine slows both, and no time-out strikes early.
 */
export class PacedClock extends ManualClock {
  /** Longer steps for machines where every turn of the event loop is dear. */
  constructor(private readonly paceMs = STEP_MS) {
    super()
  }

  override finish<T>(call: Promise<T>, options: { limitMs?: number } = {}): Promise<T> {
    return super.finish(call, { ...options, stepMs: this.paceMs })
  }

  override async advance(durationMs: number): Promise<void> {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= this.paceMs) {
      const stepMs = Math.min(this.paceMs, leftMs)
      await super.advance(stepMs)
      await setTimeout(stepMs / 2)
    }
  }
}
