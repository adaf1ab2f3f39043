import { createHash } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { Change, Kv } from '../kv/kv.ts'
import type { Receipt, RecordEvent, Submission } from '../record/submission.ts'
import { Batch } from './batch.ts'
import type { Counts } from './counts.ts'
import type { Verdict } from './decide.ts'
import {
  type AbisRecord,
  decodeValue,
  EMPTY,
  type EventReceipt,
  encodeValue,
  keyOf,
  type Restored,
  type StoredOutcome,
  under,
} from './layout.ts'
import { missing, NO_SEQUENCES, type SequenceState, withSequence } from './sequences.ts'

/** What became of one submission: `receipt` is absent where it is refused, `alarm` says what is wrong with it. */
export interface Taken {
  readonly receipt?: Receipt
  readonly isNew: boolean
  readonly alarm?: 'id-with-other-bytes' | 'sequence-used-before'
}

/** A submission that was opened, and its bytes as they came. */
export interface Arrival {
  readonly submission: Submission
  readonly body: Uint8Array
}

/** `receipt` is absent where the record is not this kiosk's; `erased` names records whose fingers are gone. */
export interface Applied {
  readonly receipt?: Receipt
  readonly outcomeChanged: boolean
  readonly erased: readonly string[]
}
const NOT_APPLIED: Applied = { outcomeChanged: false, erased: [] }
/** How far back a withdrawal looks. */
const SUPERSEDED_MAX = 100

/** What the ABIS holds. Every change is one batch; the caller sees to it that changes do not overlap. */
export class Registry {
  private restored: Restored | undefined
  /** Events whose write failed, and may have been made: what they erase is erased again with their copies. */
  private readonly unsure = new Set<string>()

  constructor(
    private readonly kv: Kv,
    private readonly clock: Clock,
    private readonly counts: Counts,
  ) {}

  async record(id: string): Promise<AbisRecord | undefined> {
    return this.value<AbisRecord>(keyOf.record(id))
  }

  /** Oldest first. */
  async *records(): AsyncIterable<AbisRecord> {
    for await (const { key, value } of this.kv.range(under('record/')))
      yield decodeValue<AbisRecord>(key, value)
  }

  async take(submission: Submission, body: Uint8Array): Promise<Taken> {
    const [taken] = await this.takeAll([{ submission, body }])
    if (taken.status === 'rejected') throw taken.reason
    return taken.value
  }

  /**
   * Many in one batch, each as if it came alone, in their order; one that cannot be judged (`kv/corrupt`) keeps no
   * other from being taken. Rejects, with nothing taken, where the batch was not written.
   */
  async takeAll(arrivals: readonly Arrival[]): Promise<readonly PromiseSettledResult<Taken>[]> {
    const batch = new Batch(this.kv)
    const judged: PromiseSettledResult<Taken>[] = []
    for (const arrival of arrivals) {
      const [one] = await Promise.allSettled([this.judge(batch, arrival)])
      judged.push(one)
    }
    await batch.write()
    return judged
  }

  private async judge(batch: Batch, { submission, body }: Arrival): Promise<Taken> {
    const { id, kiosk, sequence, bootEpoch, nik, capturedAt, fingers, supersedes } = submission
    const sha256 = sha256Of(body)
    const sequenceKey = keyOf.sequence(kiosk, bootEpoch)
    const before = (await batch.get<SequenceState>(sequenceKey)) ?? NO_SEQUENCES
    const known = await batch.get<AbisRecord>(keyOf.record(id))
    if (known !== undefined) {
      // The same bytes are a copy; others under this id would overwrite what was receipted.
      if (known.sha256 === sha256) return { receipt: await this.receiptOf(known, batch), isNew: false }
      await this.alarm(batch)
      return { isNew: false, alarm: 'id-with-other-bytes' }
    }
    const { state, arrival } = withSequence(before, sequence)
    const record: AbisRecord = {
      id,
      kiosk,
      sequence,
      bootEpoch,
      sha256,
      nik,
      capturedAt,
      receivedAt: new Date(this.clock.nowMs()).toISOString(),
      fingers,
      supersedes,
    }
    // A hole is no alarm yet: what fills it may be on its way. `missing` says for how long it stays one.
    const alarm = arrival === 'again' ? 'sequence-used-before' : undefined
    if (alarm !== undefined) await this.alarm(batch)
    batch.put(keyOf.record(id), encodeValue(record))
    batch.put(keyOf.search(id), EMPTY)
    batch.put(sequenceKey, encodeValue(state))
    batch.afterwards(() => {
      this.counts.add(record)
      this.counts.missing(kiosk, bootEpoch, missing(state))
    })
    return { receipt: this.receipt(record, state), isNew: true, alarm }
  }

