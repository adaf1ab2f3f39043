import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import type { FingerprintSensor } from '../ports/fingerprint-sensor.ts'
import type { Reading } from '../ports/part.ts'
import { PartGate } from '../ports/part-gate.ts'
import type { Citizen } from './citizen.ts'

const RIGHT_INDEX = 2

export interface SimulatedSensorOptions {
  readonly clock: Clock
  /** Who stands there from the start; nobody if left out. */
  readonly citizen?: Citizen
  /** How long people take to place a finger. */
  readonly placingMs?: number
  /** How long the part takes to read it. */
  readonly readingMs?: number
}

/**
 * A live-scan sensor that is not there: whoever `present` puts before it places the finger that is asked for.
 * Also how images from files are enrolled (`citizenOfFrames`).
 */
export class SimulatedFingerprintSensor implements FingerprintSensor {
  readonly info = {
    model: 'simulated live scan',
    widthPx: 300,
    heightPx: 400,
    resolutionDpi: 500,
    previewHz: 0,
    slap: false,
    presentationAttackDetection: 'none',
  } as const
  private readonly gate = new PartGate()
  private readonly clock: Clock
  private readonly placingMs: number
  private readonly readingMs: number
  private citizen: Citizen | undefined
  private placements = new Map<number, number>()
  private silent = false
  private unplugged = new AbortController()

  constructor({ clock, citizen, placingMs = 400, readingMs = 100 }: SimulatedSensorOptions) {
    this.clock = clock
    this.citizen = citizen
    this.placingMs = placingMs
    this.readingMs = readingMs
  }

  /** Somebody else, or nobody, stands before the sensor from the next capture on. */
  present(citizen: Citizen | undefined): void {
    this.citizen = citizen
    this.placements = new Map()
  }

  /** A fault: while silent, the part takes commands and answers none. */
  setSilent(silent: boolean): void {
    this.silent = silent
  }

  /** A fault: the cord is pulled; a capture under way fails at once, and so does every call until `plug`. */
  unplug(): void {
    this.unplugged.abort(new KioskError('hal/no-answer'))
  }

  plug(): void {
    if (this.unplugged.signal.aborted) this.unplugged = new AbortController()
  }

  async open(): Promise<void> {
    await this.gate.open(async () => {
      this.unplugged.signal.throwIfAborted()
      if (this.silent) throw new KioskError('hal/no-answer')
    })
  }

  async capture(options: { timeoutMs: number; signal: AbortSignal; position?: number }): Promise<Frame> {
    const { timeoutMs, position = RIGHT_INDEX } = options
    return this.gate.run(options.signal, async signal => {
      const stop = AbortSignal.any([signal, this.unplugged.signal])
      stop.throwIfAborted()
      const frame = this.silent ? undefined : this.nextFrame(position)
      const neededMs = frame === undefined ? Number.POSITIVE_INFINITY : this.placingMs + this.readingMs
      await this.clock.sleep(Math.min(neededMs, timeoutMs), stop)
      if (frame !== undefined && neededMs <= timeoutMs) return frame
      const noAnswer = this.silent || (frame !== undefined && this.placingMs <= timeoutMs)
      throw new KioskError(noAnswer ? 'hal/no-answer' : 'hal/no-finger', { timeoutMs })
    })
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    return this.gate.run(options.signal, async signal => {
      const stop = AbortSignal.any([signal, this.unplugged.signal])
      stop.throwIfAborted()
      if (!this.silent) return [{ name: 'model', value: this.info.model }]
      await this.clock.sleep(options.timeoutMs, stop)
      throw new KioskError('hal/no-answer', { timeoutMs: options.timeoutMs })
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    this.citizen = undefined
  }

  private nextFrame(position: number): Frame | undefined {
    const placement = this.placements.get(position) ?? 0
    this.placements.set(position, placement + 1)
    return this.citizen?.place(position, placement)
  }
}
