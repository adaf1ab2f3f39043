import { citizenOfFrames } from '../../hal/sim/citizen.ts'
import { SimulatedFingerprintSensor } from '../../hal/sim/fingerprint-sensor.ts'
import { VisitRunner } from '../enrolment/runner.ts'
import { type Enrolled, enrolUnattended } from '../enrolment/unattended.ts'
import type { Frame } from '../finger/image/frame.ts'
import type { Broker } from '../mqtt/broker.ts'
import type { FingerException, FingerPosition } from '../record/finger-position.ts'
import type { Settings } from '../settings/settings.ts'

type VisitParts = ConstructorParameters<typeof VisitRunner>[0]

/** One person's fingers as images, by position; those left out are exceptions. */
export interface ImageEnrolment {
  readonly nik: string
  readonly frames: ReadonlyMap<FingerPosition, Frame>
  readonly exceptions?: ReadonlyMap<FingerPosition, FingerException>
  readonly language?: 'id' | 'en'
  readonly signal?: AbortSignal
}

/** Enrolments from images: a runner and a sensor of their own, so that they never meet the citizen at the platen. */
export class Attendant {
  private readonly sensor: SimulatedFingerprintSensor
  private readonly runner: VisitRunner
  private queue: Promise<unknown>
  private waiting = 0
  private readonly idleListeners = new Set<() => void>()

  constructor(parts: Omit<VisitParts, 'sensor'>, broker: Broker) {
    // Files are not placed: whoever is not there in a blink is missing.
    this.sensor = new SimulatedFingerprintSensor({ clock: parts.clock, placingMs: 0, readingMs: 0 })
    this.runner = new VisitRunner({ ...parts, sensor: this.sensor })
    this.queue = this.sensor.open()
    broker.onConnection(connection => this.runner.setOffline(connection === undefined))
    this.runner.onView(() => this.looked())
  }

  /** Nobody waits, and the last one has left. */
  get isIdle(): boolean {
    return this.waiting === 0 && this.runner.view.step === 'idle'
  }

  /** Called when the last one has left. Returns how to stop. */
  onIdle(listener: () => void): () => void {
    this.idleListeners.add(listener)
    return () => this.idleListeners.delete(listener)
  }

  setSettings(settings: Settings): void {
    this.runner.setSettings(settings)
  }

  enrol({ nik, frames, exceptions = new Map(), language, signal }: ImageEnrolment): Promise<Enrolled> {
    this.waiting++
    const done = this.queue.then(async () => {
      this.sensor.present(
        citizenOfFrames(new Map([...frames].map(([position, frame]) => [position, [frame]]))),
      )
      return enrolUnattended(this.runner, { nik, language, exceptions, signal })
    })
    this.queue = done
      .catch(() => {})
      .then(() => {
        this.waiting--
        this.looked()
      })
    return done
  }

  async close(): Promise<void> {
    this.runner.close()
    await this.queue.catch(() => {})
    await this.sensor.close()
  }

  private looked(): void {
    if (this.isIdle) for (const listener of [...this.idleListeners]) listener()
  }
}
