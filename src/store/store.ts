import { KioskError } from '../base/errors.ts'
import { unpackTemplate } from '../finger/template/at-rest.ts'
import type { Template } from '../finger/template/template.ts'
import { sealedValues } from '../kv/sealed.ts'
import type { FingerPosition } from '../record/finger-position.ts'
import type { Nik } from '../record/nik.ts'
import type { KioskRecord } from '../record/record.ts'
import type { Outcome } from '../record/submission.ts'
import { type AuditEntry, latestAuditEntry, readAuditLog } from './audit-log.ts'
import { Core, type CoreParts } from './core.ts'
import { Enroller } from './enroller.ts'
import { Events } from './events.ts'
import {
  decodeValue,
  type EntryMeta,
  keyOf,
  lastPart,
  parseGalleryKey,
  SEALED_PREFIXES,
  type StoredRecord,
  under,
} from './layout.ts'
import { Ledger } from './ledger.ts'
import { KioskOutbox } from './outbox.ts'
import type { AuditFinding, Capacity, Enrolment, SealEvent, Store } from './ports.ts'
import { PrintJobs } from './print-jobs.ts'
import { Receipted } from './receipted.ts'
import { withOutcome } from './records.ts'
import { eraseTemplates, type RetentionLimits, sweepTemplates } from './retention.ts'
import { Room, type RoomParts } from './room.ts'
import { SentGallery } from './sent-gallery.ts'
import type { Transaction } from './transaction.ts'

export interface StoreParts extends CoreParts, RoomParts {
  /** 32 bytes each. */
  readonly dataKey: Uint8Array
  readonly indexKey: Uint8Array
}

/**
 * Opens the store on `kv` and audits it. What the audit finds wrong stands in `auditFindings`; it keeps
 * nothing from opening but a disk that cannot be read (`kv/io`) and another data key
 * (`store/wrong-key`). The store owns `kv` and the mark from here on: it closes them with itself, also
 * where it does not open.
 */
