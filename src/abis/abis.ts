/**
 * The reference ABIS: small and complete, for development, tests and small sites.
 *
 *     submission ─▶ open, check ─▶ kept (one batch) ─▶ receipt ─▶ search ─▶ kept ─▶ outcome
 *
 * Always true:
 * - A receipt is published only once the disk has the submission. The record's id and its effect are
 *   written in one batch, so a copy of a submission has no second effect; it gets its receipt again.
 * - An outcome is on the disk before it is published, and stays under `unsent/` until a broker took it.
 *   A kiosk that missed it asks (`query`).
 * - One writer: everything that changes the store goes through the intake's `inOrder`.
 * - A body that cannot be opened is counted, acknowledged and forgotten: it would be no better next time.
 *   A disk that fails is no such body: the message stays with the broker.
 */
import { setMaxListeners } from 'node:events'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Kv } from '../kv/kv.ts'
import type { Broker, Message } from '../mqtt/broker.ts'
import { anyKioskFilter, kioskTopic, parseKioskTopic } from '../mqtt/topics.ts'
import type { AbisStatus } from '../record/abis-status.ts'
import type { AbisSeal, DecisionSeal } from '../seal/seal.ts'
import { Adjudicator } from './adjudicator.ts'
import { type AbisCounts, Counts } from './counts.ts'
import { Galleries } from './galleries.ts'
import { type AppliedIn, type Importer, Intake, type TakenIn } from './intake.ts'
import { type AbisRecord, lastPart, under } from './layout.ts'
import { type Lapsing, type Licence, LicencePace, lapsesOf, licenceStatus } from './licence.ts'
import type { PrintSpool } from './print-spool.ts'
import { Printing } from './printing.ts'
import { isToSearch, Registry } from './registry.ts'
import { Searcher } from './searcher.ts'
import { statusAnswer } from './status-answer.ts'
import { StatusTeller } from './status-teller.ts'

const STATUS_INTERVAL_MS = 1_000
const RETRY_UNSENT_MS = 5_000
/** A long queue of searches keeps nobody's verdict waiting for its end. */
const UNPUBLISHED_MS_MAX = 1_000

export interface AbisParts {
  /** Where print jobs wait for their kiosks; left out: none are sent. */
  readonly spool?: PrintSpool
  readonly broker: Broker
  /** With sealed values. */
  readonly kv: Kv
  readonly seal: AbisSeal
  readonly clock: Clock
  readonly log: Log
  /** Left out: nobody can decide here on what the search cannot. */
  readonly decisions?: DecisionSeal
  /** Subscribe as `$share/<group>/…`, for several intake workers; not every broker can. */
  readonly shareGroup?: string
  /** Left out: it searches as fast as it can, for ever. */
  readonly licence?: Licence
  /** So many threads search the gallery; left out: the ABIS's own does. */
  readonly searchThreads?: number
  /** Of which its status warns before they end. */
  readonly certificates?: readonly Lapsing[]
}

export interface Abis {
  readonly counts: AbisCounts
  /** As it tells the broker. */
  readonly status: AbisStatus
  /** For what comes by another way than the broker. */
  readonly importer: Importer
  /** What people decide; absent without `decisions`. */
  readonly adjudicator?: Adjudicator
  /** Resolves once nothing waits for a search or for a broker that is there. For tests and for a clean stop. */
  settled(): Promise<void>
  record(id: string): Promise<AbisRecord | undefined>
  records(): AsyncIterable<AbisRecord>
  stop(): Promise<void>
}

/** Reads its gallery back, subscribes, and takes up what a stop has left undone. */
export async function startAbis(parts: AbisParts): Promise<Abis> {
  const abis = new ReferenceAbis(parts)
  await abis.start()
  return abis
}