  private async alarm(batch: Batch): Promise<void> {
    const alarms = ((await batch.get<number>(keyOf.alarms)) ?? 0) + 1
    batch.put(keyOf.alarms, encodeValue(alarms))
    batch.afterwards(() => {
      this.counts.alarms = alarms
    })
  }

  get wasRestored(): boolean {
    return this.restored !== undefined
  }

  /** `batch`: with what is about to be written. */
  async receiptOf(record: AbisRecord, batch = new Batch(this.kv)): Promise<Receipt> {
    const state = await batch.get<SequenceState>(keyOf.sequence(record.kiosk, record.bootEpoch))
    return this.receipt(record, state ?? NO_SEQUENCES)
  }

  /** The verdict of a search, and that it has to be published. Undefined where there was one already. */
  async decide(id: string, verdict: Verdict): Promise<AbisRecord | undefined> {
    const record = await this.record(id)
    if (record === undefined || !isToSearch(record)) return undefined
    return this.putOutcome(record, verdict, await this.superseded(record, verdict))
  }

  /** What people decided on a record that had an outcome; `write` makes it durable with what belongs to it, or rejects. */
  async resolve(
    record: AbisRecord,
    verdict: Verdict,
    write: (changes: readonly Change[]) => Promise<void>,
  ): Promise<AbisRecord> {
    return this.putOutcome(record, verdict, await this.superseded(record, verdict), write)
  }

  /** That a record is replaced: once the one that replaces it holds, and only by the same person's. */
  private async superseded(record: AbisRecord, { status }: Verdict): Promise<readonly Change[]> {
    if (record.supersedes === undefined || status !== 'PRINT_READY_RECORD') return []
    const earlier = await this.record(record.supersedes)
    if (earlier === undefined || earlier.nik !== record.nik) return []
    const replaced: AbisRecord = { ...earlier, supersededBy: record.id }
    return [{ put: keyOf.record(earlier.id), value: encodeValue(replaced) }]
  }

  /** Its card goes to a printer. False: it is not ready for that, or was sent before. */
  async sentForPrinting(id: string): Promise<boolean> {
    const record = await this.record(id)
    if (record?.outcome?.status !== 'PRINT_READY_RECORD') return false
    await this.putOutcome(record, { status: 'SENT_FOR_CARD_PRINTING' })
    return true
  }

  /** A broker took this outcome; one that was decided meanwhile has yet to go. */
  async sent(id: string, { seq }: StoredOutcome): Promise<void> {
    const record = await this.record(id)
    if (record?.outcome?.seq === seq) await this.kv.write([{ delete: keyOf.unsent(id) }])
  }

  /** Applies an event once; a copy gets the same receipt. No receipt: the record is not this kiosk's. */
  async apply(kiosk: string, { id, event, at, number }: RecordEvent, body: Uint8Array): Promise<Applied> {
    const sha256 = sha256Of(body)
    const eventKey = keyOf.event(kiosk, sha256)
    const record = await this.record(id)
    if (record === undefined && number !== undefined)
      return this.accountFor(kiosk, number, { id, sha256, eventKey })
    if (record === undefined || record.kiosk !== kiosk) return NOT_APPLIED
    const known = await this.value<EventReceipt>(eventKey)
    const receivedAt = known?.receivedAt ?? new Date(this.clock.nowMs()).toISOString()
    const receipt: Receipt = { ...(await this.receiptOf(record)), sha256, receivedAt }
    const mayBeApplied = this.unsure.delete(eventKey)
    if (known !== undefined && !mayBeApplied) return { receipt, outcomeChanged: false, erased: [] }
    const seen: Change = {
      put: eventKey,
      value: encodeValue({ id, sha256, receivedAt } satisfies EventReceipt),
    }
    if (event === 'card-printed' && record.outcome?.status === 'SENT_FOR_CARD_PRINTING') {
      await this.putOutcome(record, { status: 'CARD_PRINTED' }, [seen])
      return { receipt, outcomeChanged: true, erased: [] }
    }
    const changes: Change[] = [seen]
    const erased = event === 'consent-withdrawn' ? await this.sameConsent(record) : []
    for (const one of erased) {
      const emptied: AbisRecord = { ...one, fingers: [], withdrawnAt: at }
      changes.push(
        { put: keyOf.record(one.id), value: encodeValue(emptied) },
        { delete: keyOf.search(one.id) },
      )
    }
    await this.kv.write(changes).catch(error => {
      this.unsure.add(eventKey)
      throw error
    })
    for (const one of erased) this.counts.withdrawn(one.id)
    return { receipt, outcomeChanged: false, erased: erased.map(({ id }) => id) }
  }

