import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { PinGuard } from '../health/pin-guard.ts'
import type { ServiceTask, ServiceView, StaffAnswer, StaffOperations, TaskOutcome } from '../ui/operations.ts'

const SESSION_BYTES = 16
/** A screen that nobody looks at any more is closed. */
const SESSION_IDLE_MS = 120_000

export interface ServiceParts {
  readonly pins: Pick<PinGuard, 'enter'>
  /** Undefined: the board has no service key, and the PIN alone decides. */
  isKeyTurned(): boolean | undefined
  /** Staff has come to the visit. */
  attend(): void
  look(signal: AbortSignal, options: { readonly thoroughly: boolean }): Promise<ServiceView>
  perform(task: ServiceTask, signal: AbortSignal): Promise<TaskOutcome>
  readonly clock: Clock
  readonly log: Log
}

/**
 * What staff may do at the kiosk's own screen. One technician at a time: whoever enters the PIN next closes the
 * session before. A session ends when the service key is turned back, or when nobody asks for two minutes.
 */
export class Service implements StaffOperations {
  private session: { readonly token: string; seenMs: number } | undefined

  constructor(private readonly parts: ServiceParts) {}

  async enter(pin: string): Promise<StaffAnswer> {
    const { pins, isKeyTurned, attend, clock, log } = this.parts
    try {
      const answer = await pins.enter(pin)
      log.info('staff-pin', { kind: answer.kind, ...(answer.kind === 'right' && { role: answer.role }) })
      if (answer.kind !== 'right') return answer
      if (answer.role === 'officer') {
        attend()
        return { kind: 'officer' }
      }
      if (isKeyTurned() === false) return { kind: 'turn-key' }
      attend()
      const token = randomBytes(SESSION_BYTES).toString('base64url')
      this.session = { token, seenMs: clock.monotonicMs() }
      return { kind: 'technician', session: token }
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      log.warn('staff-pin', { code: error.code })
      return { kind: 'fault' }
    }
  }

  async look(
    session: string,
    options: { readonly thoroughly: boolean },
    signal: AbortSignal,
  ): Promise<ServiceView | undefined> {
    if (!this.isOpen(session)) return undefined
    return this.parts.look(signal, options)
  }

  async perform(session: string, task: ServiceTask, signal: AbortSignal): Promise<TaskOutcome | undefined> {
    if (!this.isOpen(session)) return undefined
    const outcome = await this.parts.perform(task, signal)
    const { log } = this.parts
    log.info('service-task', { task: task.name, kind: outcome.kind })
    return outcome
  }

  leave(session: string): void {
    if (this.isOpen(session)) this.session = undefined
  }

  private isOpen(token: string): boolean {
    const { session } = this
    if (session === undefined) return false
    const nowMs = this.parts.clock.monotonicMs()
    if (nowMs - session.seenMs > SESSION_IDLE_MS || this.parts.isKeyTurned() === false) {
      this.session = undefined
      return false
    }
    const [given, mine] = [Buffer.from(token), Buffer.from(session.token)]
    if (given.length !== mine.length || !timingSafeEqual(given, mine)) return false
    session.seenMs = nowMs
    return true
  }
}
