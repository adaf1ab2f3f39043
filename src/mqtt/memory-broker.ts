import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import { type Log, silentLog } from '../base/log.ts'
import { type Backoff, backoffMs } from '../base/retry.ts'
import type { Broker, Connection, Handler, Message, PublishResult } from './broker.ts'
import { fits } from './filter.ts'
import { Inbound } from './inbound.ts'
import { publishBytes } from './packet-size.ts'
import { Slots } from './slots.ts'

const BACKOFF: Backoff = { backoffMsMin: 100, backoffMsMax: 5_000 }
const SESSION_QUEUE_MAX = 1_000

/** What goes wrong on request. Each is asked anew for every message; without it nothing does. */
export interface BrokerFaults {
  /** How long a packet is under way; unequal answers put messages out of order. */
  latencyMs?(): number
  /** The broker acknowledges, and delivers to nobody. */
  forgets?(message: Message): boolean
  /** It takes the message not at all, and says so. */
  refuses?(message: Message): boolean
  /** It delivers twice. */
  doubles?(message: Message): boolean
}

export interface MemoryBrokerOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly faults?: BrokerFaults
  readonly receiveMaximum?: number
  readonly packetBytesMax?: number
  readonly log?: Log
}

interface Session {
  readonly filters: Set<string>
  /** Not acknowledged by the client, oldest first: what a new connection gets. */
  readonly unacknowledged: Set<Message>
  client: MemoryClient | undefined
}

/**
 * A broker in memory with the promises of a real one (sessions, retained messages, wills, PUBACK
 * reason codes, limits) and faults on request. With a manual clock and a seeded `random` everything
 * happens in the same order every time.
 */
export class MemoryBroker {
  private readonly sessions = new Map<string, Session>()
  private readonly retained = new Map<string, Message>()
  private running = true

  constructor(readonly options: MemoryBrokerOptions) {}

  connect(clientId: string, { will }: { will?: Message } = {}): Broker {
    return new MemoryClient(this, clientId, will)
  }

  /** Breaks the connection of one client, or of all. They come back by themselves. */
  cut(clientId?: string): void {
    for (const [id, { client }] of this.sessions)
      if (clientId === undefined || id === clientId) client?.drop()
  }

  /** Gone until `start`; with `forget` it comes back with empty hands. */
  stop({ forget = false } = {}): void {
    this.running = false
    this.cut()
    if (forget) {
      this.sessions.clear()
      this.retained.clear()
    }
  }

  start(): void {
    this.running = true
  }

  /** How long the next packet takes. */
  async travel(): Promise<void> {
    const latencyMs = this.options.faults?.latencyMs?.() ?? 0
    if (latencyMs > 0) await this.options.clock.sleep(latencyMs)
  }

  /** Takes a client in; false while stopped. */
  accept(clientId: string, client: MemoryClient): boolean {
    if (!this.running) return false
    const session = this.session(clientId)
    session.client?.drop()
    session.client = client
    return true
  }

  /** The client has its connection: what waited for it goes out. */
  resume(clientId: string): void {
    const session = this.session(clientId)
    for (const message of [...session.unacknowledged]) void this.deliver(session, message)
  }

  leave(clientId: string, client: MemoryClient, will: Message | undefined): void {
    const session = this.sessions.get(clientId)
    if (session?.client === client) session.client = undefined
    if (will && this.running) this.route(will)
  }

  register(clientId: string, filter: string): void {
    const session = this.session(clientId)
    session.filters.add(filter)
    for (const message of this.retained.values()) {
      if (fits(filter, message.topic)) void this.hand(session, { ...message, retain: true })
    }
  }

  /** True: somebody is subscribed. */
  route(message: Message): boolean {
    if (message.retain) {
      if (message.body.length > 0) this.retained.set(message.topic, message)
      else this.retained.delete(message.topic)
    }
    if (this.options.faults?.forgets?.(message)) return true
    let subscribed = false
    for (const session of this.sessions.values()) {
      if (![...session.filters].some(filter => fits(filter, message.topic))) continue
      subscribed = true
      const copies = this.options.faults?.doubles?.(message) ? 2 : 1
      for (let copy = 0; copy < copies; copy++) this.hand(session, { ...message, retain: false })
    }
    return subscribed
  }

  private hand(session: Session, message: Message): void {
    if (message.qos === 1) {
      // What waits too long for a silent client is dropped: brokers do.
      if (session.unacknowledged.size >= SESSION_QUEUE_MAX) return
      session.unacknowledged.add(message)
    }
    void this.deliver(session, message)
  }

  private async deliver(session: Session, message: Message): Promise<void> {
    const { client } = session
    if (client === undefined) return
    const { life } = client
    await this.travel()
    if (session.client !== client || client.life !== life) return
    client.take(message, () => session.unacknowledged.delete(message))
  }

