import type { FingerprintSensor } from '../../hal/ports/fingerprint-sensor.ts'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { RateLimit } from '../base/rate-limit.ts'
import { recordByFinger } from '../enrolment/record-by-finger.ts'
import type { VisitGallery, VisitRunner } from '../enrolment/runner.ts'
import type { Engine } from '../finger/engine.ts'
import { type Nik, parseNik } from '../record/nik.ts'
import type { KioskRecord } from '../record/record.ts'
import {
  centreBacklogOf,
  type RecordStatus,
  recordStatusOf,
  recordStatusOfAnswer,
  type StatusFinding,
} from '../record/record-status.ts'
import type { CentreStatus } from '../relay/centre-status.ts'
import type { Relay } from '../relay/relay.ts'
import type { Settings } from '../settings/settings.ts'
import type { Store } from '../store/ports.ts'
import type { FingerFinding } from '../ui/operations.ts'
import type { PrintDesk } from './print-desk.ts'

/**
 * Of questions by NIK and finger at this kiosk, whatever came of them: whoever tries fingers or numbers one after the
 * other has little of it, and a family with worn fingers gets through.
 */
const QUESTIONS_AT_ONCE_MAX = 10
const QUESTIONS_A_MINUTE = 1

export interface StatusDeskParts {
  readonly visit: Pick<VisitRunner, 'view' | 'onView'>
  readonly store: Pick<Store, 'record' | 'recordsOf'>
  readonly relay: Pick<Relay, 'state' | 'ask'>
  readonly centre: Pick<CentreStatus, 'current'>
  readonly board: { readonly sensor?: FingerprintSensor }
  readonly prints: Pick<PrintDesk, 'offersFor'>
  readonly engine: Engine
  readonly gallery: VisitGallery
  readonly options: { readonly settings: Settings; readonly clock: Clock }
  readonly log: Log
  /** Nothing of the fingers stays in memory. */
  forget(): void
}

/** Where is my card: answers out of this kiosk's store, and from the centre for what others made. */
export class StatusDesk {
  private isBusy = false
  private readonly questions: RateLimit

  constructor(private readonly parts: StatusDeskParts) {
    const { clock } = parts.options
    this.questions = new RateLimit({ burst: QUESTIONS_AT_ONCE_MAX, perMinute: QUESTIONS_A_MINUTE, clock })
  }

  async byReceipt(recordId: string, signal: AbortSignal): Promise<StatusFinding> {
    const { store, relay, log } = this.parts
    const mine = await store.record(recordId)
    if (mine !== undefined)
      return { kind: 'found', record: this.statusOf(mine), ...(await this.parts.prints.offersFor(mine)) }
    try {
      const record = recordStatusOfAnswer(await relay.ask(recordId, signal))
      return record === undefined ? { kind: 'unknown' } : { kind: 'found', record: this.withCentre(record) }
    } catch (error) {
      if (signal.aborted) return { kind: 'no-answer' }
      if (!(error instanceof KioskError)) throw error
      log.warn('status-not-answered', { code: error.code })
      return { kind: error.code === 'broker/offline' ? 'offline' : 'no-answer' }
    }
  }

  /**
   * Whoever begins a visit meanwhile comes first. Limited for all numbers together, and before a finger is asked for:
   * nobody learns from it whose NIK is enrolled.
   */
  async byFinger(
    text: string,
    { signal, onContact }: { readonly signal: AbortSignal; readonly onContact: () => void },
  ): Promise<FingerFinding> {
    const { visit, store, engine, gallery, board, options, log, forget } = this.parts
    const nik = nikOf(text)
    if (nik === undefined) return { kind: 'bad-nik' }
    if (this.isBusy || visit.view.step !== 'idle') return { kind: 'busy' }
    const { sensor } = board
    if (sensor === undefined) return { kind: 'fault' }
    if (this.questions.take('anybody') > 0) {
      log.warn('status-by-finger', { kind: 'too-many' })
      return { kind: 'too-many' }
    }
    this.isBusy = true
    const begun = new AbortController()
    const stop = visit.onView(({ step }) => step !== 'idle' && begun.abort())
    try {
      const found = await recordByFinger({ ...options, sensor, engine, gallery, store }, nik, {
        signal: AbortSignal.any([signal, begun.signal]),
        onContact,
      })
      log.info('status-by-finger', { kind: found.kind })
      return found.kind === 'found' ? { kind: 'found', record: this.statusOf(found.record) } : found
    } catch (error) {
      if (signal.aborted || begun.signal.aborted) return { kind: 'busy' }
      if (!(error instanceof KioskError)) throw error
      log.warn('status-by-finger', { code: error.code })
      return { kind: error.code === 'hal/busy' ? 'busy' : 'fault' }
    } finally {
      stop()
      this.isBusy = false
      forget()
    }
  }

  /** With what the centre says of its backlog, for a record that is part of it. */
  private withCentre(record: RecordStatus): RecordStatus {
    const { centre, options } = this.parts
    if (record.status !== 'RECEIVED_AT_CENTRAL' || record.exception || centre.current === undefined)
      return record
    const behind = centreBacklogOf(centre.current, options.clock.nowMs())
    return behind === undefined ? record : { ...record, centre: behind }
  }

  private statusOf(record: KioskRecord): RecordStatus {
    const { waiting, oldestMs, online } = this.parts.relay.state()
    const oldestAt = oldestMs === undefined ? undefined : new Date(oldestMs).toISOString()
    return this.withCentre(recordStatusOf(record, { waiting, oldestAt, isOnline: online }))
  }
}

function nikOf(text: string): Nik | undefined {
  try {
    return parseNik(text)
  } catch {
    return undefined
  }
}
