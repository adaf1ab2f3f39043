import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { GpioLines } from '../../ports/gpio-line.ts'
import type { I2cBus } from '../../ports/i2c-bus.ts'
import type { Diagnosable, Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import { within } from '../../ports/within.ts'
import { KioskIo } from './io.ts'
import { type JohnnyFive, loadJohnnyFive } from './load.ts'
import { readingsOf } from './readings.ts'
import { ComponentTimers } from './timers.ts'

const OPEN_TIMEOUT_MS = 3000
/** A part that was talked to within this time needs no probe. */
const FRESH_MS = 1000
const NAME_PATTERN = /^[A-Z][A-Za-z]{0,30}(\.[A-Z][A-Za-z]{0,30})?$/
/** Classes of johnny-five that are no parts. */
const NO_COMPONENTS = new Set(['Board', 'Boards', 'Fn', 'Repl', 'Collection', 'Animation', 'Color'])

export interface JohnnyFiveOptions {
  readonly clock: Clock
  readonly lines: GpioLines
  /** As johnny-five names it, such as `Led.RGB`. */
  readonly component: string
  /** One line, for components with a `pin`; or lines by name, for those with `pins`. */
  readonly pin?: string
  readonly pins?: Readonly<Record<string, string>>
  readonly i2c?: { readonly bus: I2cBus; readonly address: number }
  /** What else its constructor takes, as johnny-five documents it. */
  readonly options?: Readonly<Record<string, unknown>>
  /** Methods that are called once it is there, such as `["color", "#00ff00"]`. */
  readonly calls?: readonly (readonly [method: string, ...values: unknown[]])[]
}

/**
 * Any component of johnny-five as a part of a board. Whoever uses it calls johnny-five's own methods on `component`.
 *
 * Its `open` rejects with `config/bad-value` where johnny-five refuses the component's name or options, or asks for
 * what our pins cannot do.
 */
export class JohnnyFivePart implements Diagnosable {
  private readonly gate = new PartGate()
  private readonly options: JohnnyFiveOptions
  private made:
    | { readonly io: KioskIo; readonly timers: ComponentTimers; readonly component: Record<string, unknown> }
    | undefined

  constructor(options: JohnnyFiveOptions) {
    this.options = options
  }

  /** The johnny-five object while it is open. */
  get component(): Readonly<Record<string, unknown>> | undefined {
    return this.made?.component
  }

  async open(): Promise<void> {
    await this.gate.open(async signal => {
      const { lines, clock, i2c, pin, pins = {} } = this.options
      await i2c?.bus.open()
      const names = [...(pin === undefined ? [] : [pin]), ...Object.values(pins)]
      const io = new KioskIo({ lines, clock, bus: i2c?.bus, pins: names })
      const timers = new ComponentTimers({ clock, report: io.report })
      try {
        const making = this.make(io, timers)
        const component = await within(making, { clock, timeoutMs: OPEN_TIMEOUT_MS, signal })
        this.made = { io, timers, component }
      } catch (cause) {
        timers.close()
        await io.close()
        await i2c?.bus.close()
        throw cause
      }
    })
  }

  async diagnose({
    timeoutMs,
    signal,
  }: {
    timeoutMs: number
    signal: AbortSignal
  }): Promise<readonly Reading[]> {
    return this.gate.run(signal, async stop => {
      const { clock, i2c, component: name } = this.options
      const { io, component } = this.made!
      await within(io.digital.check(), { clock, timeoutMs, signal: stop })
      const isFresh = clock.monotonicMs() - (io.i2c?.lastMs ?? Number.NEGATIVE_INFINITY) < FRESH_MS
      if (i2c !== undefined && !isFresh) await io.i2c?.probe(i2c.address, timeoutMs, stop)
      else for (const failure of io.failures.values()) throw failure
      return [{ name: 'component', value: name }, ...readingsOf(component)]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    const { made } = this
    this.made = undefined
    if (made === undefined) return
    made.timers.close()
    await made.io.close()
    await this.options.i2c?.bus.close()
  }

  private async make(io: KioskIo, timers: ComponentTimers): Promise<Record<string, unknown>> {
    const johnnyFive = loadJohnnyFive(timers)
    const board = new johnnyFive.Board({ io, repl: false, debug: false, sigint: false })
    // An `error` that nobody listens for would end the process.
    board.on('error', io.report)
    const ready = new Promise(resolve => board.once('ready', resolve))
    io.start()
    await ready
    const component = this.construct(johnnyFive, board, io)
    for (const [method, ...values] of this.options.calls ?? []) this.call(component, method, values)
    await io.digital.settled()
    await io.i2c?.settled()
    for (const failure of io.failures.values()) throw failure
    return component
  }

  private construct(johnnyFive: JohnnyFive, board: unknown, io: KioskIo): Record<string, unknown> {
    const { component: name, options, i2c, pin, pins } = this.options
    const [family, kind] = name.split('.')
    const found = NAME_PATTERN.test(name) && !NO_COMPONENTS.has(family) ? johnnyFive[family] : undefined
    const Component = kind === undefined ? found : (found as Record<string, unknown> | undefined)?.[kind]
    if (typeof Component !== 'function') throw this.bad('johnny-five has no such component')
    const wiring = {
      ...(i2c && { address: i2c.address }),
      ...(pin !== undefined && { pin: 0 }),
      ...(pins && {
        pins: Object.fromEntries(Object.keys(pins).map((key, at) => [key, at + (pin ? 1 : 0)])),
      }),
    }
    try {
      return new (Component as new (options: object) => Record<string, unknown>)({
        ...options,
        ...wiring,
        board,
      })
    } catch (cause) {
      const problem = io.refused ? `there are no ${io.refused}` : messageOf(cause)
      throw this.bad(problem, cause)
    }
  }

  private call(component: Record<string, unknown>, method: string, values: readonly unknown[]): void {
    const act = component[method]
    if (typeof act !== 'function') throw this.bad(`it has no method ${method}`)
    try {
      act.apply(component, values)
    } catch (cause) {
      throw this.bad(`${method}: ${messageOf(cause)}`, cause)
    }
  }

  private bad(problem: string, cause?: unknown): KioskError {
    const where = `johnny-five ${this.options.component.slice(0, 40)}`
    return new KioskError('config/bad-value', { where, problem }, { cause })
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 200) : 'it refused'
}
