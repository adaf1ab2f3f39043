import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { KioskSeal } from '../seal/seal.ts'
import type { Store } from '../store/ports.ts'

/** Questions a round, of the records that were asked for the longest time ago. */
const QUESTIONS_MAX = 16
const LOOKED_AT_MAX = 1_000

export interface QuestionParts {
  readonly broker: Broker
  readonly store: Store
  readonly seal: KioskSeal
  readonly clock: Clock
  readonly log: Log
  readonly settings: { readonly outcomeAfterMs: number }
}

/** Asks the ABIS for records that have been without an outcome for long: one of its messages may be lost. */
export class Questions {
  private roundMs = Number.NEGATIVE_INFINITY
  /** When each was last asked for, monotonic; only of records that still wait. */
  private askedMs = new Map<string, number>()

  constructor(private readonly parts: QuestionParts) {}

  reconnected(): void {
    this.roundMs = Number.NEGATIVE_INFINITY
  }

  /** One round, where it is time for one. Returns when the next one is, monotonic. */
  async ask(nowMs: number): Promise<number> {
    const { clock, store, settings, log } = this.parts
    const { outcomeAfterMs } = settings
    // A share of the wait, so that a record is not asked for twice as late as promised.
    const intervalMs = outcomeAfterMs / 4
    if (nowMs < this.roundMs + intervalMs) return this.roundMs + intervalMs
    this.roundMs = nowMs
    const beforeMs = clock.nowMs() - outcomeAfterMs
    const waiting = await store.awaitingOutcome({ beforeMs, limit: LOOKED_AT_MAX })
    const askedMs = new Map<string, number>()
    for (const { id } of waiting) {
      const lastMs = this.askedMs.get(id)
      if (lastMs !== undefined) askedMs.set(id, lastMs)
    }
    this.askedMs = askedMs
    const due = waiting.filter(
      ({ id }) => nowMs - (askedMs.get(id) ?? Number.NEGATIVE_INFINITY) >= intervalMs,
    )
    for (const { id, sha256 } of due.slice(0, QUESTIONS_MAX)) {
      askedMs.set(id, nowMs)
      this.askFor(id, sha256).catch(error => log.warn('question-failed', { id, code: error.code }))
    }
    return this.roundMs + intervalMs
  }

  private async askFor(id: string, sha256: string): Promise<void> {
    const { broker, clock, seal } = this.parts
    const { body } = await seal.sealQuery({ id, sha256, at: new Date(clock.nowMs()).toISOString() })
    await broker.publish({ topic: kioskTopic(seal.kiosk, 'query'), body, qos: 1 })
  }
}
