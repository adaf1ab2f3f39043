import { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Broker, Message } from '../mqtt/broker.ts'
import { anyKioskFilter, parseKioskTopic } from '../mqtt/topics.ts'
import type { OpsSeal } from '../seal/seal.ts'
import { type Desired, desiredSchema, type Reported, reportedSchema } from '../settings/desired.ts'

/** Beyond any fleet: what a broker could fill our memory with. */
const KIOSKS_MAX = 200_000
/** What the broker keeps arrives in one go; when nothing has come for this long, it is all here. */
const QUIET_MS = 700
const QUIET_LOOK_MS = 100

const stateSchema = z.object({
  state: z.enum(['online', 'offline', 'maintenance']),
  since: z.string().max(40),
  version: z.string().max(40),
  site: z.string().max(60),
  province: z.string().max(2),
  groups: z.array(z.string().max(36)).max(16),
})

/** What retained topics say of one kiosk. */
export interface SeenKiosk {
  readonly kiosk: string
  readonly state?: z.infer<typeof stateSchema>
  readonly desired?: Desired
  readonly reported?: Reported
}

export interface FleetViewParts {
  readonly broker: Broker
  readonly seal: OpsSeal
  readonly clock: Clock
  readonly log: Log
}

/** The fleet as the broker's retained topics have it: nothing is kept here, so nothing is lost with us. */
export class FleetView {
  private readonly seen = new Map<string, SeenKiosk>()
  private readonly listeners = new Set<(kiosk: SeenKiosk) => void>()
  private lastMs: number

  private constructor(private readonly parts: FleetViewParts) {
    this.lastMs = parts.clock.monotonicMs()
  }

  static async open(parts: FleetViewParts): Promise<FleetView> {
    const view = new FleetView(parts)
    for (const name of ['state', 'config/desired', 'config/reported'] as const)
      await parts.broker.subscribe(anyKioskFilter(name), message => view.take(message))
    return view
  }

  get kiosks(): ReadonlyMap<string, SeenKiosk> {
    return this.seen
  }

  /** Called with every kiosk of which something new was heard. Returns how to stop. */
  onKiosk(listener: (kiosk: SeenKiosk) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
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
    this.lastMs = this.parts.clock.monotonicMs()
    const { kiosk } = topic
    if (!this.seen.has(kiosk) && this.seen.size >= KIOSKS_MAX) return
    const news = await this.read(kiosk, topic.name, message.body)
    const now: SeenKiosk = { ...(this.seen.get(kiosk) ?? { kiosk }), ...news }
    this.seen.set(kiosk, now)
    for (const listener of [...this.listeners]) listener(now)
  }

  private async read(kiosk: string, name: string, body: Uint8Array): Promise<Partial<SeenKiosk>> {
    if (name === 'config/desired') return { desired: await this.readDesired(kiosk, body) }
    const value = jsonOf(body)
    if (name === 'state') return { state: stateSchema.safeParse(value).data }
    return { reported: reportedSchema.safeParse(value).data }
  }

  private async readDesired(kiosk: string, body: Uint8Array): Promise<Desired | undefined> {
    const { seal, log } = this.parts
    try {
      return body.length === 0 ? undefined : await seal.openConfig(kiosk, body, desiredSchema)
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      log.warn('desired-not-ours', { kiosk, code: error.code })
      return undefined
    }
  }
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString())
  } catch {
    return undefined
  }
}
