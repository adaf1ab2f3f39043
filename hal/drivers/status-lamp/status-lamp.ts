import type { Clock } from '../../../src/base/clock.ts'
import type { GpioOutput } from '../../ports/gpio-line.ts'
import type { Notice } from '../../ports/notice.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import type { StatusLamp } from '../../ports/status-lamp.ts'
import { within } from '../../ports/within.ts'
import { lampPatterns, type Step } from './patterns.ts'

const DARK: readonly Step[] = [{ on: false, forMs: 60_000 }]

/** A lamp on one pin, by a transistor or relay. A pin that fails in the middle of a pattern is tried again at each step. */
export class GpioStatusLamp implements StatusLamp {
  private readonly gate = new PartGate()
  private shows: Notice | 'dark' = 'dark'
  private lit = false
  private turn = 0
  private running: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined

  constructor(private readonly options: { readonly line: GpioOutput; readonly clock: Clock }) {}

  async open(): Promise<void> {
    await this.gate.open(() => this.options.line.open())
  }

  async show(what: Notice | 'dark'): Promise<void> {
    this.gate.requireOpen()
    const turn = ++this.turn
    await this.stop()
    // Another `show` or `close` came meanwhile, and is in charge now.
    if (turn !== this.turn) return
    this.shows = what
    const pattern = what === 'dark' ? DARK : lampPatterns[what]
    const stop = new AbortController()
    const begun = this.switch(pattern[0].on)
    const ended = begun.catch(() => {}).then(() => this.run(pattern, stop.signal))
    this.running = { stop, ended: ended.catch(() => {}) }
    await begun
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    return this.gate.run(options.signal, async signal => {
      const { clock } = this.options
      await within(this.switch(this.lit), { clock, timeoutMs: options.timeoutMs, signal })
      return [
        { name: 'shows', value: this.shows },
        { name: 'lit', value: this.lit },
      ]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    this.turn++
    await this.stop()
    await this.options.line.close()
  }

  private async stop(): Promise<void> {
    const { running } = this
    running?.stop.abort()
    await running?.ended
  }

  private async run(pattern: readonly Step[], signal: AbortSignal): Promise<void> {
    for (let at = 0; ; at = (at + 1) % pattern.length) {
      await this.options.clock.sleep(pattern[at].forMs, signal)
      await this.switch(pattern[(at + 1) % pattern.length].on).catch(() => {})
    }
  }

  private async switch(on: boolean): Promise<void> {
    this.lit = on
    await this.options.line.write(on)
  }
}
