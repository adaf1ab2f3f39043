import { KioskError } from '../../src/base/errors.ts'

/**
 * What the contracts of parts say of their calls, so that every driver says it alike: none before `open` or
 * after `close`, one at a time, and each stops when its signal or `close` says so.
 */
export class PartGate {
  private state: 'new' | 'open' | 'closed' = 'new'
  private busy = false
  private readonly closing = new AbortController()

  /** Open once `task` has ended well; where it fails, it may be tried again. */
  async open(task: (signal: AbortSignal) => Promise<void> = async () => {}): Promise<void> {
    if (this.state === 'closed') throw new KioskError('hal/not-open')
    await this.alone(this.closing.signal, task)
    this.closing.signal.throwIfAborted()
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
    return this.alone(AbortSignal.any([signal, this.closing.signal]), task)
  }

  private async alone<T>(signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.busy) throw new KioskError('hal/busy')
    this.busy = true
    try {
      return await task(signal)
    } finally {
      this.busy = false
    }
  }
}
