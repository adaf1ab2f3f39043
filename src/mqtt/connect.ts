import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type Backoff, backoffMs } from '../base/retry.ts'
import type { Broker, Connection, Handler, Message, PublishResult } from './broker.ts'
import { fits } from './filter.ts'
import { type BrokerTls, Link } from './link.ts'

/** A link that held this long was a good one: the next wait starts small again. */
const STABLE_MS = 30_000
const FILTERS_MAX = 64

const defaults = {
  keepAliveSeconds: 60,
  /** TCP, TLS and MQTT are three round trips: on a line of 5 s each way 30 s, and a lost packet costs as much again. */
  connectTimeoutMs: 90_000,
  /** On such a line what was lost twice is acknowledged after more than a minute. */
  publishTimeoutMs: 120_000,
  /** As long as the broker keeps our subscriptions, and what came for us, while we are away. */
  sessionExpirySeconds: 7 * 24 * 3_600,
  /** A submission with images and its envelope; the broker drops what is larger before it sends it. */
  inboundBytesMax: 9 * 1024 * 1024,
}

export type ConnectOptions = {
  /** `mqtt://host:port`, or `mqtts://…` with `tls`. */
  readonly url: string
  readonly clientId: string
  readonly will?: Message
  readonly tls?: BrokerTls
  readonly backoff: Backoff
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly log: Log
} & Partial<typeof defaults>

/**
 * A `Broker` over the network. It starts to connect at once and never stops trying; one network
 * connection is one `Link`. A link that breaks soon after it was made (two kiosks with one client id
 * push each other out) counts as a failed try, so the waits keep growing.
 */
export function connectBroker(options: ConnectOptions): Broker {
  return new NetworkBroker(options)
}

class NetworkBroker implements Broker {
  private readonly subscriptions: { readonly filter: string; readonly handler: Handler }[] = []
  private readonly listeners = new Set<(connection: Connection | undefined) => void>()
  private readonly closing = new AbortController()
  private readonly running: Promise<void>
  private link: Link | undefined

  constructor(private readonly options: ConnectOptions) {
    this.running = this.run()
  }

  get connection(): Connection | undefined {
    return this.link?.connection
  }

  publish(message: Message, signal?: AbortSignal): Promise<PublishResult> {
    return this.link?.publish(message, signal) ?? Promise.reject(new KioskError('broker/offline'))
  }

  async subscribe(filter: string, handler: Handler): Promise<void> {
    if (this.subscriptions.length >= FILTERS_MAX)
      throw new KioskError('broker/refused', { filters: FILTERS_MAX })
    this.subscriptions.push({ filter, handler })
    this.link?.claim()
    await this.link?.subscribe(filter)
  }

  onConnection(listener: (connection: Connection | undefined) => void): () => void {
    this.listeners.add(listener)
    listener(this.connection)
    return () => this.listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.closing.abort()
    await this.link?.close()
    await this.running
  }

  private async run(): Promise<void> {
    const { clock, log, backoff, random } = this.options
    const handlersOf = (topic: string) =>
      this.subscriptions.filter(({ filter }) => fits(filter, topic)).map(({ handler }) => handler)
    const parts = { ...defaults, ...this.options, handlersOf }
    let attempt = 0
    let reasonSaid: string | undefined
    // The first connection waits a turn, so that what is subscribed right away is asked for with it.
    await Promise.resolve()
    while (!this.closing.signal.aborted) {
      const link = new Link(parts, () => this.subscriptions.map(({ filter }) => filter))
      this.link = link
      const connection = await link.up
      if (connection) {
        const upMs = clock.monotonicMs()
        log.info('broker-connected', { attempt, ...connection })
        this.tell(connection)
        await link.ended
        if (clock.monotonicMs() - upMs >= STABLE_MS) attempt = 0
      }
      const reason = await link.ended
      this.link = undefined
      if (this.closing.signal.aborted) break
      if (connection) this.tell(undefined)
      attempt++
      const waitMs = backoffMs(backoff, attempt, random)
      if (connection || reason !== reasonSaid) log.warn('broker-not-connected', { reason, attempt, waitMs })
      reasonSaid = reason
      await clock.sleep(waitMs, this.closing.signal).catch(() => {})
    }
    this.link = undefined
    this.tell(undefined)
  }

  private tell(connection: Connection | undefined): void {
    for (const listener of [...this.listeners]) listener(connection)
  }
}
