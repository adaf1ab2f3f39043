import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { Rest } from '../base/rest.ts'
import type { Broker } from '../mqtt/broker.ts'
import { kioskTopic } from '../mqtt/topics.ts'
import type { GalleryChange, GalleryScope } from '../record/gallery-change.ts'
import type { KioskSeal } from '../seal/seal.ts'
import type { AppliedChange, SentTemplates } from '../store/ports.ts'
import { isRefusal } from './downlink.ts'

/** How often it asks for what is new; between three and five quarters of it, so that kiosks do not agree. */
const INTERVAL_MS = 3_600_000
/** Between an answer and the next question, where there is more. */
const PAUSE_MS = 100
/** It asks again without an answer, the first time after this. */
const ANSWER_MS_MIN = 30_000
const FAULT_WAIT_MS = 30_000

export interface GalleryFollowerParts {
  readonly broker: Broker
  readonly seal: Pick<KioskSeal, 'kiosk' | 'sealQuery' | 'openGallery'>
  readonly sent: SentTemplates
  readonly clock: Clock
  readonly log: Log
  /** Uniform in [0, 1). */
  random(): number
  /** The settings in force. */
  wanted(): { readonly scope: GalleryScope; readonly fingersMax: number }
  /** What is searched. */
  readonly memory: {
    applied(change: AppliedChange): Promise<void>
    /** Whatever was sent, as the store has it. */
    reload(): Promise<void>
  }
}

/** For operations. */
export interface SentGalleryState {
  readonly fingers: number
  /** In the kiosk's scope, at the ABIS; absent: not heard yet. */
  readonly inScope?: number
  /** Nothing more was to come when the ABIS answered last. */
  readonly complete: boolean
}

/**
 * Follows what the ABIS has for this kiosk's pre-filter: asks from what it holds on, keeps what comes, asks again, until
 * nothing is left; then now and then. All that it remembers is in the store: killed at any moment, it asks from there.
 */
export class GalleryFollower {
  private readonly stopping = new AbortController()
  private running: Promise<void> | undefined
  private stopListening = () => {}
  private readonly rest: Rest
  /** Of a beginning, until something came of it. */
  private question: string | undefined
  /** Monotonic. */
  private dueMs = Number.NEGATIVE_INFINITY
  private waitMs = ANSWER_MS_MIN
  private isAnswered = true
  /** Memory may not be what the store has. */
  private isStale = false
  private told: SentGalleryState | undefined
  private count = 0

  constructor(private readonly parts: GalleryFollowerParts) {
    this.rest = new Rest(parts.clock)
  }

  /** Undefined: nobody is wanted here, or nothing was heard. */
  get state(): SentGalleryState | undefined {
    return this.told
  }

  /** Changes that were not what they must be, or of another gallery. */
  get refused(): number {
    return this.count
  }

  async start(): Promise<void> {
    const { broker, seal } = this.parts
    await broker.subscribe(kioskTopic(seal.kiosk, 'gallery'), ({ body }) => this.take(body))
    this.stopListening = broker.onConnection(connection => {
      if (connection === undefined) return
      if (!this.isAnswered) this.dueMs = Number.NEGATIVE_INFINITY
      this.rest.wake()
    })
    this.running = this.run()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    this.stopListening()
    this.rest.wake()
    await this.running
  }

  /** Other people, or more or fewer, are wanted. */
  wantedChanged(): void {
    this.dueMs = Number.NEGATIVE_INFINITY
    this.waitMs = ANSWER_MS_MIN
    this.rest.wake()
  }

  private async run(): Promise<void> {
    const { clock, log } = this.parts
    while (!this.stopping.signal.aborted) {
      const nextMs = await this.look().catch(error => {
        log.warn('gallery', { code: error instanceof KioskError ? error.code : String(error) })
        return clock.monotonicMs() + FAULT_WAIT_MS
      })
      await this.rest.until(nextMs)
    }
  }

  /** Returns when to look again, monotonic. */
  private async look(): Promise<number> {
    const { broker, clock, sent, memory, log, wanted } = this.parts
    const { scope, fingersMax } = wanted()
    const { digest, fingers } = await sent.state()
    const isUnwanted = scope.length === 0 || fingers > fingersMax
    if (digest !== undefined && isUnwanted) {
      await sent.clear()
      this.isStale = true
      log.info('gallery-erased', { fingers })
    }
    if (this.isStale) await memory.reload()
    this.isStale = false
    if (scope.length === 0) {
      this.told = undefined
      return Number.POSITIVE_INFINITY
    }
    if (broker.connection === undefined) return Number.POSITIVE_INFINITY
    if (clock.monotonicMs() < this.dueMs) return this.dueMs
    this.dueMs = clock.monotonicMs() + this.waitMs
    this.waitMs = Math.min(2 * this.waitMs, INTERVAL_MS)
    this.isAnswered = false
    await this.ask(isUnwanted ? undefined : digest)
    return this.dueMs
  }

  private async ask(digest: string | undefined): Promise<void> {
    const { broker, clock, seal, wanted } = this.parts
    const { scope, fingersMax } = wanted()
    this.question ??= randomUUID()
    const { body } = await seal.sealQuery({
      question: this.question,
      at: new Date(clock.nowMs()).toISOString(),
      gallery: { ...(digest !== undefined && { digest }), scope, fingersMax },
    })
    try {
      await broker.publish({ topic: kioskTopic(seal.kiosk, 'query'), body, qos: 1 }, this.stopping.signal)
    } catch (error) {
      // Asked again when there is a line, or in a while.
      if (!(error instanceof KioskError) && !this.stopping.signal.aborted) throw error
    }
  }

  private async take(body: Uint8Array): Promise<void> {
    const { seal, sent, memory, log, wanted } = this.parts
    const { scope, fingersMax } = wanted()
    // An answer to what was asked before that changed.
    if (scope.length === 0) return
    try {
      const change = await seal.openGallery(body)
      const { question } = this
      const applied = await sent.apply(change, { fingersMax, ...(question !== undefined && { question }) })
      await memory.applied(applied)
      await this.answered(change, applied)
    } catch (error) {
      if (!isRefusal(error)) {
        // Of a write that failed nobody knows whether it was made.
        this.isStale = true
        throw error
      }
      this.count++
      log.warn('gallery-refused', { code: error.code, ...error.details })
    }
  }

  private async answered(change: GalleryChange, applied: AppliedChange): Promise<void> {
    const { sent, clock, log, random, wanted } = this.parts
    const { remove, inScope, complete } = change
    const { fingers } = await sent.state()
    const added = applied.added.length
    if (added + remove.length + applied.unreadable > 0 || !this.told?.complete)
      log.info('gallery', {
        added,
        removed: remove.length,
        unreadable: applied.unreadable,
        fingers,
        inScope,
        complete,
      })
    const { fingersMax } = wanted()
    if (inScope > fingersMax && this.told?.inScope !== inScope)
      log.warn('gallery-too-large', { inScope, fingersMax })
    this.told = { fingers, inScope, complete: complete && inScope <= fingersMax }
    this.question = undefined
    this.isAnswered = true
    this.waitMs = ANSWER_MS_MIN
    // What changed something is confirmed at once: the ABIS goes on from there.
    const isSettled = complete && change.digest === change.previous
    const pauseMs = isSettled ? INTERVAL_MS * (0.75 + random() / 2) : PAUSE_MS
    this.dueMs = clock.monotonicMs() + pauseMs
    this.rest.wake()
  }
}
