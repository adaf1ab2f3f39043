import { KioskError } from '../../src/base/errors.ts'

/**
 * What every part's contract says of its calls: none before `open` or after `close`, one at a time, and
 * each stops when its signal or `close` says so.
 */
export class PartGate {
  private state: 'new' | 'open' | 'closed' = 'new'
  private busy = false
  private readonly closing = new AbortController()

  open(): void {
    if (this.state === 'closed') throw new KioskError('hal/not-open')
    this.state = 'open'
  }

  close(): void {
    this.state = 'closed'
    this.closing.abort(new KioskError('hal/not-open'))
  }

  requireOpen(): void {
    if (this.state !== 'open') throw new KioskError('hal/not-open')
  }

  /** Runs `task` alone. It must heed its signal, which aborts with the caller's reason or with `hal/not-open`. */
  async run<T>(signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.requireOpen()
    signal.throwIfAborted()
    if (this.busy) throw new KioskError('hal/busy')
    this.busy = true
    try {
      return await task(AbortSignal.any([signal, this.closing.signal]))
    } finally {
      this.busy = false
    }
  }
}
