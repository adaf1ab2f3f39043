import { KioskError } from '../../src/base/errors.ts'
import {
  type GpioInput,
  type GpioLineOptions,
  type GpioLines,
  type GpioOutput,
  parseLineName,
} from '../ports/gpio-line.ts'

/** One pin, as it is seen from its solder joint: volts, not meanings. */
interface Pin {
  /** What the world pulls it to. */
  outside: 0 | 1
  /** What the kiosk drives it to; undefined while it listens. */
  driven?: 0 | 1
  held: boolean
  fault?: 'gone' | 'in-use' | 'no-permission'
  hear?: () => void
  /** Every level the kiosk drove it to, oldest first. */
  readonly drove: (0 | 1)[]
}

const DROVE_MAX = 10_000

/**
 * Pins inside this process. The world's end of a pin is `set` and `level`; faults are lines that are gone, used by
 * the kernel, or another group's.
 */
export class SimulatedGpio implements GpioLines {
  private readonly pins = new Map<string, Pin>()

  input(line: string, options: GpioLineOptions = {}): GpioInput {
    const pin = this.pin(line)
    const isActive = () => level(pin) === (options.activeLow ? 0 : 1)
    let isOpen = false
    let listener: (active: boolean) => void = () => {}
    return {
      async open() {
        if (isOpen) return
        take(pin, line)
        isOpen = true
        pin.driven = undefined
        let last = isActive()
        pin.hear = () => {
          queueMicrotask(() => {
            if (!isOpen || pin.fault !== undefined || isActive() === last) return
            last = isActive()
            listener(last)
          })
        }
      },
      async read() {
        requireAnswer(pin, line, isOpen)
        return isActive()
      },
      onEdge(other) {
        listener = other
      },
      async close() {
        if (isOpen) release(pin)
        isOpen = false
      },
    }
  }

  output(line: string, options: GpioLineOptions = {}): GpioOutput {
    const pin = this.pin(line)
    let isOpen = false
    const drive = (active: boolean) => {
      pin.driven = active === (options.activeLow ?? false) ? 0 : 1
      if (pin.drove.length < DROVE_MAX) pin.drove.push(pin.driven)
    }
    return {
      async open() {
        if (isOpen) return
        take(pin, line)
        isOpen = true
        drive(false)
      },
      async write(active) {
        requireAnswer(pin, line, isOpen)
        drive(active)
      },
      async close() {
        if (!isOpen) return
        drive(false)
        release(pin)
        isOpen = false
      },
    }
  }

  /** The world pulls an input up or down. */
  set(line: string, volts: 0 | 1): void {
    const pin = this.pin(line)
    pin.outside = volts
    pin.hear?.()
  }

  /** What a voltmeter at the pin shows. */
  level(line: string): 0 | 1 {
    return level(this.pin(line))
  }

  /** Every level that the kiosk drove the pin to, oldest first. */
  drove(line: string): readonly (0 | 1)[] {
    return this.pin(line).drove
  }

  /** A fault: the line is gone while `gone`; `in-use` and `no-permission` refuse the next `open`. */
  setFault(line: string, fault: Pin['fault']): void {
    const pin = this.pin(line)
    pin.fault = fault
    pin.hear?.()
  }

  private pin(line: string): Pin {
    parseLineName(line)
    let pin = this.pins.get(line)
    if (pin === undefined) {
      pin = { outside: 0, held: false, drove: [] }
      this.pins.set(line, pin)
    }
    return pin
  }
}

function level(pin: Pin): 0 | 1 {
  return pin.driven ?? pin.outside
}

function take(pin: Pin, line: string): void {
  if (pin.fault === 'gone') throw new KioskError('hal/no-bus', { line })
  if (pin.fault === 'no-permission') throw new KioskError('hal/no-permission', { line })
  if (pin.held || pin.fault === 'in-use') throw new KioskError('hal/in-use', { line })
  pin.held = true
}

function release(pin: Pin): void {
  pin.held = false
  pin.hear = undefined
}

function requireAnswer(pin: Pin, line: string, isOpen: boolean): void {
  if (!isOpen) throw new KioskError('hal/not-open')
  if (pin.fault === 'gone') throw new KioskError('hal/no-answer', { line })
}
