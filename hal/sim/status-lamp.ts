import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { isLit, lampPatterns } from '../drivers/status-lamp/patterns.ts'
import type { Notice } from '../ports/notice.ts'
import type { Reading } from '../ports/part.ts'
import { PartGate } from '../ports/part-gate.ts'
import type { StatusLamp } from '../ports/status-lamp.ts'

/** A lamp that is not there. */
export class SimulatedStatusLamp implements StatusLamp {
  /** What it shows now; for tests and pictures. */
  shows: Notice | 'dark' = 'dark'
  private readonly gate = new PartGate()
  private sinceMs = 0
  private silent = false

  constructor(private readonly clock: Clock) {}

  /** A fault: it cannot be switched, and is dark. */
  setSilent(silent: boolean): void {
    this.silent = silent
  }

  get lit(): boolean {
    if (this.silent || this.shows === 'dark') return false
    return isLit(lampPatterns[this.shows], this.clock.monotonicMs() - this.sinceMs)
  }

  async open(): Promise<void> {
    await this.gate.open()
  }

  async show(what: Notice | 'dark'): Promise<void> {
    this.gate.requireOpen()
    if (this.silent) throw new KioskError('hal/no-answer')
    this.shows = what
    this.sinceMs = this.clock.monotonicMs()
  }

  async diagnose({ signal }: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    return this.gate.run(signal, async () => {
      if (this.silent) throw new KioskError('hal/no-answer')
      return [
        { name: 'shows', value: this.shows },
        { name: 'lit', value: this.lit },
      ]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    this.shows = 'dark'
  }
}
