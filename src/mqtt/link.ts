import mqtt, { type IConnackPacket, type IPublishPacket, type MqttClient } from 'mqtt'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Connection, Handler, Message, PublishResult } from './broker.ts'
import { plainFilter } from './filter.ts'
import { INBOUND_RECEIVE_MAXIMUM, Inbound } from './inbound.ts'
import { failureName, reasonName } from './link-failure.ts'
import { publishBytes } from './packet-size.ts'
import { Slots } from './slots.ts'

const NO_MATCHING_SUBSCRIBERS = 0x10
const PACKET_TOO_LARGE = 0x95
const RECEIVE_MAXIMUM_DEFAULT = 65_535
const PACKET_BYTES_MAX_DEFAULT = 268_435_460
/** Whatever the broker allows: this many acknowledgements we are ready to keep track of. */
const IN_FLIGHT_MAX = 256
const GOODBYE_MS = 1_000
/** What may come behind the packet that is being read. */
const READ_AHEAD_BYTES_MAX = 1024 * 1024

export interface LinkParts {
  readonly url: string
  readonly clientId: string
  readonly will?: Message
  readonly tls?: BrokerTls
  readonly keepAliveSeconds: number
  readonly connectTimeoutMs: number
  readonly publishTimeoutMs: number
  readonly sessionExpirySeconds: number
  readonly inboundBytesMax: number
  readonly clock: Clock
  readonly log: Log
  handlersOf(topic: string): readonly Handler[]
}

/** PEM. TLS 1.3 only; `ca` is the one authority that the broker's certificate may come from. */
export interface BrokerTls {
  readonly key: string
  readonly cert: string
  readonly ca: string
  readonly crl?: string
}

type Pending = { readonly startedMs: number; readonly bytes: number; reject(error: Error): void }

/**
 * One network connection to the broker, from CONNECT to its end; never a second one.
 *
 * Every link is a fresh mqtt.js client with its own empty store and with its reconnecting off, so
 * nothing of an earlier connection can be sent behind our back (facts M2-M4), and the limits that
 * mqtt.js leaves to its user are kept here: Receive Maximum (M1), the broker's packet size, PUBACKs
 * that never come. The session (subscriptions, what waits for us) lives at the broker.
 */
export class Link {
  /** Resolves once usable, every subscription in force; or when it has ended, with undefined. */
  readonly up: Promise<Connection | undefined>
  /** Resolves with the reason once the link is gone. */
  readonly ended: Promise<string>
  connection: Connection | undefined

  private readonly client: MqttClient
  private readonly inbound: Inbound
  private slots = new Slots(0)
  private accepted = false
  private sharedSubscriptions = true
  private readonly pending = new Set<Pending>()
  /** Packet identifiers whose PUBACK said that nobody listens; mqtt.js does not hand that on. */
  private readonly unheard = new Set<number>()
  private readonly over = new AbortController()
  private reason: string | undefined
  private settleUp!: (connection: Connection | undefined) => void
  private settleEnded!: (reason: string) => void

  constructor(
    private readonly parts: LinkParts,
    /** What is subscribed by the time the broker accepts us. */
    private readonly filters: () => readonly string[],
  ) {
    this.up = new Promise(resolve => (this.settleUp = resolve))
    this.ended = new Promise(resolve => (this.settleEnded = resolve))
    this.inbound = new Inbound({
      handlersOf: parts.handlersOf,
      overrun: reason => this.end(reason),
      log: parts.log,
    })
    const client = (this.client = mqtt.connect(parts.url, clientOptions(parts)))
    client.handleMessage = (packet, callback) => this.receive(packet, callback)
    client.on('connect', connack => void this.begin(connack))
    client.on('packetreceive', packet => {
      if (packet.cmd === 'puback' && packet.reasonCode === NO_MATCHING_SUBSCRIBERS)
        this.unheard.add(packet.messageId!)
    })
    this.limitPackets()
    client.on('disconnect', packet => this.end(reasonName(packet.reasonCode ?? 0)))
    client.on('error', error => this.end(failureName(error)))
    client.on('close', () => this.end('connection-closed'))
  }

  /** Resolves when the broker has answered, or the link has ended. Too early, `begin` will do it. */
  async subscribe(filter: string): Promise<void> {
    if (!this.accepted) return
    const asked = filter.startsWith('$share/') && !this.sharedSubscriptions ? plainFilter(filter) : filter
    if (asked !== filter) this.parts.log.warn('broker-without-shared-subscriptions', { filter })
    try {
      await this.client.subscribeAsync(asked, { qos: 1 })
    } catch (error) {
      if (!this.over.signal.aborted)
        this.parts.log.error('broker-refused-subscription', { filter, reason: failureName(error as Error) })
    }
  }