  private session(clientId: string): Session {
    let session = this.sessions.get(clientId)
    if (session === undefined) {
      session = { filters: new Set(), unacknowledged: new Set(), client: undefined }
      this.sessions.set(clientId, session)
    }
    return session
  }
}

class MemoryClient implements Broker {
  connection: Connection | undefined
  /** Counts connections: what belongs to an earlier one ends with it. */
  life = 0
  private readonly subscriptions: { readonly filter: string; readonly handler: Handler }[] = []
  private readonly listeners = new Set<(connection: Connection | undefined) => void>()
  private readonly closing = new AbortController()
  private readonly running: Promise<void>
  private inbound: Inbound | undefined
  private slots = new Slots(0)
  private readonly pending = new Set<(error: unknown) => void>()
  private gone: () => void = () => {}

  constructor(
    private readonly broker: MemoryBroker,
    private readonly clientId: string,
    private readonly will: Message | undefined,
  ) {
    this.running = this.run()
  }

  async publish(message: Message, signal?: AbortSignal): Promise<PublishResult> {
    if (this.connection === undefined) throw new KioskError('broker/offline')
    const bytes = publishBytes(message)
    const { packetBytesMax } = this.connection
    if (bytes > packetBytesMax) throw new KioskError('broker/too-large', { bytes, packetBytesMax })
    if (message.qos === 0) {
      this.broker.route(message)
      return { subscribed: true }
    }
    const { slots } = this
    await slots.take(signal)
    return this.send(message, signal).finally(() => slots.release())
  }

  async subscribe(filter: string, handler: Handler): Promise<void> {
    this.subscriptions.push({ filter, handler })
    this.inbound?.claim()
    if (this.connection) this.broker.register(this.clientId, filter)
  }

  onConnection(listener: (connection: Connection | undefined) => void): () => void {
    this.listeners.add(listener)
    listener(this.connection)
    return () => this.listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.closing.abort()
    this.lose(undefined)
    await this.running
  }

  /** The line breaks; the broker speaks the will. */
  drop(): void {
    this.lose(this.will)
  }

  take(message: Message, acknowledge: () => void): void {
    const { life } = this
    const acknowledgeInTime = () => {
      if (this.life === life) acknowledge()
    }
    this.inbound?.take(message, message.qos === 1 ? acknowledgeInTime : undefined)
  }

  private send(message: Message, signal?: AbortSignal): Promise<PublishResult> {
    const { life } = this
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.pending.delete(fail)
        signal?.removeEventListener('abort', abort)
      }
      const fail = (error: unknown) => {
        leave()
        reject(error)
      }
      const abort = () => fail(signal?.reason)
      const pass = async () => {
        await this.broker.travel()
        if (this.life !== life) return
        if (this.broker.options.faults?.refuses?.(message)) return fail(new KioskError('broker/refused'))
        const subscribed = this.broker.route(message)
        await this.broker.travel()
        leave()
        resolve({ subscribed })
      }
      this.pending.add(fail)
      signal?.addEventListener('abort', abort, { once: true })
      void pass()
    })
  }

  private async run(): Promise<void> {
    const { clock, random } = this.broker.options
    let attempt = 0
    while (!this.closing.signal.aborted) {
      await this.broker.travel()
      if (!this.closing.signal.aborted && this.broker.accept(this.clientId, this)) {
        attempt = 0
        await this.live()
        if (this.closing.signal.aborted) return
      }
      await clock.sleep(backoffMs(BACKOFF, ++attempt, random), this.closing.signal).catch(() => {})
    }
  }

  private async live(): Promise<void> {
    const {
      clock,
      receiveMaximum = 65_535,
      packetBytesMax = 268_435_460,
      log = silentLog,
    } = this.broker.options
    const ended = new Promise<void>(resolve => (this.gone = resolve))
    this.life++
    this.slots = new Slots(receiveMaximum)
    this.inbound = new Inbound({
      handlersOf: topic =>
        this.subscriptions.filter(({ filter }) => fits(filter, topic)).map(({ handler }) => handler),
      overrun: () => this.drop(),
      log,
    })
    this.connection = { receiveMaximum, packetBytesMax, sinceMs: clock.nowMs() }
    for (const { filter } of this.subscriptions) this.broker.register(this.clientId, filter)
    this.broker.resume(this.clientId)
    this.tell()
    await ended
  }

  private lose(will: Message | undefined): void {
    if (this.connection === undefined) return
    this.connection = undefined
    this.life++
    this.inbound?.end()
    this.slots.end()
    for (const fail of [...this.pending]) fail(new KioskError('broker/offline'))
    this.gone()
    this.broker.leave(this.clientId, this, will)
    this.tell()
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener(this.connection)
  }
}
