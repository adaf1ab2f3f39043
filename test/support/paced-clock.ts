import { setTimeout } from 'node:timers/promises'
import { ManualClock } from './manual-clock.ts'

const STEP_MS = 10
/** What takes longer hangs, and time must go on. */
const BUSY_MS_MAX = 5_000

/**
 * A manual clock for tests on real lines: while the test lets time pass, at least half as much passes outside, so
 * that bytes can travel. A busy machine slows both, and no time-out strikes early. Where the test knows what is under
 * way outside, time stands still until it is done.
 */
export class PacedClock extends ManualClock {
  /**
   * `paceMs`: longer steps for machines where every turn of the event loop is dear. `isBusy`: something is under
   * way outside.
   */
  constructor(
    private readonly paceMs = STEP_MS,
    private readonly isBusy = () => false,
  ) {
    super()
  }

  override finish<T>(call: Promise<T>, options: { limitMs?: number } = {}): Promise<T> {
    return super.finish(call, { ...options, stepMs: this.paceMs })
  }

  protected override async settled(): Promise<void> {
    const limit = AbortSignal.timeout(BUSY_MS_MAX)
    do {
      await super.settled()
      while (this.isBusy() && !limit.aborted) await setTimeout(1)
      await super.settled()
    } while (this.isBusy() && !limit.aborted)
  }

  override async advance(durationMs: number): Promise<void> {
    for (let leftMs = durationMs; leftMs > 0; leftMs -= this.paceMs) {
      const stepMs = Math.min(this.paceMs, leftMs)
      await super.advance(stepMs)
      await setTimeout(stepMs / 2)
    }
  }
}
