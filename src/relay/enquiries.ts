import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { StatusAnswer } from '../record/submission.ts'
import type { KioskSeal } from '../seal/seal.ts'

/** More people than stand before one screen. */
const WAITING_MAX = 8
const ANSWER_TIMEOUT_MS = 10_000

export interface EnquiryParts {
  readonly broker: Broker
  readonly seal: KioskSeal
  readonly clock: Clock
}

/** Questions of people at the kiosk for records that other kiosks made. Nobody waits longer than they would. */
export class Enquiries {
  private readonly waiting = new Map<string, (answer: StatusAnswer) => void>()

  constructor(private readonly parts: EnquiryParts) {}

  /**
   * What the centre says of a record. Rejects with `broker/offline`, with `abis/unavailable` where it does not answer in
   * time or too many wait, and with the reason of `signal`.
   */
  async ask(id: string, signal: AbortSignal): Promise<StatusAnswer> {
    const { broker, seal, clock } = this.parts
    if (broker.connection === undefined) throw new KioskError('broker/offline')
    if (this.waiting.size >= WAITING_MAX) throw new KioskError('abis/unavailable', { waiting: WAITING_MAX })
    const question = randomUUID()
    const at = new Date(clock.nowMs()).toISOString()
    const { body } = await seal.sealQuery({ id, question, at })
    const answered = new Promise<StatusAnswer>(resolve => this.waiting.set(question, resolve))
    const limit = new AbortController()
    const late = clock.sleep(ANSWER_TIMEOUT_MS, AbortSignal.any([limit.signal, signal])).then(() => {
      throw new KioskError('abis/unavailable', { timeoutMs: ANSWER_TIMEOUT_MS })
    })
    late.catch(() => {})
    try {
      const sent = broker.publish({ topic: kioskTopic(seal.kiosk, 'query'), body, qos: 1 }, signal)
      return await Promise.race([answered, late, sent.then(() => answered)])
    } finally {
      limit.abort()
      this.waiting.delete(question)
    }
  }

  /** The centre answered; to a question that nobody waits for any more, that is nothing. */
  answered(answer: StatusAnswer): void {
    this.waiting.get(answer.question)?.(answer)
  }
}
