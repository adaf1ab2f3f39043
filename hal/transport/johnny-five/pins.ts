import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { GpioInput, GpioLines, GpioOutput } from '../../ports/gpio-line.ts'

/** 100 Hz does not flicker; in steps of a millisecond, which is what timers can, that gives ten levels. */
const PWM_PERIOD_MS = 10
const PWM_RETRY_MS = 1000
const WAITING_MAX = 10_000

export type PinMode = 'input' | 'output' | 'pwm'

interface Pin {
  readonly line: string
  mode: PinMode | undefined
  input: GpioInput | undefined
  output: GpioOutput | undefined
  level: boolean
  /** Share of the time that it is on; undefined while its level is steady. */
  share: number | undefined
  readonly readers: ((value: 0 | 1) => void)[]
}

/**
 * The pins of one component. johnny-five calls and does not wait; so what it asks for is done in the order it asked,
 * over all pins (a clock pin follows its data pin), and `report` hears how each of them ended, by line.
 */
export class ComponentPins {
  private readonly pins: readonly Pin[]
  private readonly closing = new AbortController()
  private work: Promise<void> = Promise.resolve()
  private waiting = 0
  private readonly options: {
    readonly lines: GpioLines
    readonly clock: Clock
    readonly report: (where: string, failure: unknown) => void
  }

  constructor(names: readonly string[], options: ComponentPins['options']) {
    this.options = options
    this.pins = names.map(line => ({
      line,
      mode: undefined,
      input: undefined,
      output: undefined,
      level: false,
      share: undefined,
      readers: [],
    }))
  }

  setMode(index: number, mode: PinMode): void {
    const pin = this.pin(index)
    const before = pin.mode
    pin.mode = mode
    if (before === mode || (before !== undefined && before !== 'input' && mode !== 'input')) return
    this.do(pin, async () => {
      await shut(pin)
      await this.opened(pin)
    })
  }

  write(index: number, level: boolean): void {
    const pin = this.pin(index)
    pin.share = undefined
    pin.level = level
    // Some components write to a pin without saying that they will.
    pin.mode ??= 'output'
    this.do(pin, async () => {
      await this.opened(pin)
      await pin.output?.write(level)
    })
  }

  /** `share` of the time on, 0…1, to the nearest tenth. */
  dim(index: number, share: number): void {
    const steps = Math.round(Math.min(1, Math.max(0, share)) * PWM_PERIOD_MS)
    if (steps === 0 || steps === PWM_PERIOD_MS) {
      this.write(index, steps !== 0)
      return
    }
    const pin = this.pin(index)
    const isRunning = pin.share !== undefined
    pin.share = steps / PWM_PERIOD_MS
    if (!isRunning) this.do(pin, async () => void this.pulse(pin))
  }

  /** `reader` hears the level now, and each level after. */
  read(index: number, reader: (value: 0 | 1) => void): void {
    const pin = this.pin(index)
    pin.readers.push(reader)
    pin.mode ??= 'input'
    this.do(pin, async () => {
      await this.opened(pin)
      if (pin.input !== undefined) reader((await pin.input.read()) ? 1 : 0)
    })
  }

  /** Uses every open pin once, changing none; rejects where one of them does not answer. */
  async check(): Promise<void> {
    for (const pin of this.pins) {
      await pin.input?.read()
      if (pin.share === undefined) await pin.output?.write(pin.level)
    }
  }

  /** Resolves once everything that was asked for so far is done. */
  async settled(): Promise<void> {
    await this.work
  }

  async close(): Promise<void> {
    this.closing.abort()
    await this.work
    for (const pin of this.pins) await shut(pin)
  }

  private pin(index: number): Pin {
    const pin = this.pins[index]
    if (pin === undefined) throw new Error(`there is no pin ${index}`)
    return pin
  }

  private do({ line }: Pin, task: () => Promise<void>): void {
    if (this.closing.signal.aborted) return
    if (this.waiting === WAITING_MAX) {
      this.options.report(line, new KioskError('hal/busy', { line }))
      return
    }
    this.waiting++
    this.work = this.work.then(async () => {
      this.waiting--
      try {
        await task()
        this.options.report(line, undefined)
      } catch (failure) {
        this.options.report(line, failure)
      }
    })
  }

  /** Opens the line as its mode wants it, unless it is; one that was refused before is tried again. */
  private async opened(pin: Pin): Promise<void> {
    if (pin.mode === undefined || pin.input !== undefined || pin.output !== undefined) return
    await (pin.mode === 'input' ? this.listen(pin) : this.drive(pin))
  }

  private async listen(pin: Pin): Promise<void> {
    const input = this.options.lines.input(pin.line)
    input.onEdge(active => {
      try {
        for (const reader of pin.readers) reader(active ? 1 : 0)
      } catch (failure) {
        this.options.report(pin.line, failure)
      }
    })
    await input.open()
    pin.input = input
  }

  private async drive(pin: Pin): Promise<void> {
    const output = this.options.lines.output(pin.line)
    await output.open()
    pin.output = output
  }

  /** Until its level is steady again. */
  private async pulse(pin: Pin): Promise<void> {
    const { clock, report } = this.options
    const { signal } = this.closing
    while (pin.share !== undefined && !signal.aborted) {
      const onMs = pin.share * PWM_PERIOD_MS
      try {
        await pin.output?.write(true)
        await clock.sleep(onMs, signal)
        // Somebody may have made it steady meanwhile, and that stands.
        if (pin.share === undefined) return
        await pin.output?.write(false)
        await clock.sleep(PWM_PERIOD_MS - onMs, signal)
        report(pin.line, undefined)
      } catch (failure) {
        if (signal.aborted) return
        report(pin.line, failure)
        await clock.sleep(PWM_RETRY_MS, signal).catch(() => {})
      }
    }
  }
}

async function shut(pin: Pin): Promise<void> {
  await pin.input?.close()
  await pin.output?.close()
  pin.input = undefined
  pin.output = undefined
}
