import { setMaxListeners } from 'node:events'
import type { Clock } from '../base/clock.ts'
import { type ErrorCode, KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { Rest } from '../base/rest.ts'
import type { Broker, Connection } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { KioskRecord } from '../record/record.ts'
import type { StatusAnswer } from '../record/submission.ts'
import type { KioskSeal } from '../seal/seal.ts'
import type { OutboxEntry, Store } from '../store/ports.ts'
import { Downlink } from './downlink.ts'
import { Enquiries } from './enquiries.ts'
import { type Presence, stateMessage, tellPresence } from './presence.ts'
import { Questions } from './questions.ts'
import { Telling } from './telling.ts'
import { TooLarge } from './too-large.ts'
import { type Flight, Window } from './window.ts'

/** Bytes under way without a receipt: what a slow line still carries between two pings. */
const WINDOW_BYTES_MAX = 1024 * 1024
/** A failure of the disk is tried again after this. */
const FAULT_WAIT_MS = 5_000
const FAREWELL_MS = 2_000
/** Of what an ABIS that was set back has lost, into the queue in one go. */
const REQUEUE_MAX = 200

export interface RelaySettings {
  /** Submissions under way without a receipt. The broker may allow fewer. */
  readonly windowMax: number
  readonly receiptTimeoutMs: number
  readonly probeIntervalMs: number
  /** A submission that failed this often while others got through is set aside. */
  readonly publishesMax: number
  /** A record without an outcome for this long is asked for. */
  readonly outcomeAfterMs: number
}

export interface RelayParts {
  readonly broker: Broker
  readonly store: Store
  readonly seal: KioskSeal
  readonly clock: Clock
  readonly log: Log
  readonly settings: RelaySettings
  readonly presence: Presence
}

/** For the page and for operations. Wall times in milliseconds since 1970. */
export interface RelayState {
  readonly online: boolean
  /** The ABIS answers: a receipt came for what was last sent. */
  readonly answered: boolean
  readonly waiting: number
  readonly oldestMs: number | undefined
  readonly lastReceiptMs: number | undefined
  /** What keeps submissions from being taken, as far as the broker said. */
  readonly fault: ErrorCode | undefined
  /** Bodies from the centre that were not what they must be, or named nothing that is here. */
  readonly refused: number
}

/**
 * The relay: empties the outbox into the broker, and takes receipts and outcomes home.
 *
 * A submission's way: peeked from the outbox into the window, marked as published, published, and
 * forgotten by the outbox when its receipt comes; published again when none comes in time. Which one
 * when is the `Window`'s decision; here it is carried out.
 *
 * Always true:
 * - Nothing leaves the outbox but by a receipt that the ABIS signed; a PUBACK settles nothing.
 * - At most the window (and the broker's Receive Maximum) is under way; while the ABIS is silent, one.
 * - A submission that alone does not get through is passed over, then set aside; the next goes on.
 */
export class Relay {
  private readonly window: Window
  private readonly downlink: Downlink
  private readonly questions: Questions
  private readonly events: Telling
  private readonly enquiries: Enquiries
  private readonly listeners = new Set<(state: RelayState) => void>()
  private readonly stopping = new AbortController()
  private readonly tooLarge = new TooLarge()
  private running: Promise<void> | undefined
  private leave: (() => void)[] = []
  private readonly rest: Rest
  private telling = false
  private connection: Connection | undefined
  private limit: number | undefined
  /** Everything up to here was looked at. */
  private cursor = 0
  private oldestMs: number | undefined
  private lastReceiptMs: number | undefined
  private fault: ErrorCode | undefined

  constructor(private readonly parts: RelayParts) {
    const { settings } = parts
    // Every publish under way listens to it.
    setMaxListeners(0, this.stopping.signal)
    this.rest = new Rest(parts.clock)
    this.window = new Window({
      entriesMax: settings.windowMax,
      bytesMax: WINDOW_BYTES_MAX,
      receiptTimeoutMs: settings.receiptTimeoutMs,
      probeIntervalMs: settings.probeIntervalMs,
    })
    this.questions = new Questions(parts)
    this.events = new Telling(parts)
    this.enquiries = new Enquiries(parts)
    this.downlink = new Downlink({
      ...parts,
      onReceipt: id => this.receipted(id),
      onAnswer: answer => this.enquiries.answered(answer),
      onRefused: () => this.tell(),
    })
  }

  async start(): Promise<void> {
    if (this.running) return
    const { broker, store } = this.parts
    await this.downlink.subscribe()
    this.running = this.run()
    this.leave = [
      store.onRecord(record => this.recordChanged(record)),
      broker.onConnection(connection => this.connected(connection)),
    ]
  }

  /** Says goodbye, as far as there is a connection, and ends; the broker stays the caller's. */
  async stop(): Promise<void> {
    for (const leave of this.leave.splice(0)) leave()
    this.stopping.abort()
    this.rest.wake()
    await this.running
    const { broker, clock, seal, presence } = this.parts
    if (!broker.connection) return
    const farewell = stateMessage(seal.kiosk, 'offline', presence, clock.nowMs())
    const limit = new AbortController()
    const goodbye = broker.publish(farewell).catch(() => {})
    await Promise.race([goodbye, clock.sleep(FAREWELL_MS, limit.signal).catch(() => {})])
    limit.abort()
  }

  state(): RelayState {
    return {
      online: this.connection !== undefined,
      answered: !this.window.isSilent,
      waiting: this.parts.store.outbox.count,
      oldestMs: this.parts.store.outbox.count === 0 ? undefined : this.oldestMs,
      lastReceiptMs: this.lastReceiptMs,
      fault: this.fault,
      refused: this.downlink.refused,
    }
  }

  /** As `Enquiries.ask`: what the centre says of a record that another kiosk may have made. */
  ask(id: string, signal: AbortSignal): Promise<StatusAnswer> {
    return this.enquiries.ask(id, signal)
  }

  /** Called at every change, and at once with the present state. Returns how to stop. */
  onState(listener: (state: RelayState) => void): () => void {
    this.listeners.add(listener)
    listener(this.state())
    return () => this.listeners.delete(listener)
  }

  private async run(): Promise<void> {
    const { clock, log } = this.parts
    while (!this.stopping.signal.aborted) {
      let nextMs: number
      try {
        nextMs = await this.turn()
      } catch (error) {
        // The disk's failure, not a submission's. It heals, or somebody comes.
        log.error('relay-turn-failed', { code: error instanceof KioskError ? error.code : String(error) })
        nextMs = clock.monotonicMs() + FAULT_WAIT_MS
      }
      await this.rest.until(nextMs)
    }
  }

  /** One look at everything there is to do. Returns when to look again, monotonic. */
  private async turn(): Promise<number> {
    const { clock } = this.parts
    if (this.connection === undefined) return Number.POSITIVE_INFINITY
    const requeued = await this.parts.store.outbox.requeueLost(REQUEUE_MAX)
    if (requeued > 0) this.cursor = 0
    const bodies = await this.fill(this.connection)
    const nowMs = clock.monotonicMs()
    const due = this.window.due(nowMs)
    await this.publish(due, bodies)
    const askAgainMs = await this.questions.ask(nowMs)
    const tellAgainMs = await this.events.tell(nowMs, { isSilent: this.window.isSilent })
    if (requeued > 0) this.rest.wake()
    return Math.min(this.window.nextMs, askAgainMs, tellAgainMs, this.tooLarge.retryMs)
  }

  /** Takes submissions into the window while there is room. Returns their bodies, which are not kept. */
  private async fill({ receiveMaximum }: Connection): Promise<ReadonlyMap<string, OutboxEntry>> {
    const { outbox } = this.parts.store
    const bodies = new Map<string, OutboxEntry>()
    if (this.parts.clock.monotonicMs() >= this.tooLarge.retryMs) this.tryAllSizes()
    while (!this.tooLarge.isFull) {
      const room = this.window.room(receiveMaximum)
      if (room.entries === 0) break
      const entries = await outbox.peek(room.entries, this.cursor)
      if (entries.length === 0) break
      let bytesLeft = room.bytes
      for (const entry of entries) {
        if (this.window.has(entry.id) || this.tooLarge.has(entry.id)) {
          this.cursor = entry.sequence
          continue
        }
        if (entry.body.length > bytesLeft) return bodies
        bytesLeft = Math.min(bytesLeft, WINDOW_BYTES_MAX) - entry.body.length
        this.cursor = entry.sequence
        this.window.add({ id: entry.id, sequence: entry.sequence, bytes: entry.body.length })
        bodies.set(entry.id, entry)
      }
    }
    return bodies
  }

  private async publish(due: readonly Flight[], bodies: ReadonlyMap<string, OutboxEntry>): Promise<void> {
    const { store, settings, log } = this.parts
    const ready: { flight: Flight; entry: OutboxEntry }[] = []
    for (const flight of due) {
      const { id, failures, sequence } = flight
      if (failures >= settings.publishesMax) {
        await store.outbox.setAside(id, 'abis/unavailable').catch(ignoreGone)
        // Behind it: a disk that refuses leaves it where it is found again.
        this.window.remove(id)
        log.warn('submission-set-aside', { id, sequence, failures })
        continue
      }
      const entry = bodies.get(id) ?? (await store.outbox.get(id))
      if (entry === undefined) this.window.remove(id)
      else ready.push({ flight, entry })
    }
    const isMarked = await this.mark(ready.map(({ entry }) => entry))
    for (const { flight, entry } of ready) {
      if (isMarked(entry)) void this.send(flight, entry)
      else this.window.remove(entry.id)
    }
  }

  /** All at once; only where one of them is gone since it was peeked, one by one. */
  private async mark(entries: readonly OutboxEntry[]): Promise<(entry: OutboxEntry) => boolean> {
    const { outbox } = this.parts.store
    const isGone = async (ids: readonly string[]) => {
      if (ids.length === 0) return false
      try {
        await outbox.markPublished(ids)
        return false
      } catch (error) {
        ignoreGone(error)
        return true
      }
    }
    const unmarked = entries.filter(({ published }) => !published).map(({ id }) => id)
    const gone = new Set<string>()
    if (await isGone(unmarked)) for (const id of unmarked) if (await isGone([id])) gone.add(id)
    return ({ id }) => !gone.has(id)
  }

  private async send(flight: Flight, entry: OutboxEntry): Promise<void> {
    const { broker, clock, seal } = this.parts
    const { id, sha256, body, appendedAtMs } = entry
    const replay = appendedAtMs < (broker.connection?.sinceMs ?? 0)
    flight.sending = true
    flight.acknowledged = false
    flight.sinceMs = clock.monotonicMs()
    try {
      const topic = kioskTopic(seal.kiosk, 'submission')
      const properties = { id, sha256, replay: String(replay) }
      const { subscribed } = await broker.publish({ topic, body, qos: 1, properties }, this.stopping.signal)
      flight.acknowledged = subscribed
      if (!subscribed) this.window.fallSilent(clock.monotonicMs())
      if (this.fault !== undefined && this.tooLarge.isEmpty) this.setFault(undefined)
    } catch (error) {
      if (!this.stopping.signal.aborted) this.notTaken(flight, error)
    }
    flight.sending = false
    // It may be long settled; then this is nothing.
    flight.sinceMs = clock.monotonicMs()
    this.rest.wake()
  }

  private notTaken(flight: Flight, error: unknown): void {
    const { clock, log } = this.parts
    const code = error instanceof KioskError ? error.code : undefined
    if (code === 'broker/too-large') {
      this.window.remove(flight.id)
      this.tooLarge.add(flight.id, clock.monotonicMs())
      this.setFault('broker/too-large', flight)
    } else if (code === 'broker/refused') {
      this.window.fail(flight, clock.monotonicMs())
      this.setFault('broker/refused', flight)
    } else if (code !== 'broker/offline' && code !== 'broker/timeout') {
      log.error('publish-failed', { id: flight.id, error: String(error) })
      this.window.fail(flight, clock.monotonicMs())
    }
  }

  private tryAllSizes(): void {
    this.tooLarge.clear()
    this.cursor = 0
  }

  private connected(connection: Connection | undefined): void {
    const limitBefore = this.limit
    this.connection = connection
    if (connection) {
      if (limitBefore !== connection.packetBytesMax) this.tryAllSizes()
      this.limit = connection.packetBytesMax
      this.window.reconnected()
      this.questions.reconnected()
      this.events.reconnected()
      tellPresence(this.parts)
    }
    this.tell()
    this.rest.wake()
  }

  private recordChanged(record: KioskRecord): void {
    // New, replaced or taken back. A replacement has the number of what it replaced.
    if (
      record.status === 'SENT_FOR_ENROLLMENT' &&
      record.sequence <= this.cursor &&
      !this.window.has(record.id)
    )
      this.cursor = record.sequence - 1
    this.tell()
    this.rest.wake()
  }

  private receipted(id: string): void {
    const { clock } = this.parts
    this.lastReceiptMs = clock.nowMs()
    this.window.receipted(id, clock.monotonicMs())
    this.tooLarge.delete(id)
    if (this.fault !== undefined && this.tooLarge.isEmpty) this.setFault(undefined)
    this.tell()
    this.rest.wake()
  }

  private setFault(fault: ErrorCode | undefined, flight?: Flight): void {
    if (fault === this.fault) return
    this.fault = fault
    if (fault && flight) this.parts.log.error('relay-fault', { code: fault, bytes: flight.bytes })
    else this.parts.log.info('relay-fault-over')
    this.tell()
  }

  /** Many changes in one go are told once. */
  private tell(): void {
    if (this.telling) return
    this.telling = true
    void this.findOldest().then(() => {
      this.telling = false
      const state = this.state()
      for (const listener of [...this.listeners]) listener(state)
    })
  }

  private async findOldest(): Promise<void> {
    const [oldest] = await this.parts.store.outbox.peek(1).catch(() => [])
    this.oldestMs = oldest?.appendedAtMs
  }
}

/** Settled, replaced or set aside while we looked at it: then nothing is left to do. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof KioskError) || error.code !== 'store/unknown-record') throw error
}