  /** The record, and those of the same person that it replaced: the same fingers stand in them. */
  private async sameConsent(record: AbisRecord): Promise<readonly AbisRecord[]> {
    const records = [record]
    let earlierId = record.supersedes
    while (earlierId !== undefined && records.length < SUPERSEDED_MAX) {
      const earlier = await this.record(earlierId)
      if (earlier === undefined || earlier.nik !== record.nik) break
      records.push(earlier)
      earlierId = earlier.supersedes
    }
    return records
  }

  /** A number that will not come is no gap. */
  private async accountFor(
    kiosk: string,
    { sequence, bootEpoch }: NonNullable<RecordEvent['number']>,
    event: { id: string; sha256: string; eventKey: string },
  ): Promise<Applied> {
    const { id, sha256, eventKey } = event
    const known = await this.value<EventReceipt>(eventKey)
    const receivedAt = known?.receivedAt ?? new Date(this.clock.nowMs()).toISOString()
    const sequenceKey = keyOf.sequence(kiosk, bootEpoch)
    const before = (await this.value<SequenceState>(sequenceKey)) ?? NO_SEQUENCES
    const { state } = withSequence(before, sequence)
    if (known === undefined) {
      await this.kv.write([
        { put: eventKey, value: encodeValue({ id, sha256, receivedAt } satisfies EventReceipt) },
        { put: sequenceKey, value: encodeValue(state) },
      ])
      this.counts.missing(kiosk, bootEpoch, missing(state))
    }
    const receipt = this.receipt({ id, sha256, receivedAt }, state)
    return { receipt, outcomeChanged: false, erased: [] }
  }

  /** Counts what was here at start. */
  count(record: AbisRecord): void {
    this.counts.add(record)
    if (record.outcome !== undefined) this.counts.outcome(record, undefined, record.outcome)
    if (record.withdrawnAt !== undefined) this.counts.withdrawn(record.id)
  }

  /** What else was known before a restart. */
  async readBack(): Promise<void> {
    this.restored = await this.value<Restored>(keyOf.restored)
    this.counts.alarms = (await this.value<number>(keyOf.alarms)) ?? 0
    for await (const { key, value } of this.kv.range(under('sequence/'))) {
      const [, kiosk, epoch] = key.split('/')
      this.counts.missing(kiosk, epoch, missing(decodeValue<SequenceState>(key, value)))
    }
  }

  private async putOutcome(
    record: AbisRecord,
    { status, reason }: Verdict,
    also: readonly Change[] = [],
    write = (changes: readonly Change[]) => this.kv.write(changes),
  ): Promise<AbisRecord> {
    const at = new Date(this.clock.nowMs()).toISOString()
    // What was decided after the backup is forgotten here, but not at the kiosks: ours is news to them.
    const seqBefore = this.restored ? Math.floor(Date.parse(this.restored.at) / 1000) : 0
    const outcome = { status, reason, at, seq: Math.max(record.outcome?.seq ?? 0, seqBefore) + 1 }
    const decided: AbisRecord = { ...record, outcome }
    await write([
      { put: keyOf.record(record.id), value: encodeValue(decided) },
      { delete: keyOf.search(record.id) },
      { put: keyOf.unsent(record.id), value: EMPTY },
      ...also,
    ])
    this.counts.outcome(record, record.outcome?.status, outcome)
    this.counts.verdict()
    return decided
  }

  private receipt(
    { id, sha256, receivedAt }: { id: string; sha256: string; receivedAt: string },
    { contiguous }: SequenceState,
  ): Receipt {
    const { restored } = this
    return {
      id,
      sha256,
      receivedAt,
      highestContiguous: contiguous,
      ...(restored && { restoredAt: restored.at }),
    }
  }

  private async value<T>(key: string): Promise<T | undefined> {
    const bytes = await this.kv.get(key)
    return bytes && decodeValue<T>(key, bytes)
  }
}

/** Nobody has decided on it, and its fingers are here. */
export function isToSearch({ outcome, withdrawnAt }: AbisRecord): boolean {
  return outcome === undefined && withdrawnAt === undefined
}

function sha256Of(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}