class ReferenceAbis implements Abis {
  readonly importer: Importer = {
    submission: async (kiosk, body) => this.took(kiosk, await this.intake.submission(kiosk, body)),
    recordEvent: async (kiosk, body) => this.applied(await this.intake.recordEvent(kiosk, body)),
  }
  private readonly registry: Registry
  private readonly intake: Intake
  private readonly searcher: Searcher
  private readonly counter: Counts
  private readonly pace: LicencePace
  private readonly teller: StatusTeller
  private readonly printing: Printing | undefined
  private readonly galleries: Galleries
  private readonly stopping = new AbortController()
  /** Work is to begin once what is under way has ended. */
  private isWoken = false
  private isLapseSaid = false
  adjudicator?: Adjudicator
  /** The newest record of each kiosk that has to be told that we were set back to a backup. */
  private restoredUntold: AbisRecord[] = []
  private working: Promise<void> = Promise.resolve()
  /** Its verdict may be on the disk. */
  private unsure: string | undefined

  constructor(private readonly parts: AbisParts) {
    // Every answer under way listens to it.
    setMaxListeners(0, this.stopping.signal)
    this.searcher = new Searcher(parts.searchThreads ?? 0)
    this.counter = new Counts(parts.clock)
    this.registry = new Registry(parts.kv, parts.clock, this.counter)
    this.pace = new LicencePace(parts.licence, parts.clock)
    this.teller = new StatusTeller(parts, () => this.status)
    const { spool } = parts
    this.printing = spool && new Printing({ ...parts, spool, cardSent: ({ id }) => this.cardSent(id) })
    this.intake = new Intake(this.registry, parts.seal, this.printing)
    this.galleries = new Galleries({
      ...parts,
      registry: this.registry,
      searcher: this.searcher,
      inOrder: change => this.intake.inOrder(change),
      signal: this.stopping.signal,
    })
  }

  get counts(): AbisCounts {
    return this.counter.snapshot()
  }

  async start(): Promise<void> {
    await this.registry.readBack()
    const newest = new Map<string, AbisRecord>()
    for await (const record of this.registry.records()) {
      this.registry.count(record)
      this.searcher.take(record)
      newest.set(record.kiosk, record)
    }
    const { broker, shareGroup } = this.parts
    const filter = (name: 'submission' | 'record' | 'query') =>
      (shareGroup === undefined ? '' : `$share/${shareGroup}/`) + anyKioskFilter(name)
    await broker.subscribe(filter('submission'), message => this.received(message, this.submission))
    await broker.subscribe(filter('record'), message => this.received(message, this.recordEvent))
    await broker.subscribe(filter('query'), message => this.received(message, this.query))
    await broker.subscribe(anyKioskFilter('config/desired'), message =>
      this.received(message, this.configured),
    )
    await this.openAdjudication()
    if (this.registry.wasRestored) this.restoredUntold = [...newest.values()]
    this.wake()
    void this.repeatStatus()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.working
    await this.galleries.idle()
    await this.intake.idle()
    await this.searcher.close()
  }

  async settled(): Promise<void> {
    await this.galleries.idle()
    await this.intake.idle()
    await this.working
  }

  record(id: string): Promise<AbisRecord | undefined> {
    return this.registry.record(id)
  }

  records(): AsyncIterable<AbisRecord> {
    return this.registry.records()
  }

  /** Resolves where the message is done with, also because it is worthless; rejects where it must come again. */
  private async received(
    message: Message,
    handle: (kiosk: string, message: Message) => Promise<void>,
  ): Promise<void> {
    const kiosk = parseKioskTopic(message.topic)?.kiosk
    if (kiosk === undefined) return
    try {
      await handle.call(this, kiosk, message)
    } catch (error) {
      if (!(error instanceof KioskError) || !error.code.startsWith('seal/')) throw error
      this.counter.refused++
      this.parts.log.warn('abis/refused', { kiosk, code: error.code, ...error.details })
    }
  }

  private async submission(kiosk: string, { body }: Message): Promise<void> {
    const taken = await this.intake.submission(kiosk, body)
    if (taken.receipt !== undefined) await this.answer(kiosk, 'receipt', { body: taken.receipt })
    this.took(kiosk, taken)
    if (taken.receipt !== undefined && !taken.isNew) await this.repeatOutcome(taken.id)
  }

