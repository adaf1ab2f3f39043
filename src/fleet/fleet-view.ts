import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Broker, Message } from '../mqtt/broker.ts'
import {
  abisStatusTopic,
  anyAbisStatusFilter,
  anyKioskFilter,
  type KioskTopicName,
  parseKioskTopic,
} from '../mqtt/topics.ts'
import { type AbisStatus, abisStatusSchema } from '../record/abis-status.ts'
import type { OpsSeal } from '../seal/seal.ts'
import { desiredSchema } from '../settings/desired.ts'
import { type CommandAnswer, commandAnswerSchema } from '../settings/remote-command.ts'
import { desiredUpdateSchema } from '../settings/update-desired.ts'
import { heard, jsonOf, plainTopicNames, type SeenKiosk } from './seen-kiosk.ts'

/** Beyond any fleet: what a broker could fill our memory with. */
const KIOSKS_MAX = 200_000
const ABIS_MAX = 64
/** What the broker keeps arrives in one go; when nothing has come for this long, it is all here. */
const QUIET_MS = 700
const QUIET_LOOK_MS = 100

export type AnswerListener = (kiosk: string, answer: CommandAnswer) => void

export interface FleetViewParts {
  readonly broker: Broker
  readonly seal: OpsSeal
  readonly clock: Clock
  readonly log: Log
}

/** The fleet as the broker's retained topics have it: nothing is kept here, so nothing is lost with us. */
export class FleetView {
  private readonly seen = new Map<string, SeenKiosk>()
  private readonly statuses = new Map<string, AbisStatus>()
  private readonly listeners = new Set<(kiosk: SeenKiosk) => void>()
  private readonly answerListeners = new Set<AnswerListener>()
  private lastMs: number

  private constructor(private readonly parts: FleetViewParts) {
    this.lastMs = parts.clock.monotonicMs()
  }

  static async open(parts: FleetViewParts): Promise<FleetView> {
    const view = new FleetView(parts)
    for (const name of [...plainTopicNames, 'config/desired', 'update/desired'] as const)
      await parts.broker.subscribe(anyKioskFilter(name), message => view.take(message))
    await parts.broker.subscribe(anyKioskFilter('command/answer'), async message => view.takeAnswer(message))
    await parts.broker.subscribe(anyAbisStatusFilter, async message => view.takeStatus(message))
    return view
  }

  get kiosks(): ReadonlyMap<string, SeenKiosk> {
    return this.seen
  }

  /** What every ABIS last said of itself. */
  get abis(): readonly AbisStatus[] {
    return [...this.statuses.values()]
  }

  /** Called with every kiosk of which something new was heard. Returns how to stop. */
  onKiosk(listener: (kiosk: SeenKiosk) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Called with every answer to a command. Returns how to stop. */
  onAnswer(listener: AnswerListener): () => void {
    this.answerListeners.add(listener)
    return () => this.answerListeners.delete(listener)
  }

  /** Resolves once what the broker keeps has arrived. Rejects with `broker/offline` where that takes longer than `timeoutMs`. */
  async settled({ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }): Promise<void> {
    const { clock, broker } = this.parts
    const endMs = clock.monotonicMs() + timeoutMs
    let sinceMs = clock.monotonicMs()
    while (
      broker.connection === undefined ||
      clock.monotonicMs() - Math.max(this.lastMs, sinceMs) < QUIET_MS
    ) {
      if (broker.connection === undefined) sinceMs = clock.monotonicMs()
      if (clock.monotonicMs() > endMs) throw new KioskError('broker/offline')
      await clock.sleep(QUIET_LOOK_MS, signal)
    }
  }

  private async take(message: Message): Promise<void> {
    const topic = parseKioskTopic(message.topic)
    if (topic === undefined) return
    this.noteKept(message)
    const { kiosk } = topic
    if (!this.seen.has(kiosk) && this.seen.size >= KIOSKS_MAX) return
    const now = await this.read(this.seen.get(kiosk) ?? { kiosk }, topic.name, message.body)
    this.seen.set(kiosk, now)
    for (const listener of [...this.listeners]) listener(now)
  }

  private async read(seen: SeenKiosk, name: KioskTopicName, body: Uint8Array): Promise<SeenKiosk> {
    const { kiosk } = seen
    // Another message may have come while a signature was checked.
    const now = () => this.seen.get(kiosk) ?? seen
    if (name === 'config/desired') {
      const desired = await this.signed(kiosk, body, ({ openConfig }) =>
        openConfig(kiosk, body, desiredSchema),
      )
      return { ...now(), desired }
    }
    if (name === 'update/desired') {
      const desired = await this.signed(kiosk, body, ({ openUpdate }) =>
        openUpdate(kiosk, body, desiredUpdateSchema),
      )
      return { ...now(), update: { ...now().update, desired } }
    }
    const plain = plainTopicNames.find(each => each === name)
    return plain === undefined ? seen : heard(seen, plain, body)
  }

  private takeAnswer({ topic, body }: Message): void {
    const kiosk = parseKioskTopic(topic)?.kiosk
    const { data } = commandAnswerSchema.safeParse(jsonOf(body))
    if (kiosk === undefined || data === undefined) return
    for (const listener of [...this.answerListeners]) listener(kiosk, data)
  }

  /** What is said just now says nothing of how much of the kept is still to come: a large fleet is never quiet. */
  private noteKept({ retain }: Message): void {
    if (retain) this.lastMs = this.parts.clock.monotonicMs()
  }

  private takeStatus(message: Message): void {
    this.noteKept(message)
    const { data } = abisStatusSchema.safeParse(jsonOf(message.body))
    if (data === undefined || message.topic !== abisStatusTopic(data.abis)) return
    if (this.statuses.has(data.abis) || this.statuses.size < ABIS_MAX) this.statuses.set(data.abis, data)
  }

  private async signed<T>(
    kiosk: string,
    body: Uint8Array,
    open: (seal: OpsSeal) => Promise<T>,
  ): Promise<T | undefined> {
    const { seal, log } = this.parts
    try {
      return body.length === 0 ? undefined : await open(seal)
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      log.warn('desired-not-ours', { kiosk, code: error.code })
      return undefined
    }
  }
}
