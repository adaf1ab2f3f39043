/**
 * What a visit asks of the world, one method a kind of call. Each has a deadline, settles to what the
 * machine is told, and leaves no biometric bytes behind once its signal is aborted.
 */
import { AssertionError } from 'node:assert'
import { v7 } from 'uuid'
import type { FingerprintSensor } from '../../hal/ports/fingerprint-sensor.ts'
import type { ReceiptPrinter } from '../../hal/ports/receipt-printer.ts'
import type { Clock } from '../base/clock.ts'
import { type ErrorCode, KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { THRESHOLD } from '../finger/compare/compare.ts'
import type { Engine, SearchOptions, SearchResult } from '../finger/engine.ts'
import { packTemplate, unpackTemplate } from '../finger/template/at-rest.ts'
import type { Template } from '../finger/template/template.ts'
import { SENSOR_MODEL_MAX, type SubmittedSensor } from '../record/submission.ts'
import type { KioskSeal } from '../seal/seal.ts'
import type { Settings } from '../settings/settings.ts'
import type { Store } from '../store/ports.ts'
import { withDeadline } from './deadline.ts'
import { receiptLines } from './receipt.ts'
import { Samples, zeroTemplate } from './samples.ts'
import type { Answer, Effect, Person } from './state.ts'
import { buildSubmission, templateId } from './submission.ts'

/** The local gallery: `<record id>/<position>` → template. */
export interface VisitGallery {
  add(id: string, template: Template): void
  search(probe: Template, options: SearchOptions): SearchResult | Promise<SearchResult>
}

export interface VisitParts {
  readonly settings: Settings
  /** Opened. Left out: the part is missing, and the kiosk says so before a visit begins. */
  readonly sensor?: FingerprintSensor
  /** Opened. Left out: receipts are shown on screen. */
  readonly printer?: ReceiptPrinter
  readonly engine: Engine
  readonly gallery: VisitGallery
  readonly store: Pick<Store, 'enrol' | 'capacity'>
  readonly seal: Pick<KioskSeal, 'kiosk' | 'sealSubmission'>
  readonly clock: Clock
  /** Cryptographically strong, for record ids. */
  random(bytes: number): Uint8Array
  readonly log: Log
  /** Somebody asks for staff. */
  callStaff?(): void
  /** Hears how good each sample was. */
  onSample?(result: { readonly score: number; readonly good: boolean }): void
}

/** Hears of a finger while it is captured. */
export interface CaptureWatcher {
  onContact(): void
  /** A live image, JPEG. */
  onImage(jpeg: Uint8Array): void
}

/** An answer before it is addressed to visit and call. */
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never
export type AnswerBody = Without<Answer, 'visit' | 'call'>
type Of<Name extends Effect['name']> = Extract<Effect, { name: Name }>

const CHECK_TIMEOUT_MS = 5_000
const STORE_TIMEOUT_MS = 15_000
const SENSOR_PAUSE_MS = 2_000
const HINTS_A_FINGER_MAX = 3

export class Calls {
  readonly samples = new Samples()
  /** The write under way: whoever wipes lets it end first. */
  storing: Promise<unknown> | undefined
  private capturing: Promise<unknown> = Promise.resolve()

  constructor(private readonly parts: VisitParts) {}

  async check({ sensorIsDown }: { readonly sensorIsDown: boolean }): Promise<AnswerBody> {
    const { store } = this.parts
    const sensor = this.parts.sensor !== undefined && !sensorIsDown
    try {
      const { level } = await this.within(CHECK_TIMEOUT_MS, 'kv/io', store.capacity())
      return { name: 'checked', store: level === 'full' ? 'full' : 'ok', sensor }
    } catch (error) {
      this.report('check', error)
      return { name: 'checked', store: 'fault', sensor }
    }
  }

  async capture(
    { position }: Of<'capture'>,
    signal: AbortSignal,
    watcher?: CaptureWatcher,
  ): Promise<AnswerBody> {
    const before = this.capturing
    const capture = this.captureAfter(before, position, signal, watcher)
    this.capturing = capture.catch(() => {})
    return capture
  }

  private async captureAfter(
    before: Promise<unknown>,
    position: number,
    signal: AbortSignal,
    watcher: CaptureWatcher | undefined,
  ): Promise<AnswerBody> {
    const watching = new AbortController()
    // A stopped capture has to let go of the part first, or the part is busy.
    await before
    try {
      signal.throwIfAborted()
      const { sensor, settings } = this.parts
      if (sensor === undefined) throw new KioskError('hal/not-open')
      const { timeoutMs } = settings.capture
      const seen = AbortSignal.any([signal, watching.signal])
      // A picture that fails is a comfort less, and nothing more.
      if (watcher !== undefined)
        sensor.preview?.({ timeoutMs, signal: seen, position, onImage: watcher.onImage }).catch(() => {})
      const frame = await sensor.capture({ timeoutMs, signal, position, onContact: watcher?.onContact })
      if (signal.aborted) frame.pixels.fill(0)
      signal.throwIfAborted()
      return { name: 'captured', sample: this.samples.add(frame) }
    } catch (error) {
      // A finger that the part could not read is asked for again, as one that was not there.
      if (error instanceof KioskError && (error.code === 'hal/no-finger' || error.code === 'hal/bad-capture'))
        return { name: 'capture-failed', fault: 'no-finger' }
      if (!signal.aborted) this.report('capture', error)
      return { name: 'capture-failed', fault: 'sensor' }
    } finally {
      watching.abort()
    }
  }

  async sample({ sample: number }: Of<'sample'>, signal: AbortSignal): Promise<AnswerBody> {
    const sample = this.samples.get(number)
    if (sample === undefined) return { name: 'sample-failed', why: 'engine' }
    const { engine, settings, clock, onSample } = this.parts
    const { sampleTimeoutMs, qualityMin } = settings.capture
    try {
      const { quality, template } = await withDeadline(engine.sample(sample.frame), {
        clock,
        timeoutMs: sampleTimeoutMs,
        late: () => new KioskError('finger/engine-stopped', { timeoutMs: sampleTimeoutMs }),
        onLate: late => zeroTemplate(late.template),
      })
      if (signal.aborted) zeroTemplate(template)
      else sample.template = template
      const { score, reason, accept } = quality
      const good = qualityMin === undefined ? accept : score >= qualityMin
      onSample?.({ score, good })
      return { name: 'sampled', good, score, reason }
    } catch (error) {
      const notAFinger = error instanceof KioskError && error.code === 'finger/not-a-finger'
      if (!notAFinger) this.report('sample', error)
      return { name: 'sample-failed', why: notAFinger ? 'not-a-finger' : 'engine' }
    }
  }

  /** Which finger of this visit it resembles most, if any. An engine that fails does not stop the citizen. */
  async compare({ sample, others }: Of<'compare'>): Promise<AnswerBody> {
    try {
      const probe = this.samples.get(sample)?.template
      let best: Extract<Answer, { name: 'compared' }>['resembles']
      for (const other of others) {
        const template = this.samples.get(other.sample)?.template
        if (probe === undefined || template === undefined) break
        const work = this.parts.engine.compare(probe, template)
        const { alike, score } = await this.within(
          this.parts.settings.capture.sampleTimeoutMs,
          'finger/engine-stopped',
          work,
        )
        if (alike && (best === undefined || score > best.score)) best = { position: other.position, score }
      }
      return { name: 'compared', ...(best && { resembles: best }) }
    } catch (error) {
      this.report('compare', error)
      return { name: 'compared' }
    }
  }

  /** Hints for the ABIS. A gallery that fails does not stop the citizen. */
  async search({ sample, position }: Of<'search'>): Promise<AnswerBody> {
    try {
      const probe = this.samples.get(sample)?.template
      if (probe === undefined) return { name: 'searched', hints: [] }
      const { candidates } = await this.within(
        this.parts.settings.capture.sampleTimeoutMs,
        'finger/engine-stopped',
        Promise.resolve(this.parts.gallery.search(probe, { limit: HINTS_A_FINGER_MAX, scoreMin: THRESHOLD })),
      )
      return {
        name: 'searched',
        hints: candidates.map(({ id, score }) => ({ position, candidate: id, score })),
      }
    } catch (error) {
      this.report('search', error)
      return { name: 'searched', hints: [] }
    }
  }

  async pause(signal: AbortSignal): Promise<AnswerBody> {
    await this.parts.clock.sleep(SENSOR_PAUSE_MS, signal).catch(() => {})
    return { name: 'paused' }
  }

  /** Tells twice where the disk is slow: that it is, and what came of it. */
  async enrol({ person }: Of<'enrol'>, tell: (answer: AnswerBody) => void): Promise<void> {
    const keeping = this.keep(person)
    this.storing = keeping
    let settled = false
    const stop = new AbortController()
    const slow = this.parts.clock.sleep(STORE_TIMEOUT_MS, stop.signal).then(
      () => {
        if (!settled) tell({ name: 'store-failed', reason: 'slow' })
      },
      () => {},
    )
    const answer = await keeping
    this.storing = undefined
    settled = true
    stop.abort()
    await slow
    tell(answer)
  }

  private async keep(person: Person): Promise<AnswerBody> {
    const { clock, random, seal, sensor, settings, store } = this.parts
    const sampleOf = (number: number) => this.samples.get(number)
    const id = v7({ msecs: clock.nowMs(), random: random(16) })
    const capturedAt = new Date(clock.nowMs()).toISOString()
    // Held here: a wipe empties the list of samples at once, and zeroes them only after this write.
    const kept = person.fingers.flatMap(finger => {
      const template = 'sample' in finger ? sampleOf(finger.sample)?.template : undefined
      return template === undefined ? [] : [{ position: finger.position, template }]
    })
    const held = new Map(
      person.fingers.flatMap(finger =>
        'sample' in finger ? [[finger.sample, sampleOf(finger.sample)] as const] : [],
      ),
    )
    const { includeImage } = settings.capture
    try {
      await store.enrol({
        id,
        nik: person.nik,
        capturedAt,
        fingers: kept,
        fingersForced: person.fingers.filter(finger => 'sample' in finger && finger.forced).length,
        seal: numbers =>
          seal.sealSubmission(
            buildSubmission({
              id,
              kiosk: seal.kiosk,
              capturedAt,
              person,
              includeImage,
              sensor: sensor && submittedSensor(sensor),
              numbers,
              sampleOf: number => held.get(number),
            }),
          ),
      })
      for (const { position, template } of kept) this.intoGallery(templateId(id, position), template)
      return { name: 'stored', recordId: id }
    } catch (error) {
      this.report('enrol', error)
      const full = error instanceof KioskError && error.code === 'store/full'
      return { name: 'store-failed', reason: full ? 'full' : 'fault' }
    }
  }

  /** A copy: ours is zeroed when the visit ends. */
  private intoGallery(id: string, template: Template): void {
    try {
      this.parts.gallery.add(id, unpackTemplate(packTemplate(template)))
    } catch (error) {
      this.report('gallery', error)
    }
  }

  async print(effect: Of<'print'>, offline: boolean, signal: AbortSignal): Promise<AnswerBody> {
    const { printer, settings, clock } = this.parts
    if (printer === undefined) return { name: 'print-failed' }
    const { recordId, nik, fingers, language } = effect
    const atMs = clock.nowMs()
    const kiosk = settings.kiosk
    const lines = receiptLines({ kiosk, language, recordId, nik, atMs, fingers, offline })
    const { printTimeoutMs: timeoutMs, refillMs } = settings.receipt
    try {
      await printer.print(lines, { timeoutMs, refillMs, signal })
      return { name: 'printed' }
    } catch (error) {
      this.report('print', error)
      return { name: 'print-failed' }
    }
  }

  private within<T>(timeoutMs: number, code: ErrorCode, work: Promise<T>): Promise<T> {
    return withDeadline(work, {
      clock: this.parts.clock,
      timeoutMs,
      late: () => new KioskError(code, { timeoutMs }),
    })
  }

  /** Our own mistakes are not the world's: they end the process, and systemd starts it anew. */
  private report(call: string, error: unknown): void {
    if (error instanceof AssertionError) throw error
    const code = error instanceof KioskError ? error.code : 'unexpected'
    this.parts.log.warn('visit-call-failed', { call, code })
  }
}

function submittedSensor({ info }: FingerprintSensor): SubmittedSensor {
  const { model, presentationAttackDetection } = info
  return { model: model.slice(0, SENSOR_MODEL_MAX), presentationAttackDetection }
}