export async function openStore(parts: StoreParts): Promise<KioskStore> {
  const store = new KioskStore(parts)
  try {
    await store.open()
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}

export class KioskStore implements Store {
  readonly outbox: KioskOutbox
  readonly events: Events
  readonly prints: PrintJobs
  readonly sent: SentGallery
  private readonly core: Core
  private readonly receipted: Receipted
  private readonly ledger: Ledger
  private readonly room: Room
  private readonly enroller: Enroller

  constructor(private readonly parts: StoreParts) {
    const kv = sealedValues(parts.kv, parts.dataKey, { plainPrefixes: SEALED_PREFIXES })
    this.core = new Core({ ...parts, kv })
    this.receipted = new Receipted(this.core, parts.limits.receiptedBytesMax)
    this.events = new Events(this.core, this.receipted)
    this.prints = new PrintJobs(this.core, this.events)
    this.ledger = new Ledger(this.core)
    this.outbox = new KioskOutbox(this.core, this.events, this.receipted, this.ledger)
    this.room = new Room(this.core, parts)
    this.sent = new SentGallery(this.core, this.room)
    this.enroller = new Enroller(this.core, this.room)
  }

  get bootEpoch(): string {
    return this.core.bootEpoch
  }

  get auditFindings(): readonly AuditFinding[] {
    return this.core.findings
  }

  async open(): Promise<void> {
    await this.core.fresh()
  }

  async close(): Promise<void> {
    await this.core.close()
  }

  onRecord(listener: (record: KioskRecord) => void): () => void {
    return this.core.onRecord(listener)
  }

  async enrol(enrolment: Enrolment): Promise<KioskRecord> {
    const nikKey = this.nikKey(enrolment.nik)
    return await this.core.run(
      transaction => this.enroller.enrol(transaction, enrolment, nikKey),
      [keyOf.record(enrolment.id), nikKey],
    )
  }

  async record(id: string): Promise<KioskRecord | undefined> {
    await this.core.fresh()
    const key = keyOf.record(id)
    const bytes = await this.core.parts.kv.get(key)
    return bytes && decodeValue<StoredRecord>(key, bytes).record
  }

  async *records({ limit }: { limit: number }): AsyncIterable<KioskRecord> {
    // Ids are UUIDv7: their order is the order in time.
    for await (const { key, value } of this.readable('record/', { reverse: true, limit }))
      yield decodeValue<StoredRecord>(key, value).record
  }

  async recordsOf(nik: Nik): Promise<readonly KioskRecord[]> {
    await this.core.fresh()
    const transaction = this.core.reading()
    const { value: ids = [] } = await transaction.tryGet<string[]>(this.nikKey(nik))
    const records: KioskRecord[] = []
    for (const id of ids.toReversed()) {
      const record = await this.readableRecord(id)
      if (record) records.push(record)
    }
    return records
  }

  async applyOutcome(outcome: Outcome): Promise<boolean> {
    return await this.core.run(
      async transaction => {
        const stored = await transaction.get<StoredRecord>(keyOf.record(outcome.id))
        if (!stored) throw new KioskError('store/unknown-record', { id: outcome.id })
        const record = withOutcome(stored.record, outcome)
        if (!record) return false
        const { awaitingSinceMs, ...rest } = stored
        if (awaitingSinceMs !== undefined) transaction.delete(keyOf.awaiting(awaitingSinceMs, record.id))
        this.core.putRecord(transaction, { ...rest, record })
        if (stored.record.outcomeSeq === 0 && !stored.withdrawn)
          transaction.putBytes(keyOf.verdict(this.parts.clock.nowMs(), record.id), new Uint8Array())
        return true
      },
      [keyOf.record(outcome.id)],
    )
  }

  async awaitingOutcome(options: { beforeMs: number; limit: number }): Promise<readonly KioskRecord[]> {
    const records: KioskRecord[] = []
    const range = { from: under('awaiting/').from, to: keyOf.awaiting(options.beforeMs, '') }
    for await (const { key } of this.readable('awaiting/', { ...range, limit: options.limit })) {
      const record = await this.readableRecord(lastPart(key))
      if (record) records.push(record)
    }
    return records
  }

  async *gallery(): AsyncIterable<{ recordId: string; position: FingerPosition; template: Template }> {
    for await (const { key, value } of this.readable('gallery/', {})) {
      const name = parseGalleryKey(key)
      const template = name && this.unpack(name.recordId, value)
      if (name && template) yield { ...name, template }
    }
  }

  async capacity(): Promise<Capacity> {
    await this.core.fresh()
    const capacity = await this.room.capacity()
    this.room.warn(capacity)
    return capacity
  }

  /**
   * Consent was withdrawn: erases the record's templates, and its submission where that was never
   * published. The ABIS is told by an event in the same batch: to erase what it may hold, or that the
   * number will not come. Of a person's newest record, what it came in place of goes with it: the same fingers
   * stand there, and nobody wants them any more. Safe to repeat. Rejects with `store/unknown-record`.
   */
  async withdraw(id: string, who: string, seal: SealEvent): Promise<KioskRecord> {
    return await this.core.run(async transaction => {
      const stored = await transaction.get<StoredRecord>(keyOf.record(id))
      if (!stored) throw new KioskError('store/unknown-record', { id })
      const { value: ids = [] } = await transaction.tryGet<string[]>(this.nikKey(stored.record.nik))
      for (const earlierId of ids.at(-1) === id ? ids.slice(0, -1) : []) {
        const { value: earlier } = await transaction.tryGet<StoredRecord>(keyOf.record(earlierId))
        if (earlier) await this.withdrawOne(transaction, earlier, who, seal)
      }
      return await this.withdrawOne(transaction, stored, who, seal)
    })
  }

  private async withdrawOne(
    transaction: Transaction,
    stored: StoredRecord,
    who: string,
    seal: SealEvent,
  ): Promise<KioskRecord> {
    if (stored.withdrawn) return stored.record
    const { id } = stored.record
    const { sequence, sha256 } = stored.record
    const meta = await transaction.tryGet<EntryMeta>(keyOf.entry(sequence, id))
    const neverSent = meta.value?.published === false
    if (neverSent) await this.outbox.forget(transaction, sequence, id, { id, sha256, withdrawn: true })
    if (stored.awaitingSinceMs !== undefined) transaction.delete(keyOf.awaiting(stored.awaitingSinceMs, id))
    await this.receipted.erase(transaction, stored)
    eraseTemplates(transaction, id)
    await this.prints.erase(transaction, id)
    await this.sent.erase(transaction, id)
    const at = new Date(this.parts.clock.nowMs()).toISOString()
    const ownsNumber = meta.value !== undefined || (await this.isSettled(transaction, stored.record))
    const number = { sequence, bootEpoch: this.core.bootEpoch }
    // One that was replaced before it left has no number of its own, and the ABIS never hears of it.
    if (ownsNumber || meta.damaged || stored.record.supersededBy === undefined)
      await this.events.add(transaction, seal, {
        id,
        event: 'consent-withdrawn',
        at,
        ...(ownsNumber && { number }),
      })
    transaction.audit.push({ at, who, what: 'withdrawn', id })
    const record: KioskRecord = { ...stored.record, reason: 'consent-withdrawn' }
    this.core.putRecord(transaction, { record, withdrawn: true })
    return record
  }

  /** Puts what happened to the kiosk itself into the audit log. */
  async note(who: string, what: AuditEntry['what']): Promise<void> {
    await this.core.run(async transaction => {
      transaction.audit.push({ at: new Date(this.parts.clock.nowMs()).toISOString(), who, what })
    })
  }

  /** The latest entry of these kinds in the audit log, if it is not too far back. */
  async latestNote(...kinds: readonly AuditEntry['what'][]): Promise<AuditEntry | undefined> {
    await this.core.fresh()
    return latestAuditEntry(this.core.parts.kv, kinds)
  }

  /** The card of this record was printed here: the ABIS is told. Rejects with `store/unknown-record`. */
  async cardPrinted(id: string, who: string, seal: SealEvent): Promise<void> {
    await this.core.run(async transaction => {
      const stored = await transaction.get<StoredRecord>(keyOf.record(id))
      if (!stored) throw new KioskError('store/unknown-record', { id })
      const at = new Date(this.parts.clock.nowMs()).toISOString()
      await this.events.add(transaction, seal, { id, event: 'card-printed', at })
      transaction.audit.push({ at, who, what: 'card-printed', id })
      // Nothing of it changed here: the outcome does that. The relay learns that there is something to tell.
      this.core.putRecord(transaction, stored)
    })
  }

  /**
   * Erases the templates whose time is over, what was kept for an ABIS that might go back, and what is known of
   * papers printed long ago; shortens the ledger. Returns the ids of the records without templates.
   */
  async sweep(limits: RetentionLimits): Promise<readonly string[]> {
    await this.core.fresh()
    const { level, limitedBy } = await this.room.capacity()
    const needsRoom = level !== 'ok' && limitedBy === 'free-disk'
    const nowMs = this.parts.clock.nowMs()
    await this.receipted.sweep(needsRoom ? Number.MAX_SAFE_INTEGER : nowMs - limits.receiptedMsMax)
    await this.prints.sweep()
    await this.ledger.trim()
    return await sweepTemplates(this.core, limits)
  }

  /** Who did what when, oldest first; `intact` is false where the chain is broken before an entry. */
  auditLog(): AsyncIterable<{ entry: AuditEntry; page: number; intact: boolean }> {
    return readAuditLog(this.core.parts.kv)
  }

  /** The number is its own, and not of one that took its place before it was ever sent. */
  private async isSettled(transaction: Transaction, record: KioskRecord): Promise<boolean> {
    // The beginning of the ledger knows no ids, but only what was received is settled.
    if (record.status !== 'SENT_FOR_ENROLLMENT') return true
    return (await this.ledger.entry(transaction, record.sequence))?.id === record.id
  }

  /** Undefined and reported: of a format that this version does not know. */
  private unpack(id: string, packed: Uint8Array): Template | undefined {
    try {
      return unpackTemplate(packed)
    } catch (error) {
      if (!(error instanceof KioskError)) throw error
      this.core.report({ kind: 'value-corrupt', id })
      return undefined
    }
  }

  private nikKey(nik: Nik): string {
    return keyOf.nik(nik, this.parts.indexKey)
  }

  /** Undefined, and reported, where it is damaged. */
  private async readableRecord(id: string): Promise<KioskRecord | undefined> {
    const { value, damaged } = await this.core.reading().tryGet<StoredRecord>(keyOf.record(id))
    if (damaged) this.core.report({ kind: 'value-corrupt', id })
    return value?.record
  }

  /** What can be read under `prefix`; the rest is reported. */
  private async *readable(
    prefix: string,
    range: { from?: string; to?: string; limit?: number; reverse?: boolean },
  ) {
    await this.core.fresh()
    const onCorrupt = (key: string | undefined) => {
      const id = key && /^(?:record|gallery)\/([0-9a-f-]{36})/.exec(key)?.[1]
      this.core.report({ kind: 'value-corrupt', ...(id && { id }) })
    }
    yield* this.core.parts.kv.range({ ...under(prefix), ...range, onCorrupt })
  }
}
