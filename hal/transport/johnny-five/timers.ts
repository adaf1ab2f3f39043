import type { Clock } from '../../../src/base/clock.ts'

type Task = (...values: unknown[]) => void
type Handle = AbortController

/** As Node's: no timer is faster. */
const DELAY_MS_MIN = 1

/**
 * The timers of one component, on our clock, under Node's names. johnny-five starts some that nothing of its own ever
 * stops; `close` stops them all. A task that throws is reported, and does not end the process.
 */
export class ComponentTimers {
  private readonly running = new Set<Handle>()
  private closed = false
  private readonly options: { readonly clock: Clock; readonly report: (failure: unknown) => void }

  constructor(options: ComponentTimers['options']) {
    this.options = options
  }

  readonly setTimeout = (task: Task, delayMs = 0, ...values: unknown[]): Handle =>
    this.start(1, task, delayMs, values)

  readonly setInterval = (task: Task, delayMs = 0, ...values: unknown[]): Handle =>
    this.start(Number.POSITIVE_INFINITY, task, delayMs, values)

  readonly clear = (handle: Handle | null | undefined): void => {
    handle?.abort()
  }

  close(): void {
    this.closed = true
    for (const handle of this.running) handle.abort()
  }

  private start(times: number, task: Task, delayMs: number, values: unknown[]): Handle {
    const handle = new AbortController()
    if (this.closed) return handle
    this.running.add(handle)
    void this.run(handle, times, task, Math.max(DELAY_MS_MIN, Number(delayMs) || 0), values)
    return handle
  }

  private async run(
    handle: Handle,
    times: number,
    task: Task,
    delayMs: number,
    values: unknown[],
  ): Promise<void> {
    for (let time = 0; time < times; time++) {
      await this.options.clock.sleep(delayMs, handle.signal).catch(() => {})
      if (handle.signal.aborted) break
      try {
        task(...values)
      } catch (failure) {
        this.options.report(failure)
      }
    }
    this.running.delete(handle)
  }
}
