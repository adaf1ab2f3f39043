import assert from 'node:assert'
import type { Clock } from '../../../src/base/clock.ts'
import type { Expander } from '../../ports/expander.ts'
import type { I2cBus } from '../../ports/i2c-bus.ts'
import { I2cPart, type Turn } from '../../ports/i2c-part.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'

/** With its three address pins low; they add up to 7. A PCF8574A begins at 0x38. */
export const PCF8574_ADDRESS = 0x20
const OPEN_TIMEOUT_MS = 500
const CLOSE_TIMEOUT_MS = 500
const PINS = 8
const ALL = 0xff

interface CallOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** The levels of eight pins as a person reads them, pin 0 first. */
export function pinText(levels: number): string {
  return Array.from({ length: PINS }, (_, pin) => (levels >> pin) & 1).join('')
}

/**
 * A PCF8574 or PCF8574A (NXP data sheet, section 8): one byte out is the latch, one byte in is the pins. Its latch
 * cannot be read, so the driver remembers it. From power-on it is all ones; pins that an earlier process pulled low
 * stay so until the first `write`.
 *
 * A pin that is pulled low and reads high tells that the part lost its power: it gets its latch again.
 */
export class Pcf8574 implements Expander {
  readonly info = { model: 'PCF8574', pins: PINS } as const
  private readonly gate = new PartGate()
  private readonly closing = new AbortController()
  private readonly part: I2cPart
  private latch = ALL

  constructor(options: { bus: I2cBus; clock: Clock; address?: number }) {
    this.part = new I2cPart({ address: PCF8574_ADDRESS, ...options })
  }

  async open(): Promise<void> {
    await this.gate.open(signal =>
      this.part.open(async () => {
        await this.part.transfer([], 1, this.part.turn(OPEN_TIMEOUT_MS, signal))
      }),
    )
  }

  async read(options: CallOptions): Promise<number> {
    const turn = this.begin(options)
    const [pins] = await this.part.transfer([], 1, turn)
    if ((pins & ~this.latch) === 0) return pins
    await this.part.transfer([this.latch], 0, turn)
    const [again] = await this.part.transfer([], 1, turn)
    return again
  }

  /** What was asked for stands even where the part was silent: the next call gives it the whole latch. */
  async write(mask: number, levels: number, options: CallOptions): Promise<void> {
    assert(mask >= 0 && mask <= ALL && levels >= 0 && levels <= ALL, 'eight pins')
    const turn = this.begin(options)
    this.latch = (this.latch & ~mask) | (levels & mask)
    await this.part.transfer([this.latch], 0, turn)
  }

  async diagnose(options: CallOptions): Promise<readonly Reading[]> {
    const pins = await this.read(options)
    return [
      { name: 'pins', value: pinText(pins) },
      { name: 'let go', value: pinText(this.latch) },
    ]
  }

  async close(): Promise<void> {
    const pullsLow = this.latch !== ALL
    this.gate.close()
    this.closing.abort()
    this.latch = ALL
    const turn = this.part.turn(CLOSE_TIMEOUT_MS, new AbortController().signal)
    // A part that is silent cannot be let go.
    if (pullsLow) await this.part.transfer([ALL], 0, turn).catch(() => {})
    await this.part.close()
  }

  private begin({ timeoutMs, signal }: CallOptions): Turn {
    this.gate.requireOpen()
    signal.throwIfAborted()
    return this.part.turn(timeoutMs, AbortSignal.any([signal, this.closing.signal]))
  }
}
