import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { tunes } from '../drivers/buzzer/tunes.ts'
import type { Buzzer } from '../ports/buzzer.ts'
import type { Notice } from '../ports/notice.ts'
import type { Reading } from '../ports/part.ts'
import { PartGate } from '../ports/part-gate.ts'

/** A buzzer that is not there. */
export class SimulatedBuzzer implements Buzzer {
  sounding = false
  private readonly gate = new PartGate()
  private silent = false

  constructor(private readonly clock: Clock) {}

  /** A fault: it cannot be switched. */
  setSilent(silent: boolean): void {
    this.silent = silent
  }

  async open(): Promise<void> {
    await this.gate.open()
  }

  async sound(notice: Notice, options: { signal: AbortSignal }): Promise<void> {
    return this.gate.run(options.signal, async signal => {
      try {
        for (const [at, timeMs] of tunes[notice].entries()) {
          if (this.silent) throw new KioskError('hal/no-answer')
          this.sounding = at % 2 === 0
          await this.clock.sleep(timeMs, signal)
        }
      } finally {
        this.sounding = false
      }
    })
  }

  async diagnose({ signal }: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    return this.gate.run(signal, async () => {
      if (this.silent) throw new KioskError('hal/no-answer')
      return [{ name: 'sounds', value: this.sounding }]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    this.sounding = false
  }
}
