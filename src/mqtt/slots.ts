import { KioskError } from '../base/errors.ts'

const WAITING_MAX = 4_096

/**
 * The broker's Receive Maximum, kept by us: at most `limit` acknowledged publishes under way, the rest wait
 * their turn. Waiting ends with the link, so nothing outlives it.
 */
export class Slots {
  private taken = 0
  private ended = false
  private readonly waiting: { enter(): void; fail(error: Error): void }[] = []

  constructor(private readonly limit: number) {}

  /** A free place at once, where there is one. */
  tryTake(): boolean {
    if (this.ended || this.taken >= this.limit) return false
    this.taken++
    return true
  }

  /** Rejects with `broker/offline`, `broker/refused` (too many wait), or the signal's reason. */
  async take(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    if (this.ended) throw new KioskError('broker/offline')
    if (this.tryTake()) return
    if (this.waiting.length >= WAITING_MAX) throw new KioskError('broker/refused', { waiting: WAITING_MAX })
    await new Promise<void>((resolve, reject) => {
      const leave = () => signal?.removeEventListener('abort', abort)
      const abort = () => {
        this.waiting.splice(this.waiting.indexOf(waiter), 1)
        leave()
        reject(signal?.reason)
      }
      const waiter = {
        enter: () => {
          leave()
          resolve()
        },
        fail: (error: Error) => {
          leave()
          reject(error)
        },
      }
      this.waiting.push(waiter)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  release(): void {
    const next = this.waiting.shift()
    if (next) next.enter()
    else this.taken--
  }

  end(): void {
    this.ended = true
    for (const waiter of this.waiting.splice(0)) waiter.fail(new KioskError('broker/offline'))
  }
}