  /** There is a new handler. */
  claim(): void {
    this.inbound.claim()
  }

  async publish(message: Message, signal?: AbortSignal): Promise<PublishResult> {
    if (this.connection === undefined) throw new KioskError('broker/offline')
    const bytes = publishBytes(message)
    const { packetBytesMax } = this.connection
    if (bytes > packetBytesMax) throw new KioskError('broker/too-large', { bytes, packetBytesMax })
    signal?.throwIfAborted()
    if (message.qos === 1 && !this.slots.tryTake()) await this.slots.take(signal)
    if (this.over.signal.aborted) throw new KioskError('broker/offline')
    return this.send(message, bytes, signal)
  }

  /** Ends it with a DISCONNECT, so that the broker keeps the will to itself. */
  async close(): Promise<void> {
    for (const id of Object.keys(this.client.outgoing)) this.client.removeOutgoingMessage(Number(id))
    if (this.connection !== undefined) {
      const goodbye = this.client.endAsync(false).catch(() => {})
      await Promise.race([goodbye, this.parts.clock.sleep(GOODBYE_MS, this.over.signal).catch(() => {})])
    }
    this.end('closed')
    await this.ended
  }

  /** The broker is told what we take; mqtt.js gathers whatever one that does not keep to it sends. */
  private limitPackets(): void {
    const bytesMax = this.parts.inboundBytesMax + READ_AHEAD_BYTES_MAX
    let unreadBytes = 0
    this.client.on('packetreceive', () => (unreadBytes = 0))
    this.client.stream.on('data', (chunk: Buffer) => {
      unreadBytes += chunk.length
      if (unreadBytes > bytesMax) this.end('inbound-packet-too-large')
    })
  }

  private async begin({ properties }: IConnackPacket): Promise<void> {
    this.accepted = true
    void this.watch()
    this.sharedSubscriptions = properties?.sharedSubscriptionAvailable !== false
    const receiveMaximum = properties?.receiveMaximum ?? RECEIVE_MAXIMUM_DEFAULT
    const sinceMs = this.parts.clock.nowMs()
    await Promise.all(this.filters().map(filter => this.subscribe(filter)))
    if (this.over.signal.aborted) return
    this.slots = new Slots(Math.min(receiveMaximum, IN_FLIGHT_MAX))
    this.connection = {
      receiveMaximum,
      packetBytesMax: properties?.maximumPacketSize ?? PACKET_BYTES_MAX_DEFAULT,
      sinceMs,
    }
    this.settleUp(this.connection)
  }

  private send(message: Message, bytes: number, signal?: AbortSignal): Promise<PublishResult> {
    return new Promise((resolve, reject) => {
      const startedMs = this.parts.clock.monotonicMs()
      const leave = () => {
        this.pending.delete(pending)
        signal?.removeEventListener('abort', abort)
      }
      // The PUBACK may still come: until then the broker counts it, so its slot stays taken, and it is waited for.
      const abort = () => reject(signal?.reason)
      const pending: Pending = {
        startedMs,
        bytes,
        reject: error => {
          leave()
          reject(error)
        },
      }
      this.pending.add(pending)
      signal?.addEventListener('abort', abort, { once: true })
      const { topic, body, qos, retain, properties } = message
      this.client.publish(
        topic,
        Buffer.from(body.buffer, body.byteOffset, body.byteLength),
        { qos, retain: retain ?? false, ...userProperties(properties) },
        (error, packet) => {
          if (qos === 1) this.slots.release()
          if (this.over.signal.aborted) return
          leave()
          const messageId = packet && 'messageId' in packet ? packet.messageId : undefined
          if (error) reject(refusal(error, bytes))
          else resolve({ subscribed: !this.unheard.delete(messageId ?? 0) })
        },
      )
    })
  }

  /** mqtt.js would hold every later packet, PUBACKs too, until a handler is done; so we acknowledge ourselves. */
  private receive(packet: IPublishPacket, callback: (error?: Error) => void): void {
    const message = readMessage(packet)
    if (packet.qos === 0) {
      callback()
      this.inbound.take(message, undefined)
      return
    }
    const { messageId } = packet
    this.inbound.take(message, () => {
      if (!this.over.signal.aborted) this.client.stream.write(puback(messageId!))
    })
    // An error only tells mqtt.js not to acknowledge.
    callback(new Error('acknowledged once its handler is done'))
  }

