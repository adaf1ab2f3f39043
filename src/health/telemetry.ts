/**
 * What a kiosk tells operations of itself on `…/telemetry`, unasked: now and then, and at once when something changed.
 * QoS 0: the next one says it again. Retained: who begins to listen knows at once how every kiosk was, and `at` says
 * when. Counts, names and codes only.
 */
import type { BoardPart } from '../../hal/ports/part.ts'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { SentGalleryState } from '../relay/gallery-follower.ts'
import type { Store } from '../store/ports.ts'
import type { SampleStatistics } from './recent-samples.ts'

const MIB = 1024 * 1024
/** Parts that come and go in a row are told of once. */
const GATHER_MS = 1000

/** What the composition knows beside store and parts. */
export interface Circumstances {
  /** What citizens cannot get here now. */
  readonly limits: readonly string[]
  readonly staffCalled: boolean
  /** A display is connected, and the page is not on it. */
  readonly screenIsDark?: boolean
  /** Since when nobody has answered for an open housing; ISO 8601. */
  readonly housingOpenedAt?: string
  /** The end of the kiosk's own certificate; ISO 8601. */
  readonly certificateUntil?: string
  readonly samples?: SampleStatistics
  /** What the ABIS sent for the pre-filter. */
  readonly gallery?: SentGalleryState
}

export interface TelemetryParts {
  readonly kiosk: string
  readonly version: string
  readonly broker: Broker
  readonly store: Pick<Store, 'outbox' | 'events' | 'capacity' | 'auditFindings' | 'records'>
  readonly clock: Clock
  readonly log: Log
  readonly intervalMs: number
  parts(): readonly BoardPart[]
  circumstances(): Circumstances
}

/** The body of one message. */
async function telemetryOf(source: TelemetryParts, startedMs: number) {
  const { store, clock, version } = source
  const { level, limitedBy, fraction } = await store.capacity()
  const [oldest] = await store.outbox.peek(1)
  return {
    at: new Date(clock.nowMs()).toISOString(),
    version,
    uptimeSeconds: Math.floor((clock.monotonicMs() - startedMs) / 1000),
    outbox: {
      waiting: store.outbox.count,
      events: store.events.count,
      setAside: (await store.outbox.setAsideList()).length,
      ...(oldest && { oldestAt: new Date(oldest.appendedAtMs).toISOString() }),
    },
    store: { level, limitedBy, fraction, findings: store.auditFindings.length },
    ...(await lastEnrolment(store)),
    parts: source.parts().map(({ name, kind, state }) => ({
      name,
      kind,
      up: state.up,
      ...(!state.up && { code: state.code }),
    })),
    ...source.circumstances(),
    memoryMib: Math.round(process.memoryUsage.rss() / MIB),
  }
}

export type TelemetryBody = Awaited<ReturnType<typeof telemetryOf>>

async function lastEnrolment(store: Pick<Store, 'records'>): Promise<{ lastEnrolledAt?: string }> {
  for await (const { history } of store.records({ limit: 1 })) return { lastEnrolledAt: history[0].at }
  return {}
}

export class Telemetry {
  private readonly startedMs: number
  private readonly stopping = new AbortController()
  private waiting = new AbortController()
  private readonly telling: Promise<void>

  constructor(private readonly source: TelemetryParts) {
    this.startedMs = source.clock.monotonicMs()
    this.telling = this.tell()
  }

  /** What would be told now. Rejects as the store does. */
  now(): Promise<TelemetryBody> {
    return telemetryOf(this.source, this.startedMs)
  }

  /** Something changed: operations should know now. */
  soon(): void {
    this.waiting.abort()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.telling
  }

  private async tell(): Promise<void> {
    const { clock, intervalMs, log } = this.source
    const { signal } = this.stopping
    while (!signal.aborted) {
      await clock.sleep(GATHER_MS, signal).catch(() => {})
      this.waiting = new AbortController()
      if (signal.aborted) return
      try {
        await this.publish()
      } catch (error) {
        if (signal.aborted) return
        if (!(error instanceof KioskError)) throw error
        log.warn('telemetry', { code: error.code })
      }
      await clock.sleep(intervalMs, AbortSignal.any([signal, this.waiting.signal])).catch(() => {})
    }
  }

  private async publish(): Promise<void> {
    const { broker, kiosk } = this.source
    if (broker.connection === undefined) return
    const body = Buffer.from(JSON.stringify(await this.now()))
    try {
      await broker.publish(
        { topic: kioskTopic(kiosk, 'telemetry'), body, qos: 0, retain: true },
        this.stopping.signal,
      )
    } catch (error) {
      // The link went down meanwhile: the next one says it again.
      if (!(error instanceof KioskError) || !error.code.startsWith('broker/')) throw error
    }
  }
}
