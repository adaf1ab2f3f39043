/**
 * What a visit needs from below, as small as it can be: fingers are numbers written into frames, the engine
 * compares the numbers, and the store keeps a list.
 */
import type { CaptureOptions, FingerprintSensor } from '../../hal/ports/fingerprint-sensor.ts'
import type { Receipt, ReceiptPrinter } from '../../hal/ports/receipt-printer.ts'
import { type ErrorCode, KioskError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { VisitRunner } from '../../src/enrolment/runner.ts'
import type { Engine } from '../../src/finger/engine.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import { Gallery } from '../../src/finger/prefilter/gallery.ts'
import type { Template } from '../../src/finger/template/template.ts'
import type { KioskRecord } from '../../src/record/record.ts'
import { type Submission, submissionSchema } from '../../src/record/submission.ts'
import type { VisitCommand, VisitView } from '../../src/record/visit-view.ts'
import { defaultSettings, type Settings } from '../../src/settings/settings.ts'
import type { Capacity, Enrolment } from '../../src/store/ports.ts'
import { ManualClock } from '../support/manual-clock.ts'

/** What lies on the platen at each capture: a finger's number and quality, or what goes wrong. */
export type Placement = { finger: number; score?: number } | ErrorCode | 'not-a-finger' | 'silent'

export const NIK = '3171234567890001'
const SIDE_PX = 64

/** Takes what the test puts down next; without that, the finger that was asked for, in good quality. */
export class StandInSensor implements FingerprintSensor {
  readonly info = {
    model: 'stand-in',
    widthPx: SIDE_PX,
    heightPx: SIDE_PX,
    resolutionDpi: 500,
    previewHz: 0,
    slap: false,
    presentationAttackDetection: 'none',
  } as const
  readonly frames: Frame[] = []
  readonly placements: Placement[] = []
  busy = false
  lastRequest: CaptureOptions | undefined

  async open(): Promise<void> {}
  async close(): Promise<void> {}
  async diagnose() {
    return []
  }

  async capture(options: CaptureOptions): Promise<Frame> {
    this.lastRequest = options
    if (this.busy) throw new KioskError('hal/busy')
    const placement = this.placements.shift() ?? { finger: options.position ?? 2 }
    if (placement === 'silent') {
      this.busy = true
      await new Promise((_, reject) => {
        options.signal.addEventListener('abort', () => reject(options.signal.reason), { once: true })
      }).finally(() => {
        this.busy = false
      })
    }
    if (typeof placement === 'string' && placement !== 'not-a-finger')
      throw new KioskError(placement as ErrorCode)
    const frame: Frame = {
      widthPx: SIDE_PX,
      heightPx: SIDE_PX,
      resolutionDpi: 500,
      pixels: new Uint8Array(SIDE_PX * SIDE_PX).fill(255),
    }
    if (typeof placement === 'object') {
      frame.pixels[0] = placement.finger
      frame.pixels[1] = placement.score ?? 80
    } else frame.pixels[0] = 0
    this.frames.push(frame)
    return frame
  }
}

export class StandInEngine implements Engine {
  readonly templates: Template[] = []
  failing = false

  async sample(frame: Frame) {
    if (this.failing) throw new KioskError('finger/engine-stopped')
    const [finger, score] = frame.pixels
    if (finger === 0) throw new KioskError('finger/not-a-finger')
    const template = templateOf(finger)
    this.templates.push(template)
    const accept = score >= 50
    return { quality: { score, accept, reason: accept ? 'ok' : 'too-dry', measures: {} } as const, template }
  }

  async compare(a: Template, b: Template) {
    const alike = a.xPx[0] === b.xPx[0]
    return { score: alike ? 100 : 0, alike, falseMatchRate: alike ? 0 : 1 }
  }
}

function templateOf(finger: number): Template {
  return {
    count: 1,
    widthPx: SIDE_PX,
    heightPx: SIDE_PX,
    xPx: Float32Array.of(finger),
    yPx: Float32Array.of(10),
    directionRad: Float32Array.of(1),
    kind: Uint8Array.of(1),
    reliability: Float32Array.of(1),
  }
}

/** Seals nothing, but holds a submission to its schema. */
export class StandInStore {
  readonly kept: Enrolment[] = []
  readonly submissions: Submission[] = []
  level: Capacity['level'] = 'ok'
  failing: ErrorCode | undefined
  /** Held back until it resolves. */
  gate: Promise<void> = Promise.resolve()

  async capacity(): Promise<Capacity> {
    return { level: this.level, limitedBy: 'entries', fraction: 0, entries: 0, bytes: 0 }
  }

  async enrol(enrolment: Enrolment): Promise<KioskRecord> {
    await this.gate
    if (this.failing) throw new KioskError(this.failing)
    const sequence = this.kept.length + 1
    await enrolment.seal({ sequence, bootEpoch: 'stand-in-epoch' })
    this.kept.push(enrolment)
    return { id: enrolment.id } as KioskRecord
  }

  async record(id: string): Promise<KioskRecord | undefined> {
    const enrolment = this.kept.find(kept => kept.id === id)
    if (enrolment === undefined) return undefined
    const { nik, capturedAt: at } = enrolment
    const status = 'SENT_FOR_ENROLLMENT'
    return { id, nik, status, history: [{ status, at }] } as unknown as KioskRecord
  }

  /** Newest first. */
  async recordsOf(nik: string): Promise<readonly KioskRecord[]> {
    const ids = this.kept.filter(kept => kept.nik === nik).map(({ id }) => id)
    return (await Promise.all(ids.toReversed().map(id => this.record(id)))) as KioskRecord[]
  }

  readonly seal = {
    kiosk: 'kiosk-test',
    sealSubmission: async (submission: Submission) => {
      this.submissions.push(submissionSchema.parse(submission))
      return { body: new Uint8Array(1), sha256: '' }
    },
  }
}

export class StandInPrinter implements ReceiptPrinter {
  readonly info = { model: 'stand-in', widthDots: 384, columns: 32 }
  readonly receipts: Receipt[] = []
  failing: ErrorCode | undefined

  async open(): Promise<void> {}
  async close(): Promise<void> {}
  async diagnose() {
    return []
  }
  async status() {
    return { paper: 'ok', coverOpen: false } as const
  }
  async print(receipt: Receipt): Promise<void> {
    if (this.failing) throw new KioskError(this.failing)
    this.receipts.push(receipt)
  }
}

export function settingsWith(change: { [Topic in keyof Settings]?: Partial<Settings[Topic]> }): Settings {
  const topics = Object.entries(defaultSettings).map(([topic, values]) => [
    topic,
    { ...values, ...change[topic as keyof Settings] },
  ])
  return Object.fromEntries(topics) as Settings
}

/** A kiosk of stand-ins, and hands that touch its screen. */
export function standInKiosk(
  options: { settings?: Settings; withoutSensor?: true; withoutPrinter?: true } = {},
) {
  const clock = new ManualClock()
  const sensor = new StandInSensor()
  const engine = new StandInEngine()
  const store = new StandInStore()
  const printer = new StandInPrinter()
  const gallery = new Gallery()
  const logged: string[] = []
  let staffCalls = 0
  let random = 0
  const runner = new VisitRunner({
    settings: options.settings ?? defaultSettings,
    ...(!options.withoutSensor && { sensor }),
    ...(!options.withoutPrinter && { printer }),
    engine,
    gallery,
    store,
    seal: store.seal,
    clock,
    random: bytes => new Uint8Array(bytes).fill(++random),
    log: {
      ...silentLog,
      info: (event, fields) => logged.push(JSON.stringify({ event, ...fields })),
      warn: (event, fields) => logged.push(JSON.stringify({ event, ...fields })),
    },
    callStaff: () => staffCalls++,
  })
  type Without<T> = T extends unknown ? Omit<T, 'visit'> : never
  /** One touch, and everything that follows without time passing. */
  const touch = async (command: Without<VisitCommand>) => {
    runner.dispatch({ ...command, visit: runner.view.visit } as VisitCommand)
    await clock.advance(0)
    return runner.view
  }
  const toCapture = async () => {
    await touch({ name: 'begin', language: 'id' })
    await touch({ name: 'nik', text: NIK })
    await touch({ name: 'confirm' })
    return touch({ name: 'consent', agreed: true })
  }
  return {
    clock,
    sensor,
    engine,
    store,
    printer,
    gallery,
    runner,
    logged,
    touch,
    toCapture,
    staffCalls: () => staffCalls,
  }
}

export function expectStep<Name extends VisitView['step']>(
  view: VisitView,
  step: Name,
): Extract<VisitView, { step: Name }> {
  if (view.step !== step) throw new Error(`the screen shows ${JSON.stringify(view)}, not ${step}`)
  return view as Extract<VisitView, { step: Name }>
}