  /** A broker that takes messages, or subscriptions, and acknowledges none of them is as good as gone. */
  private async watch(): Promise<void> {
    const { clock, publishTimeoutMs } = this.parts
    const acceptedMs = clock.monotonicMs()
    let busyMs = acceptedMs
    while (!this.over.signal.aborted) {
      const nowMs = clock.monotonicMs()
      // Bytes that have not left yet are the line's slowness, for which keep-alive is there.
      if (this.client.stream.writableLength > 0) busyMs = nowMs
      const [oldest] = this.pending
      if (oldest && nowMs - Math.max(oldest.startedMs, busyMs) >= publishTimeoutMs) {
        oldest.reject(new KioskError('broker/timeout', { publishTimeoutMs }))
        return this.end('no-acknowledgement')
      }
      if (this.connection === undefined && nowMs - acceptedMs >= publishTimeoutMs)
        return this.end('no-acknowledgement')
      await clock.sleep(publishTimeoutMs / 4, this.over.signal).catch(() => {})
    }
  }

  private end(reason: string): void {
    this.reason ??= reason
    if (this.over.signal.aborted) return
    this.over.abort()
    this.connection = undefined
    this.inbound.end()
    this.slots.end()
    const tooLarge = this.reason === reasonName(PACKET_TOO_LARGE)
    const largest = Math.max(...[...this.pending].map(({ bytes }) => bytes))
    for (const pending of [...this.pending]) {
      // A broker may say its limit only by hanging up. It can only have meant the largest.
      if (tooLarge && pending.bytes === largest)
        pending.reject(new KioskError('broker/too-large', { bytes: largest }))
      else pending.reject(new KioskError('broker/offline'))
    }
    this.client.end(true)
    // mqtt.js leaves it open where a goodbye has begun, and a line that died on the way would keep it.
    this.client.stream.destroy()
    this.settleUp(undefined)
    this.settleEnded(this.reason)
  }
}

function clientOptions(parts: LinkParts): mqtt.IClientOptions {
  const { will, tls } = parts
  return {
    protocolVersion: 5,
    clientId: parts.clientId,
    // A session of no length is begun anew: where we take a client's place, the broker then speaks its will.
    clean: parts.sessionExpirySeconds === 0,
    keepalive: parts.keepAliveSeconds,
    connectTimeout: parts.connectTimeoutMs,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    properties: {
      sessionExpiryInterval: parts.sessionExpirySeconds,
      receiveMaximum: INBOUND_RECEIVE_MAXIMUM,
      maximumPacketSize: parts.inboundBytesMax,
    },
    ...(will && {
      will: {
        topic: will.topic,
        payload: Buffer.from(will.body),
        qos: will.qos,
        retain: will.retain ?? false,
      },
    }),
    ...(tls && { ...tls, minVersion: 'TLSv1.3', rejectUnauthorized: true }),
  }
}

/** mqtt.js writes a packet with an empty list of user properties not at all, and does not say so. */
function userProperties(properties: Message['properties'] = {}): mqtt.IClientPublishOptions {
  if (Object.keys(properties).length === 0) return {}
  return { properties: { userProperties: { ...properties } } }
}

function readMessage(packet: IPublishPacket): Message {
  const properties: Record<string, string> = {}
  for (const [name, value] of Object.entries(packet.properties?.userProperties ?? {}))
    properties[name] = Array.isArray(value) ? value[0] : value
  const body = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
  return { topic: packet.topic, body, qos: packet.qos === 0 ? 0 : 1, retain: packet.retain, properties }
}

/** PUBACK, reason code 0 left out (MQTT 5.0, 3.4.2.1): type and flags, remaining length, packet identifier. */
function puback(messageId: number): Buffer {
  return Buffer.of(0x40, 2, messageId >> 8, messageId & 0xff)
}

function refusal(error: Error, bytes: number): KioskError {
  const reasonCode = 'code' in error && typeof error.code === 'number' ? error.code : undefined
  if (reasonCode === PACKET_TOO_LARGE) return new KioskError('broker/too-large', { bytes })
  if (reasonCode !== undefined) return new KioskError('broker/refused', { reason: reasonName(reasonCode) })
  return new KioskError('broker/offline', {}, { cause: error })
}
