import type { Log } from '../base/log.ts'
import type { Handler, Message } from './broker.ts'

/** What we tell the broker: so many QoS 1 messages may be without our PUBACK. */
export const INBOUND_RECEIVE_MAXIMUM = 64
/** Not every broker keeps to it (aedes 2 does not), and QoS 0 has no such limit: what waits here for its turn. */
const QUEUE_MAX = 10_000
const QUEUE_BYTES_MAX = 64 * 1024 * 1024

interface Arrival {
  readonly message: Message
  readonly acknowledge: (() => void) | undefined
  state: 'waiting' | 'running' | 'done' | 'failed'
}

/**
 * Messages of one connection on their way to their handlers, and their acknowledgements on the way back.
 *
 * Handlers start in the order of arrival and may run side by side. MQTT 5.0 (4.6) wants PUBACKs in the
 * order of the messages, so a finished one waits for those before it; one whose handler failed stands
 * back for good (it comes again with the next connection). When half of what the broker may have in
 * flight is taken by failures, `overrun` asks for a new connection, or the rest would never come.
 *
 * A message for which there is no handler yet (the broker remembers subscriptions that this process has
 * not repeated so far) is kept until its handler comes; past a limit the oldest is acknowledged and dropped.
 */
export class Inbound {
  private readonly waiting: Arrival[] = []
  private readonly order: Arrival[] = []
  private readonly unclaimed: Arrival[] = []
  private waitingBytes = 0
  private running = 0
  private failures = 0

  constructor(
    private readonly parts: {
      handlersOf(topic: string): readonly Handler[]
      overrun(reason: 'inbound-queue-full' | 'handlers-failed'): void
      log: Log
    },
  ) {}

  /** `acknowledge` is undefined for QoS 0. */
  take(message: Message, acknowledge: (() => void) | undefined): void {
    if (this.waiting.length >= QUEUE_MAX || this.waitingBytes + message.body.length > QUEUE_BYTES_MAX) {
      if (acknowledge) this.parts.overrun('inbound-queue-full')
      return
    }
    const arrival: Arrival = { message, acknowledge, state: 'waiting' }
    this.waiting.push(arrival)
    this.waitingBytes += message.body.length
    if (acknowledge) this.order.push(arrival)
    this.startWaiting()
  }

  /** A handler was added: what waited for one is looked at again. */
  claim(): void {
    for (const arrival of this.unclaimed.splice(0)) {
      this.waiting.push(arrival)
      this.order.push(arrival)
      this.waitingBytes += arrival.message.body.length
    }
    this.startWaiting()
  }

  /** The connection is gone: what has not started comes again with the next one. */
  end(): void {
    this.waiting.length = 0
    this.order.length = 0
    this.unclaimed.length = 0
  }

  private startWaiting(): void {
    while (this.running < INBOUND_RECEIVE_MAXIMUM) {
      const arrival = this.waiting.shift()
      if (arrival === undefined) return
      this.waitingBytes -= arrival.message.body.length
      const handlers = this.parts.handlersOf(arrival.message.topic)
      if (handlers.length === 0) this.leaveUnclaimed(arrival)
      else void this.run(arrival, handlers)
    }
  }

  private async run(arrival: Arrival, handlers: readonly Handler[]): Promise<void> {
    arrival.state = 'running'
    this.running++
    const ends = await Promise.allSettled(handlers.map(async handler => handler(arrival.message)))
    this.running--
    const failed = ends.find(end => end.status === 'rejected')
    arrival.state = failed ? 'failed' : 'done'
    if (failed) {
      const error = failed.reason instanceof Error ? failed.reason : undefined
      this.parts.log.error('broker-handler-failed', {
        topic: arrival.message.topic,
        code: error && 'code' in error ? String(error.code) : error?.name,
      })
      if (arrival.acknowledge && ++this.failures >= INBOUND_RECEIVE_MAXIMUM / 2)
        this.parts.overrun('handlers-failed')
    }
    this.acknowledgeInOrder()
    this.startWaiting()
  }

  private leaveUnclaimed(arrival: Arrival): void {
    if (arrival.acknowledge === undefined) return
    this.order.splice(this.order.indexOf(arrival), 1)
    this.unclaimed.push(arrival)
    if (this.unclaimed.length > INBOUND_RECEIVE_MAXIMUM / 2) {
      const oldest = this.unclaimed.shift()!
      this.parts.log.warn('broker-message-without-handler', { topic: oldest.message.topic })
      oldest.acknowledge?.()
    }
    this.acknowledgeInOrder()
  }

  private acknowledgeInOrder(): void {
    while (this.order[0]?.state === 'done' || this.order[0]?.state === 'failed') {
      const first = this.order.shift()!
      if (first.state === 'done') first.acknowledge?.()
    }
  }
}
