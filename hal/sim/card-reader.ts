import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { Card, CardReader } from '../ports/card-reader.ts'
import type { Reading } from '../ports/part.ts'
import { PartGate } from '../ports/part-gate.ts'

const LOOK_MS = 50

interface CallOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** A card reader that is not there. */
export class SimulatedCardReader implements CardReader {
  readonly info = { model: 'simulated card reader' } as const
  private readonly gate = new PartGate()
  private card: Card | undefined
  private silent = false

  constructor(private readonly clock: Clock) {}

  /** Somebody lays a card there, or takes it away. */
  present(card: Card | undefined): void {
    this.card = card
  }

  /** A fault: while silent, the part answers nothing. */
  setSilent(silent: boolean): void {
    this.silent = silent
  }

  async open(): Promise<void> {
    await this.gate.open(async () => {
      if (this.silent) throw new KioskError('hal/no-answer')
    })
  }

  async waitForCard({ timeoutMs, signal }: CallOptions): Promise<Card> {
    return this.gate.run(signal, async stop => {
      const deadlineMs = this.clock.monotonicMs() + timeoutMs
      for (;;) {
        const leftMs = deadlineMs - this.clock.monotonicMs()
        if (leftMs <= 0) throw new KioskError(this.silent ? 'hal/no-answer' : 'hal/no-card', { timeoutMs })
        await this.clock.sleep(Math.min(LOOK_MS, leftMs), stop)
        if (!this.silent && this.card !== undefined)
          return { type: this.card.type, uid: this.card.uid.slice() }
      }
    })
  }

  async diagnose({ timeoutMs, signal }: CallOptions): Promise<readonly Reading[]> {
    return this.gate.run(signal, async stop => {
      await this.clock.sleep(this.silent ? timeoutMs : Math.min(LOOK_MS, timeoutMs), stop)
      if (this.silent) throw new KioskError('hal/no-answer', { timeoutMs })
      return [{ name: 'card', value: this.card !== undefined }]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    this.card = undefined
  }
}
