import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { KioskSeal } from '../seal/seal.ts'
import type { EventEntry, Store } from '../store/ports.ts'

/** Events under way at once; while the ABIS is silent, one. */
const EVENTS_MAX = 16

export interface TellingParts {
  readonly broker: Broker
  readonly store: Store
  readonly seal: KioskSeal
  readonly clock: Clock
  readonly log: Log
  readonly settings: { readonly receiptTimeoutMs: number }
}

/**
 * Tells the ABIS what happened to records, again and again until its receipt is here. Those that are told and get none
 * (of a record that the ABIS has lost, say) give way to those behind them, and have their turn again after the last.
 */
export class Telling {
  /** When each was last published on this connection, monotonic; only of events that still wait. */
  private toldMs = new Map<number, number>()
  /** Up to this number they have had their turn. */
  private after = 0

  constructor(private readonly parts: TellingParts) {}

  reconnected(): void {
    this.toldMs.clear()
  }

  /** One look. Returns when to look again, monotonic. */
  async tell(nowMs: number, { isSilent }: { isSilent: boolean }): Promise<number> {
    const { store, settings } = this.parts
    if (store.events.count === 0) {
      this.toldMs.clear()
      return Number.POSITIVE_INFINITY
    }
    const waiting = await this.next(nowMs, isSilent ? 1 : EVENTS_MAX)
    const toldMs = new Map<number, number>()
    let nextMs = Number.POSITIVE_INFINITY
    for (const entry of waiting) {
      const lastMs = this.toldMs.get(entry.number) ?? Number.NEGATIVE_INFINITY
      const isDue = nowMs - lastMs >= settings.receiptTimeoutMs
      if (isDue) void this.publish(entry)
      toldMs.set(entry.number, isDue ? nowMs : lastMs)
      nextMs = Math.min(nextMs, (isDue ? nowMs : lastMs) + settings.receiptTimeoutMs)
    }
    this.toldMs = toldMs
    return nextMs
  }

  private async next(nowMs: number, most: number): Promise<readonly EventEntry[]> {
    const { store, settings } = this.parts
    const isUnanswered = ({ number }: EventEntry) =>
      nowMs - (this.toldMs.get(number) ?? nowMs) >= settings.receiptTimeoutMs
    let waiting = await store.events.peek(most, this.after)
    if (waiting.length > 0 && waiting.every(isUnanswered)) {
      this.after = waiting[waiting.length - 1].number
      waiting = await store.events.peek(most, this.after)
    }
    if (waiting.length > 0 || this.after === 0) return waiting
    this.after = 0
    return await store.events.peek(most)
  }

  private async publish({ id, sha256, body }: EventEntry): Promise<void> {
    const { broker, seal, log } = this.parts
    const properties = { id, sha256 }
    await broker
      .publish({ topic: kioskTopic(seal.kiosk, 'record'), body, qos: 1, properties })
      .catch(error => log.warn('event-not-taken', { id, code: error.code }))
  }
}
