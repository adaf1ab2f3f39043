import type { Clock } from '../../../src/base/clock.ts'
import type { GpioInput } from '../../ports/gpio-line.ts'
import type { PartKind, Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import type { TwoStatePart } from '../../ports/two-state-part.ts'
import { within } from '../../ports/within.ts'
import { type Debounce, observe, type SettleTimes, settlesAtMs, unknown } from './debounce.ts'

/** Edges can be lost, and some chips have none: so the line is also looked at. */
const LOOK_MS = 1000

export interface DebouncedInputOptions<Kind extends PartKind> {
  readonly kind: Kind
  readonly line: GpioInput
  readonly clock: Clock
  readonly settle: SettleTimes
  /** What `active` is called in readings, such as `present`. */
  readonly meaning: string
}

/** A part in one of two states on one pin: believes the pin once it has settled. */
export class DebouncedInput<Kind extends PartKind> implements TwoStatePart {
  readonly kind: Kind
  private readonly gate = new PartGate()
  private readonly closing = new AbortController()
  private readonly options: DebouncedInputOptions<Kind>
  private listener: (active: boolean | undefined) => void = () => {}
  private state: Debounce = unknown
  private lookSoon: () => void = () => {}

  constructor(options: DebouncedInputOptions<Kind>) {
    this.options = options
    this.kind = options.kind
  }

  get active(): boolean | undefined {
    return this.state.settled
  }

  onChange(listener: (active: boolean | undefined) => void): void {
    this.listener = listener
  }

  async open(): Promise<void> {
    await this.gate.open(async signal => {
      const { line } = this.options
      await line.open()
      try {
        const level = await line.read()
        signal.throwIfAborted()
        this.state = { settled: level, leftAtMs: undefined }
      } catch (cause) {
        await line.close()
        throw cause
      }
      line.onEdge(level => this.see(level))
      void this.watch()
    })
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    return this.gate.run(options.signal, async signal => {
      const { line, clock, meaning } = this.options
      const level = await within(line.read(), { clock, timeoutMs: options.timeoutMs, signal })
      return [
        { name: meaning, value: this.active ?? 'unknown' },
        { name: 'line', value: level ? 'active' : 'inactive' },
      ]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    this.closing.abort()
    this.state = unknown
    await this.options.line.close()
  }

  /** Looks at the line whenever it may have settled, and now and then in any case, until `close`. */
  private async watch(): Promise<void> {
    const { line, clock, settle } = this.options
    while (!this.closing.signal.aborted) {
      const dueMs = settlesAtMs(this.state, settle) ?? Number.POSITIVE_INFINITY
      await this.sleep(Math.min(LOOK_MS, Math.max(0, dueMs - clock.monotonicMs())))
      const level = await line.read().catch(() => undefined)
      this.see(level)
    }
  }

  private see(level: boolean | undefined): void {
    if (this.closing.signal.aborted) return
    const { clock, settle } = this.options
    const before = this.state
    this.state = observe(before, level, clock.monotonicMs(), settle)
    if (this.state.leftAtMs !== before.leftAtMs) this.lookSoon()
    if (this.state.settled !== before.settled) this.listener(this.state.settled)
  }

  private async sleep(timeMs: number): Promise<void> {
    const soon = new AbortController()
    this.lookSoon = () => soon.abort()
    const signal = AbortSignal.any([this.closing.signal, soon.signal])
    await this.options.clock.sleep(timeMs, signal).catch(() => {})
  }
}
