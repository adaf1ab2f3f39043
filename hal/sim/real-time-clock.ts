import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { TIME_MS_MAX, TIME_MS_MIN } from '../drivers/ds3231/codec.ts'
import type { Reading } from '../ports/part.ts'
import { PartGate } from '../ports/part-gate.ts'
import { type ClockReading, LOST_BATTERY, type RealTimeClock } from '../ports/real-time-clock.ts'

const ANSWER_MS = 2

interface CallOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** A battery clock that is not there. With `isSet` somebody set it before it was mounted. */
export class SimulatedRealTimeClock implements RealTimeClock {
  private readonly gate = new PartGate()
  private silent = false
  private trusted = false
  private setMs = TIME_MS_MIN
  private setAtMs: number

  constructor(
    private readonly clock: Clock,
    { isSet = false } = {},
  ) {
    this.setAtMs = clock.monotonicMs()
    if (isSet) this.keep(Math.min(Math.max(clock.nowMs(), TIME_MS_MIN), TIME_MS_MAX), true)
  }

  /** A fault: while silent, the part answers nothing. */
  setSilent(silent: boolean): void {
    this.silent = silent
  }

  /** A fault: its battery is empty and its supply was gone. */
  losePower(): void {
    this.keep(TIME_MS_MIN, false)
  }

  async open(): Promise<void> {
    await this.gate.open(async () => {
      if (this.silent) throw new KioskError('hal/no-answer')
    })
  }

  async read(options: CallOptions): Promise<ClockReading> {
    return this.answer(options, () => this.reading())
  }

  async set(timeMs: number, options: CallOptions): Promise<void> {
    return this.answer(options, () => {
      if (!(timeMs >= TIME_MS_MIN && timeMs <= TIME_MS_MAX))
        throw new KioskError('hal/unsupported', { timeMs })
      this.keep(timeMs, true)
    })
  }

  async diagnose(options: CallOptions): Promise<readonly Reading[]> {
    return this.answer(options, () => [
      { name: 'time', value: new Date(this.reading().timeMs).toISOString() },
      this.trusted ? { name: 'battery', value: 'ok' } : LOST_BATTERY,
    ])
  }

  async close(): Promise<void> {
    this.gate.close()
  }

  private reading(): ClockReading {
    const timeMs = this.setMs + this.clock.monotonicMs() - this.setAtMs
    return { timeMs: Math.floor(timeMs / 1000) * 1000, trusted: this.trusted }
  }

  private keep(timeMs: number, trusted: boolean): void {
    this.setMs = timeMs
    this.setAtMs = this.clock.monotonicMs()
    this.trusted = trusted
  }

  private async answer<T>({ timeoutMs, signal }: CallOptions, answer: () => T): Promise<T> {
    return this.gate.run(signal, async stop => {
      const neededMs = this.silent ? Number.POSITIVE_INFINITY : ANSWER_MS
      await this.clock.sleep(Math.min(neededMs, timeoutMs), stop)
      if (neededMs > timeoutMs) throw new KioskError('hal/no-answer', { timeoutMs })
      return answer()
    })
  }
}
