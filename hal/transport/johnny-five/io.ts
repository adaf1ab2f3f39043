import { EventEmitter } from 'node:events'
import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { GpioLines } from '../../ports/gpio-line.ts'
import type { I2cBus } from '../../ports/i2c-bus.ts'
import { ComponentI2c } from './i2c-calls.ts'
import { ComponentPins, type PinMode } from './pins.ts'

/** johnny-five's own numbers. */
const MODES = { INPUT: 0, OUTPUT: 1, ANALOG: 2, PWM: 3, SERVO: 4 } as const
const PWM_MAX = 255
const NOT_ANALOG = 127

type Bytes = number | readonly number[]
type Reader = (bytes: number[]) => void

export interface KioskIoOptions {
  readonly lines: GpioLines
  readonly bus?: I2cBus
  readonly clock: Clock
  /** The lines that the component is wired to: pin 0, 1, … for johnny-five. */
  readonly pins: readonly string[]
}

/**
 * A johnny-five IO plugin over our own pins and bus, for one component.
 *
 * Digital pins, dimming by software and I2C are there; analogue inputs, servos, serial lines, 1-wire and pulse
 * measuring are not, and say so where a component asks for them. Failures of pins and bus reach nobody in
 * johnny-five: each stands in `failures`, by line or bus, until that works again.
 */
export class KioskIo extends EventEmitter {
  readonly name = 'tunggal'
  readonly MODES = MODES
  readonly HIGH = 1
  readonly LOW = 0
  readonly RESOLUTION = { ADC: 0, DAC: null, PWM: PWM_MAX }
  readonly defaultLed = 0
  readonly analogPins: readonly number[] = []
  readonly pins: {
    supportedModes: number[]
    mode: number
    value: number
    report: number
    analogChannel: number
  }[]
  readonly transport = null
  isReady = false
  readonly failures = new Map<string, unknown>()
  /** What the component asked for and this plugin cannot do; undefined where it asked for nothing of the kind. */
  refused: string | undefined
  readonly digital: ComponentPins
  readonly i2c: ComponentI2c | undefined

  constructor({ lines, bus, clock, pins }: KioskIoOptions) {
    super()
    const report = (where: string, failure: unknown) => {
      if (failure === undefined) this.failures.delete(where)
      else this.failures.set(where, failure)
    }
    this.digital = new ComponentPins(pins, { lines, clock, report })
    this.i2c = bus && new ComponentI2c({ bus, clock, report })
    this.pins = pins.map(() => ({
      supportedModes: [MODES.INPUT, MODES.OUTPUT, MODES.PWM],
      mode: MODES.INPUT,
      value: 0,
      report: 0,
      analogChannel: NOT_ANALOG,
    }))
  }

  /** A failure inside johnny-five itself; it stands until the component is closed. */
  readonly report = (failure: unknown): void => {
    const problem = failure instanceof Error ? failure.message.slice(0, 200) : 'unknown'
    this.failures.set('johnny-five', new KioskError('hal/bad-answer', { problem }, { cause: failure }))
  }

  /** Tells johnny-five that it can begin. */
  start(): void {
    this.isReady = true
    this.emit('connect')
    this.emit('ready')
  }

  async close(): Promise<void> {
    this.isReady = false
    await this.i2c?.close()
    await this.digital.close()
    this.removeAllListeners()
  }

  normalize(pin: number | string): number {
    return Number(pin)
  }

  pinMode(pin: number, mode: number): this {
    const wanted = new Map<number, PinMode>([
      [MODES.INPUT, 'input'],
      [MODES.OUTPUT, 'output'],
      [MODES.PWM, 'pwm'],
    ]).get(mode)
    if (wanted === undefined) this.refuse(mode === MODES.SERVO ? 'servos' : 'analogue inputs')
    this.pins[pin].mode = mode
    this.digital.setMode(pin, wanted)
    return this
  }

  digitalWrite(pin: number, value: number | boolean): this {
    this.pins[pin].value = value ? 1 : 0
    this.digital.write(pin, Boolean(value))
    return this
  }

  digitalRead(pin: number, reader: (value: 0 | 1) => void): this {
    this.pins[pin].report = 1
    this.digital.read(pin, value => {
      this.pins[pin].value = value
      reader(value)
      this.emit(`digital-read-${pin}`, value)
    })
    return this
  }

  /** `value` 0…255; by software, in ten levels. */
  pwmWrite(pin: number, value: number): this {
    this.pins[pin].value = value
    this.digital.dim(pin, value / PWM_MAX)
    return this
  }

  analogWrite(pin: number, value: number): this {
    return this.pwmWrite(pin, value)
  }

  setSamplingInterval(samplingMs: number): this {
    if (this.i2c) this.i2c.samplingMs = Math.max(1, samplingMs)
    return this
  }

  i2cConfig(): this {
    this.requireI2c()
    return this
  }

  /** `(address, bytes)`, `(address, byte)` or `(address, register, bytes)`. */
  i2cWrite(address: number, first: Bytes, rest: Bytes = []): this {
    this.requireI2c().write(address, [first, rest].flat())
    return this
  }

  i2cWriteReg(address: number, register: number, value: number): this {
    return this.i2cWrite(address, [register, value])
  }

  /** `(address, length, reader)` or `(address, register, length, reader)`; goes on until it is closed. */
  i2cRead(address: number, ...request: [number, Reader] | [number, number, Reader]): this {
    const { register, length, reader } = readRequest(request)
    this.requireI2c().read(address, register, length, reader)
    return this
  }

  i2cReadOnce(address: number, ...request: [number, Reader] | [number, number, Reader]): this {
    const { register, length, reader } = readRequest(request)
    this.requireI2c().readOnce(address, register, length, reader)
    return this
  }

  analogRead(): never {
    return this.refuse('analogue inputs')
  }

  servoConfig(): never {
    return this.refuse('servos')
  }

  servoWrite(): never {
    return this.refuse('servos')
  }

  stepperConfig(): never {
    return this.refuse('steppers')
  }

  serialConfig(): never {
    return this.refuse('serial lines')
  }

  sendOneWireConfig(): never {
    return this.refuse('1-wire')
  }

  pingRead(): never {
    return this.refuse('pulse measuring')
  }

  private requireI2c(): ComponentI2c {
    return this.i2c ?? this.refuse('I2C without "i2c" in its wiring')
  }

  private refuse(what: string): never {
    this.refused = what
    throw new Error(`this board gives johnny-five no ${what}`)
  }
}

function readRequest(request: [number, Reader] | [number, number, Reader]) {
  if (request.length === 2) return { register: undefined, length: request[0], reader: request[1] }
  return { register: request[0], length: request[1], reader: request[2] }
}
