import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { PartKind, Reading } from '../ports/part.ts'
import { PartGate } from '../ports/part-gate.ts'
import type { TwoStatePart } from '../ports/two-state-part.ts'

/** A presence sensor, switch, key or socket that is not there. */
export class SimulatedTwoStatePart<Kind extends PartKind> implements TwoStatePart {
  readonly kind: Kind
  private readonly gate = new PartGate()
  private readonly clock: Clock
  private listener: (active: boolean | undefined) => void = () => {}
  private isOpen = false
  private world = false
  private silent = false

  constructor({ kind, clock }: { kind: Kind; clock: Clock }) {
    this.kind = kind
    this.clock = clock
  }

  /** Somebody comes, opens, turns or plugs; or the opposite. */
  set(active: boolean): void {
    this.change(() => {
      this.world = active
    })
  }

  /** A fault: while silent, the part answers nothing. */
  setSilent(silent: boolean): void {
    this.change(() => {
      this.silent = silent
    })
  }

  get active(): boolean | undefined {
    return this.isOpen && !this.silent ? this.world : undefined
  }

  onChange(listener: (active: boolean | undefined) => void): void {
    this.listener = listener
  }

  async open(): Promise<void> {
    await this.gate.open(async () => {
      if (this.silent) throw new KioskError('hal/no-answer')
    })
    this.isOpen = true
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    return this.gate.run(options.signal, async signal => {
      if (this.silent) {
        await this.clock.sleep(options.timeoutMs, signal)
        throw new KioskError('hal/no-answer', { timeoutMs: options.timeoutMs })
      }
      return [{ name: 'active', value: this.world }]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    this.isOpen = false
  }

  private change(act: () => void): void {
    const before = this.active
    act()
    if (this.isOpen && this.active !== before) this.listener(this.active)
  }
}
