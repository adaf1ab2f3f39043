import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import type {
  CaptureOptions,
  FingerprintSensor,
  FingerprintSensorInfo,
  PreviewOptions,
} from '../ports/fingerprint-sensor.ts'
import type { Reading } from '../ports/part.ts'
import { PartGate } from '../ports/part-gate.ts'
import type { Citizen } from './citizen.ts'
import { previewJpeg } from './preview-jpeg.ts'

const RIGHT_INDEX = 2
const plainInfo = {
  model: 'simulated live scan',
  widthPx: 300,
  heightPx: 400,
  resolutionDpi: 500,
  slap: false,
  presentationAttackDetection: 'none',
} as const
const emptyGlass: Frame = {
  widthPx: 300,
  heightPx: 400,
  resolutionDpi: 500,
  pixels: new Uint8Array(300 * 400).fill(255),
}

export interface SimulatedSensorOptions {
  readonly clock: Clock
  /** Who stands there from the start; nobody if left out. */
  readonly citizen?: Citizen
  /** How long people take to place a finger. */
  readonly placingMs?: number
  /** How long the part takes to read it. */
  readonly readingMs?: number
  /** Live images a second; none if left out. */
  readonly previewHz?: number
}

/**
 * A live-scan sensor that is not there: whoever `present` puts before it places the finger that is asked for.
 * Also how images from files are enrolled (`citizenOfFrames`).
 */
export class SimulatedFingerprintSensor implements FingerprintSensor {
  readonly info: FingerprintSensorInfo
  readonly preview?: (options: PreviewOptions) => Promise<void>
  private readonly gate = new PartGate()
  private readonly previewGate = new PartGate()
  /** What lies on the glass now. */
  private onGlass: Frame | undefined
  private readonly clock: Clock
  private readonly placingMs: number
  private readonly readingMs: number
  private citizen: Citizen | undefined
  private placements = new Map<number, number>()
  private silent = false
  private unplugged = new AbortController()

  constructor({ clock, citizen, placingMs = 400, readingMs = 100, previewHz = 0 }: SimulatedSensorOptions) {
    this.clock = clock
    this.citizen = citizen
    this.placingMs = placingMs
    this.readingMs = readingMs
    this.info = { ...plainInfo, previewHz }
    if (previewHz > 0) this.preview = options => this.showLive(options)
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
    await this.previewGate.open()
  }

  async capture(options: CaptureOptions): Promise<Frame> {
    const { timeoutMs, position = RIGHT_INDEX, onContact } = options
    return this.gate.run(options.signal, async signal => {
      const stop = AbortSignal.any([signal, this.unplugged.signal])
      stop.throwIfAborted()
      const frame = this.silent ? undefined : this.nextFrame(position)
      const placed = frame !== undefined && this.placingMs <= timeoutMs
      await this.clock.sleep(placed ? this.placingMs : timeoutMs, stop)
      if (!placed) throw new KioskError(this.silent ? 'hal/no-answer' : 'hal/no-finger', { timeoutMs })
      onContact?.()
      this.onGlass = { ...frame, pixels: frame.pixels.slice() }
      try {
        const leftMs = timeoutMs - this.placingMs
        await this.clock.sleep(Math.min(this.readingMs, leftMs), stop)
        if (this.readingMs > leftMs) throw new KioskError('hal/no-answer', { timeoutMs })
        return frame
      } finally {
        this.onGlass.pixels.fill(0)
        this.onGlass = undefined
      }
    })
  }

  private showLive({ timeoutMs, signal, onImage }: PreviewOptions): Promise<void> {
    return this.previewGate.run(signal, async signal => {
      const { previewHz } = this.info
      for (let images = 0; images < (timeoutMs / 1000) * previewHz; images++) {
        onImage(previewJpeg(this.onGlass ?? emptyGlass))
        await this.clock.sleep(1000 / previewHz, signal)
      }
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
    this.previewGate.close()
    this.citizen = undefined
  }

  private nextFrame(position: number): Frame | undefined {
    const placement = this.placements.get(position) ?? 0
    this.placements.set(position, placement + 1)
    return this.citizen?.place(position, placement)
  }
}