  private took(kiosk: string, taken: TakenIn): TakenIn {
    const { alarm, sequence, isNew } = taken
    if (alarm !== undefined) this.parts.log.warn('abis/alarm', { kiosk, alarm, sequence })
    if (isNew) this.wake()
    return taken
  }

  private async recordEvent(kiosk: string, { body }: Message): Promise<void> {
    const { receipt } = this.applied(await this.intake.recordEvent(kiosk, body))
    if (receipt !== undefined) await this.answer(kiosk, 'receipt', { body: receipt })
  }

  private applied(applied: AppliedIn): AppliedIn {
    for (const id of applied.erased) this.searcher.forget(id)
    this.galleries.erased(applied.erased).catch(error => this.stumbled(error))
    if (applied.outcomeChanged) this.wake()
    return applied
  }

  private async configured(kiosk: string, { body }: Message): Promise<void> {
    await this.galleries.configured(kiosk, body)
  }

  private async query(kiosk: string, { body }: Message): Promise<void> {
    const query = await this.parts.seal.openQuery(kiosk, body)
    if ('gallery' in query) return this.galleries.answer(kiosk, query)
    const { id } = query
    const record = await this.registry.record(id)
    if ('question' in query) {
      // Whoever names a record holds its receipt: nobody guesses 74 random bits.
      const answer = statusAnswer(query, record)
      return await this.answer(kiosk, 'outcome', await this.parts.seal.sealAnswer(kiosk, answer))
    }
    // By its hash a kiosk asks for its own.
    if (record === undefined || record.kiosk !== kiosk) return
    const receipt = await this.registry.receiptOf(record)
    await this.answer(kiosk, 'receipt', await this.parts.seal.sealReceipt(kiosk, receipt))
    await this.repeatOutcome(id)
  }

  /** A kiosk with nothing to send would not learn that we were set back to a backup. */
  private async tellRestored(): Promise<void> {
    const { broker, seal } = this.parts
    for (;;) {
      const record = this.restoredUntold.at(-1)
      if (record === undefined || this.stopping.signal.aborted || broker.connection === undefined) return
      const receipt = await this.registry.receiptOf(record)
      const { body } = await seal.sealReceipt(record.kiosk, receipt)
      const topic = kioskTopic(record.kiosk, 'receipt')
      await broker.publish({ topic, body, qos: 1 }, this.stopping.signal)
      this.restoredUntold.pop()
    }
  }

  private async repeatOutcome(id: string): Promise<void> {
    const record = await this.registry.record(id)
    if (record?.outcome !== undefined) await this.publishOutcome(record).catch(() => false)
  }

  /** Receipts are given again whenever a copy or a query comes, so one that finds no broker may be dropped. */
  private async answer(
    kiosk: string,
    name: 'receipt' | 'outcome',
    sealed: { body: Uint8Array },
  ): Promise<void> {
    const topic = kioskTopic(kiosk, name)
    try {
      await this.parts.broker.publish({ topic, body: sealed.body, qos: 1 }, this.stopping.signal)
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      this.parts.log.warn('abis/unanswered', { kiosk, name, code: error.code })
    }
  }

  private async publishOutcome({ id, kiosk, outcome }: AbisRecord): Promise<void> {
    if (outcome === undefined) return
    const sealed = await this.parts.seal.sealOutcome(kiosk, { id, ...outcome })
    const topic = kioskTopic(kiosk, 'outcome')
    await this.parts.broker.publish({ topic, body: sealed.body, qos: 1 }, this.stopping.signal)
    await this.intake.inOrder(() => this.registry.sent(id, outcome))
  }

  private async openAdjudication(): Promise<void> {
    const { kv, clock, decisions: seal } = this.parts
    if (seal === undefined) return
    this.adjudicator = await Adjudicator.open({
      kv,
      clock,
      seal,
      registry: this.registry,
      counts: this.counter,
      inOrder: change => this.intake.inOrder(change),
      onResolved: record => {
        // Of a duplicate the first record answers; its own fingers were here while nobody knew.
        if (record.outcome?.status === 'DUPLICATE_RECORD') this.searcher.forget(record.id)
        this.searcher.take(record)
        this.wake()
      },
    })
  }

