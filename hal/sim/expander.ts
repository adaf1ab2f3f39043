import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { pinText } from '../drivers/pcf8574/pcf8574.ts'
import type { Expander } from '../ports/expander.ts'
import type { Reading } from '../ports/part.ts'
import { PartGate } from '../ports/part-gate.ts'

const ALL = 0xff

interface CallOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** Eight more pins that are not there. */
export class SimulatedExpander implements Expander {
  readonly info = { model: 'simulated expander', pins: 8 } as const
  /** What the world pulls low, as zeros. */
  outside = ALL
  private readonly gate = new PartGate()
  private latch = ALL
  private silent = false

  constructor(private readonly clock: Clock) {}

  get pins(): number {
    return this.latch & this.outside
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

  async read(options: CallOptions): Promise<number> {
    await this.answer(options)
    return this.pins
  }

  async write(mask: number, levels: number, options: CallOptions): Promise<void> {
    await this.answer(options)
    this.latch = (this.latch & ~mask) | (levels & mask)
  }

  async diagnose(options: CallOptions): Promise<readonly Reading[]> {
    return [{ name: 'pins', value: pinText(await this.read(options)) }]
  }

  async close(): Promise<void> {
    this.gate.close()
    this.latch = ALL
  }

  private async answer({ timeoutMs, signal }: CallOptions): Promise<void> {
    this.gate.requireOpen()
    signal.throwIfAborted()
    if (!this.silent) return
    await this.clock.sleep(timeoutMs, signal)
    throw new KioskError('hal/no-answer', { timeoutMs })
  }
}
