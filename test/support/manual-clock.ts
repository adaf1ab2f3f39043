import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/base/clock.ts'

interface Sleeper {
  readonly dueMs: number
  wake(): void
}

/**
 * A clock that stands still until the test moves it.
 *
 * `advance` wakes sleepers in the order they are due and lets what they started run before the next
 * one, so that a chain of short sleeps inside one long `advance` behaves as on a real clock.
 */
export class ManualClock implements Clock {
  private elapsedMs = 0
  private readonly sleepers: Sleeper[] = []

  constructor(private wallMs = Date.UTC(2026, 0, 1)) {}

  nowMs(): number {
    return this.wallMs
  }

  monotonicMs(): number {
    return this.elapsedMs
  }

  /** How many sleeps have not ended. Zero at the end of a test shows that nothing was left waiting. */
  get sleeping(): number {
    return this.sleepers.length
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const leave = () => {
        this.sleepers.splice(this.sleepers.indexOf(sleeper), 1)
        signal?.removeEventListener('abort', abort)
      }
      const abort = () => {
        leave()
        reject(signal?.reason)
      }
      const sleeper: Sleeper = {
        dueMs: this.elapsedMs + Math.max(0, delayMs),
        wake: () => {
          leave()
          resolve()
        },
      }
      this.sleepers.push(sleeper)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  /** Lets `durationMs` pass on both time scales. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.elapsedMs + durationMs
    await this.settled()
    for (;;) {
      const next = this.sleepers.reduce<Sleeper | undefined>(
        (first, sleeper) => (first === undefined || sleeper.dueMs < first.dueMs ? sleeper : first),
        undefined,
      )
      if (next === undefined || next.dueMs > endMs) break
      this.moveTo(Math.max(next.dueMs, this.elapsedMs))
      next.wake()
      await this.settled()
    }
    this.moveTo(endMs)
    await this.settled()
  }

  /**
   * Lets time pass in steps of `stepMs` until `call` has ended, and ends as it did; rejects if that takes longer
   * than `limitMs`.
   */
  async finish<T>(call: Promise<T>, { limitMs = 60_000, stepMs = 10 } = {}): Promise<T> {
    let ended = false
    const end = () => {
      ended = true
    }
    call.then(end, end)
    await this.settled()
    for (let elapsedMs = 0; !ended && elapsedMs < limitMs; elapsedMs += stepMs) await this.advance(stepMs)
    if (!ended) throw new Error(`the call did not end within ${limitMs} ms`)
    return call
  }

  /** Somebody sets the wall clock; sleeps and intervals do not notice. */
  setWall(wallMs: number): void {
    this.wallMs = wallMs
  }

  /** Everything that can run without time passing has run: promises, and what they queued for the event loop. */
  protected async settled(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await setImmediate()
  }

  private moveTo(elapsedMs: number): void {
    this.wallMs += elapsedMs - this.elapsedMs
    this.elapsedMs = elapsedMs
  }
}
