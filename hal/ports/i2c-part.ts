import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { I2C_TIMEOUT_MS, type I2cBus } from './i2c-bus.ts'

/** One call of a part: when it must be over, and what ends it before. */
export interface Turn {
  readonly deadlineMs: number
  readonly signal: AbortSignal
}

/** What drivers of I2C parts have in common: an address on a bus, and calls that end in time. */
export class I2cPart {
  private readonly options: { readonly bus: I2cBus; readonly clock: Clock; readonly address: number }

  constructor(options: { readonly bus: I2cBus; readonly clock: Clock; readonly address: number }) {
    this.options = options
  }

  turn(timeoutMs: number, signal: AbortSignal): Turn {
    return { deadlineMs: this.options.clock.monotonicMs() + timeoutMs, signal }
  }

  /** Opens the bus for this part and runs `task`; where that fails, the bus is let go. */
  async open(task: () => Promise<void>): Promise<void> {
    const { bus } = this.options
    await bus.open()
    try {
      await task()
    } catch (cause) {
      await bus.close()
      throw cause
    }
  }

  async close(): Promise<void> {
    await this.options.bus.close()
  }

  async transfer(write: ArrayLike<number>, readLength: number, turn: Turn): Promise<Uint8Array> {
    const { bus, address } = this.options
    const timeoutMs = Math.min(I2C_TIMEOUT_MS, this.leftMs(turn))
    return bus.transfer(address, write, readLength, { timeoutMs, signal: turn.signal })
  }

  /** Rejects with `hal/no-answer` where the call's time is over before. */
  async pause(timeMs: number, turn: Turn): Promise<void> {
    const leftMs = this.leftMs(turn)
    await this.options.clock.sleep(Math.min(timeMs, leftMs), turn.signal)
    if (timeMs > leftMs) throw this.silence()
  }

  silence(): KioskError {
    return new KioskError('hal/no-answer', { address: this.address() })
  }

  nonsense(problem: string): KioskError {
    return new KioskError('hal/bad-answer', { address: this.address(), problem })
  }

  private address(): string {
    return `0x${this.options.address.toString(16)}`
  }

  private leftMs({ deadlineMs }: Turn): number {
    const leftMs = deadlineMs - this.options.clock.monotonicMs()
    if (leftMs <= 0) throw this.silence()
    return leftMs
  }
}

/** Undefined in place of an answer that did not come; other failures pass. */
export function ignoreSilence(cause: unknown): undefined {
  if (cause instanceof KioskError && cause.code === 'hal/no-answer') return undefined
  throw cause
}
