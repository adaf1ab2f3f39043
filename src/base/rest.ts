import type { Clock } from './clock.ts'

/** No clock sleeps longer. */
const SLEEP_MS_MAX = 2 ** 31 - 1

/**
 * What a loop does between two turns: it rests until a time, or until it is woken. Waking it during its turn counts too,
 * so that nothing is missed which happens meanwhile.
 */
export class Rest {
  private isWoken = false
  private end = () => {}

  constructor(private readonly clock: Clock) {}

  wake(): void {
    this.isWoken = true
    this.end()
  }

  /** `atMs`: monotonic; infinity, where only waking ends it. Never rejects; one at a time. */
  async until(atMs: number): Promise<void> {
    if (!this.isWoken) await this.sleep(atMs - this.clock.monotonicMs())
    this.end = () => {}
    this.isWoken = false
  }

  private sleep(delayMs: number): Promise<void> {
    if (delayMs === Number.POSITIVE_INFINITY) return new Promise(resolve => (this.end = resolve))
    const woken = new AbortController()
    this.end = () => woken.abort()
    return this.clock.sleep(Math.min(Math.max(1, delayMs), SLEEP_MS_MAX), woken.signal).catch(() => {})
  }
}
