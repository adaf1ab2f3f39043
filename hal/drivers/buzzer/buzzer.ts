import type { Clock } from '../../../src/base/clock.ts'
import type { Buzzer } from '../../ports/buzzer.ts'
import type { GpioOutput } from '../../ports/gpio-line.ts'
import type { Notice } from '../../ports/notice.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import { within } from '../../ports/within.ts'
import { tunes } from './tunes.ts'

/** A buzzer with its own oscillator on one pin, by a transistor. */
export class GpioBuzzer implements Buzzer {
  private readonly gate = new PartGate()

  constructor(private readonly options: { readonly line: GpioOutput; readonly clock: Clock }) {}

  async open(): Promise<void> {
    await this.gate.open(() => this.options.line.open())
  }

  async sound(notice: Notice, options: { signal: AbortSignal }): Promise<void> {
    const { line, clock } = this.options
    return this.gate.run(options.signal, async signal => {
      try {
        for (const [at, timeMs] of tunes[notice].entries()) {
          await line.write(at % 2 === 0)
          await clock.sleep(timeMs, signal)
        }
      } finally {
        // A line that has gone, or was closed, cannot be silenced and says so of its own.
        await line.write(false).catch(() => {})
      }
    })
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    return this.gate.run(options.signal, async signal => {
      const { line, clock } = this.options
      await within(line.write(false), { clock, timeoutMs: options.timeoutMs, signal })
      return [{ name: 'sounds', value: false }]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    await this.options.line.close()
  }
}