  /** Searches what waits, oldest first, then publishes what is decided. One at a time. */
  private wake(): void {
    if (this.isWoken) return
    this.isWoken = true
    const work = () => {
      this.isWoken = false
      return this.work()
    }
    this.working = this.working.then(work).catch(error => this.stumbled(error))
  }

  private async work(): Promise<void> {
    const { kv, clock } = this.parts
    await this.takeUnsure()
    let nextPublishMs = clock.monotonicMs() + UNPUBLISHED_MS_MAX
    for await (const { key } of kv.range(under('search/'))) {
      if (this.stopping.signal.aborted) return
      const record = await this.registry.record(lastPart(key))
      if (record === undefined || !isToSearch(record)) continue
      if (!(await this.maySearch(record))) break
      const verdict = await this.searcher.search(record, () => clock.sleep(0))
      this.unsure = record.id
      const decided = await this.intake.inOrder(() => this.registry.decide(record.id, verdict))
      this.unsure = undefined
      if (decided !== undefined) this.searcher.take(decided)
      await clock.sleep(0)
      if (clock.monotonicMs() < nextPublishMs) continue
      await this.publishUnsent()
      nextPublishMs = clock.monotonicMs() + UNPUBLISHED_MS_MAX
    }
    await this.publishUnsent()
    await this.printing?.send(this.stopping.signal)
    await this.tellRestored()
  }

  /** A write that failed may have been made: then nobody searches for it again, but others must find it. */
  private async takeUnsure(): Promise<void> {
    const record = this.unsure === undefined ? undefined : await this.registry.record(this.unsure)
    this.unsure = undefined
    if (record?.outcome === undefined) return
    this.counter.outcome(record, undefined, record.outcome)
    this.searcher.take(record)
  }

  private async cardSent(id: string): Promise<void> {
    if (await this.intake.inOrder(() => this.registry.sentForPrinting(id))) await this.publishUnsent()
  }

  private async publishUnsent(): Promise<void> {
    const { kv, broker } = this.parts
    for await (const { key } of kv.range(under('unsent/'))) {
      if (this.stopping.signal.aborted || broker.connection === undefined) return
      const record = await this.registry.record(lastPart(key))
      if (record !== undefined) await this.publishOutcome(record)
    }
  }

  /** False: the licence has ended. What was received waits, receipted, for another one. */
  private async maySearch(record: AbisRecord): Promise<boolean> {
    const { pace, searcher, stopping } = this
    if (!pace.isLapsed) await pace.turn(searcher.comparisonsFor(record), stopping.signal)
    if (pace.isLapsed && !this.isLapseSaid) this.parts.log.error('abis/licence-ended')
    this.isLapseSaid = pace.isLapsed
    return !pace.isLapsed
  }

  get status(): AbisStatus {
    const { licence, certificates = [], clock, seal } = this.parts
    return {
      abis: seal.abis,
      ...this.counts,
      ...(licence && { licence: licenceStatus(licence, this.searcher.fingers) }),
      lapses: [...lapsesOf(licence, certificates, clock.nowMs())],
    }
  }

  private stumbled(error: unknown): void {
    if (this.stopping.signal.aborted) return
    const code = error instanceof KioskError ? error.code : 'bug'
    this.parts.log.error('abis/work', { code })
    // What is left waits for the next round of `repeatStatus`.
  }

  private async repeatStatus(): Promise<void> {
    const { clock } = this.parts
    let nextWorkMs = clock.monotonicMs() + RETRY_UNSENT_MS
    while (!this.stopping.signal.aborted) {
      if (clock.monotonicMs() >= nextWorkMs) {
        nextWorkMs = clock.monotonicMs() + RETRY_UNSENT_MS
        this.wake()
      }
      await this.teller.look()
      await clock.sleep(STATUS_INTERVAL_MS, this.stopping.signal).catch(() => {})
    }
  }
}
