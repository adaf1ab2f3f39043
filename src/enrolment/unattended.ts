import { type ErrorCode, KioskError } from '../base/errors.ts'
import type { FingerException, FingerPosition } from '../record/finger-position.ts'
import type { VisitCommand, VisitLanguage, VisitView } from '../record/visit-view.ts'
import type { VisitRunner } from './runner.ts'

export interface UnattendedEnrolment {
  /** 16 digits; others reject with `usage/bad-nik`. */
  readonly nik: string
  readonly language?: VisitLanguage
  /** Fingers that are not asked for. */
  readonly exceptions?: ReadonlyMap<FingerPosition, FingerException>
  readonly signal?: AbortSignal
}

export interface Enrolled {
  readonly recordId: string
  readonly receipt: 'printed' | 'on-screen'
}

type Action =
  | { command: Command }
  | { done: Enrolled }
  | { failed: { code: ErrorCode; details?: KioskError['details'] } }
  | 'wait'
/** A command of the visit under way. */
type Command = VisitCommand extends infer T ? (T extends unknown ? Omit<T, 'visit'> : never) : never

const SENSOR_FAULTS_MAX = 3

/**
 * One visit without anybody at the screen: for `tunggal enrol`, the demo and tests. Somebody has consented.
 * A finger that is not placed counts as missing, one that no try could read as damaged.
 * Rejects with `hal/busy` where somebody is at the kiosk or ended this visit, `store/full`, `kv/io`,
 * `hal/no-answer`, `usage/bad-nik`.
 */
export function enrolUnattended(runner: VisitRunner, enrolment: UnattendedEnrolment): Promise<Enrolled> {
  return new Promise((resolve, reject) => {
    if (enrolment.signal?.aborted) return reject(enrolment.signal.reason)
    if (runner.view.step !== 'idle') return reject(new KioskError('hal/busy'))
    const driver = new Driver(enrolment)
    let settled = false
    const settle = (end: () => void) => {
      settled = true
      stop()
      enrolment.signal?.removeEventListener('abort', abort)
      runner.dispatch({ visit: runner.view.visit, name: 'leave' })
      end()
    }
    const abort = () => settle(() => reject(enrolment.signal?.reason))
    // Views arrive while the runner is at work: what they call for is done after that.
    const stop = runner.onView(() => queueMicrotask(() => step()))
    const step = () => {
      if (settled) return
      const { view } = runner
      const action = driver.react(view)
      if (action === 'wait') return
      if ('done' in action) return settle(() => resolve(action.done))
      if ('failed' in action)
        return settle(() => reject(new KioskError(action.failed.code, action.failed.details)))
      runner.dispatch({ ...action.command, visit: view.visit } as VisitCommand)
    }
    enrolment.signal?.addEventListener('abort', abort, { once: true })
  })
}

/** Decides from each view; remembers only what a view does not say. */
class Driver {
  private begun = false
  private sensorFaults = 0
  private faulty = false

  constructor(private readonly enrolment: UnattendedEnrolment) {}

  react(view: VisitView): Action {
    const { nik, language = 'id' } = this.enrolment
    if (view.stillThere) return { command: { name: 'keep-alive' } }
    switch (view.step) {
      case 'idle':
        if (this.begun) return ended(view)
        this.begun = true
        return { command: { name: 'begin', language } }
      case 'identify':
        if (view.problem) return { failed: { code: 'usage/bad-nik' } }
        return { command: { name: 'nik', text: nik } }
      case 'confirm':
        return { command: { name: 'confirm' } }
      case 'consent':
        return { command: { name: 'consent', agreed: true } }
      case 'capture':
        return this.capture(view)
      case 'review':
        return { command: { name: 'submit' } }
      case 'store-fault':
        if (view.reason === 'slow') return 'wait'
        return { failed: { code: view.reason === 'full' ? 'store/full' : 'kv/io' } }
      case 'done':
        if (view.receipt === 'printing') return 'wait'
        return { done: { recordId: view.recordId, receipt: view.receipt } }
      case 'checking':
      case 'storing':
        return 'wait'
    }
  }

  private capture(view: Extract<VisitView, { step: 'capture' }>): Action {
    const exception = this.enrolment.exceptions?.get(view.position)
    if (exception !== undefined) return { command: { name: 'skip', exception } }
    if (view.phase === 'unreadable') return { command: { name: 'skip', exception: 'damaged' } }
    if (view.phase === 'placing' && view.prompt.code === 'no-finger')
      return { command: { name: 'skip', exception: 'missing' } }
    if (view.phase === 'sensor-fault' && !this.faulty) this.sensorFaults++
    this.faulty = view.phase === 'sensor-fault'
    if (this.sensorFaults >= SENSOR_FAULTS_MAX)
      return { failed: { code: 'hal/no-answer', details: { part: 'fingerprint-sensor' } } }
    return 'wait'
  }
}

function ended(view: Extract<VisitView, { step: 'idle' }>): Action {
  switch (view.notice) {
    case 'store-full':
      return { failed: { code: 'store/full' } }
    case 'store-fault':
      return { failed: { code: 'kv/io' } }
    case 'no-sensor':
      return { failed: { code: 'hal/no-answer', details: { part: 'fingerprint-sensor' } } }
    default:
      // Somebody else ended it.
      return { failed: { code: 'hal/busy' } }
  }
}
