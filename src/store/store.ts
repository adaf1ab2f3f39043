import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { KioskError } from '../base/errors.ts'
import { packTemplate, unpackTemplate } from '../finger/template/at-rest.ts'
import type { Template } from '../finger/template/template.ts'
import { sealedValues } from '../kv/sealed.ts'
import type { FingerPosition } from '../record/finger-position.ts'
import type { Nik } from '../record/nik.ts'
import type { KioskRecord } from '../record/record.ts'
import type { Outcome } from '../record/submission.ts'
import { type AuditEntry, latestAuditEntry, readAuditLog } from './audit-log.ts'
import { capacityOf, type StoreLimits } from './capacity.ts'
import { Core, type CoreParts } from './core.ts'
import { Events } from './events.ts'
import {
  decodeValue,
  type EntryMeta,
  keyOf,
  lastPart,
  parseGalleryKey,
  SEALED_PREFIXES,
  type SettledMeta,
  type StoredRecord,
  under,
} from './layout.ts'
import { KioskOutbox } from './outbox.ts'
import type { AuditFinding, Capacity, Enrolment, SealEvent, Store } from './ports.ts'
import { Receipted } from './receipted.ts'
import { newRecord, withOutcome } from './records.ts'
import { eraseTemplates, type RetentionLimits, sweepTemplates } from './retention.ts'
import type { Transaction } from './transaction.ts'

export interface StoreParts extends CoreParts {
  /** 32 bytes each. */
  readonly dataKey: Uint8Array
  readonly indexKey: Uint8Array
  readonly limits: StoreLimits
  /** Of the disk that the database is on. Left out: without a limit. */
  freeBytes?(): Promise<number>
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
  private readonly core: Core
  private readonly receipted: Receipted
  private warned: Capacity['level'] = 'ok'

  constructor(private readonly parts: StoreParts) {
    const kv = sealedValues(parts.kv, parts.dataKey, { plainPrefixes: SEALED_PREFIXES })
    this.core = new Core({ ...parts, kv })
    this.receipted = new Receipted(this.core, parts.limits.receiptedBytesMax)
    this.events = new Events(this.core, this.receipted)
    this.outbox = new KioskOutbox(this.core, this.events, this.receipted)
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
      transaction => this.enrolIn(transaction, enrolment, nikKey),
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
      const { value, damaged } = await transaction.tryGet<StoredRecord>(keyOf.record(id))
      if (damaged) this.core.report({ kind: 'value-corrupt', id })
      if (value) records.push(value.record)
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
      const record = await this.record(lastPart(key))
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
    const capacity = this.capacityWith(this.core.tally, await this.freeBytes())
    this.warn(capacity)
    return capacity
  }

  /**
   * Consent was withdrawn: erases the record's templates, and its submission where that was never
   * published. The ABIS is told by an event in the same batch: to erase what it may hold, or that the
   * number will not come. Safe to repeat. Rejects with `store/unknown-record`.
   */
  async withdraw(id: string, who: string, seal: SealEvent): Promise<KioskRecord> {
    return await this.core.run(async transaction => {
      const stored = await transaction.get<StoredRecord>(keyOf.record(id))
      if (!stored) throw new KioskError('store/unknown-record', { id })
      if (stored.withdrawn) return stored.record
      const { sequence, sha256 } = stored.record
      const meta = await transaction.tryGet<EntryMeta>(keyOf.entry(sequence, id))
      const neverSent = meta.value?.published === false
      if (neverSent) await this.outbox.forget(transaction, sequence, id, { id, sha256, withdrawn: true })
      if (stored.awaitingSinceMs !== undefined) transaction.delete(keyOf.awaiting(stored.awaitingSinceMs, id))
      await this.receipted.erase(transaction, stored)
      eraseTemplates(transaction, id)
      const at = new Date(this.parts.clock.nowMs()).toISOString()
      const ownsNumber = meta.value !== undefined || (await this.isSettled(transaction, sequence, id))
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
    })
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
   * Erases the templates whose time is over, and what was kept for an ABIS that might go back. Returns the ids
   * of the records without templates.
   */
  async sweep(limits: RetentionLimits): Promise<readonly string[]> {
    await this.core.fresh()
    const { level, limitedBy } = this.capacityWith(this.core.tally, await this.freeBytes())
    const needsRoom = level !== 'ok' && limitedBy === 'free-disk'
    const nowMs = this.parts.clock.nowMs()
    await this.receipted.sweep(needsRoom ? Number.MAX_SAFE_INTEGER : nowMs - limits.receiptedMsMax)
    return await sweepTemplates(this.core, limits)
  }

  /** Who did what when, oldest first; `intact` is false where the chain is broken before an entry. */
  auditLog(): AsyncIterable<{ entry: AuditEntry; page: number; intact: boolean }> {
    return readAuditLog(this.core.parts.kv)
  }

  private async enrolIn(
    transaction: Transaction,
    enrolment: Enrolment,
    nikKey: string,
  ): Promise<KioskRecord> {
    const { id } = enrolment
    // Asked again after a failed write that did reach the disk.
    const same = await transaction.get<StoredRecord>(keyOf.record(id))
    if (same) return same.record

    const { value: ids = [] } = await transaction.tryGet<string[]>(nikKey)
    const previous = await this.previousOf(transaction, ids.at(-1))
    const freeBytes = await this.freeBytes()
    this.mustHaveRoom(transaction, previous, 0, freeBytes)

    const sequence = previous?.replaceable ? previous.stored.record.sequence : transaction.tally.highest + 1
    const supersedes = previous?.replaceable ? previous.stored.record.supersedes : ids.at(-1)
    const numbers = { sequence, bootEpoch: this.core.bootEpoch, ...(supersedes && { supersedes }) }
    const { body, sha256 } = await enrolment.seal(numbers)
    assert.equal(createHash('sha256').update(body).digest('hex'), sha256)
    this.mustHaveRoom(transaction, previous, body.length, freeBytes)

    const nowMs = this.parts.clock.nowMs()
    const at = new Date(nowMs).toISOString()
    const record = newRecord({
      id,
      nik: enrolment.nik,
      sequence,
      sha256,
      capturedAt: enrolment.capturedAt,
      durableAt: at,
      fingersCaptured: enrolment.fingers.length,
      fingersForced: enrolment.fingersForced,
      ...(supersedes && { supersedes }),
    })
    if (previous) this.supersede(transaction, previous, id, at)
    this.append(transaction, record, body, nowMs)
    this.core.putRecord(transaction, { record })
    transaction.put(nikKey, [...ids, id])
    for (const { position, template } of enrolment.fingers) {
      const packed = packTemplate(template)
      transaction.putBytes(keyOf.gallery(id, position), packed)
      transaction.afterwards(() => packed.fill(0))
    }
    transaction.audit.push({ at, who: 'kiosk', what: 'enrolled', id })
    const capacity = this.capacityWith(transaction.tally, freeBytes)
    transaction.afterwards(() => this.warn(capacity))
    return record
  }

  private async previousOf(transaction: Transaction, id: string | undefined): Promise<Previous | undefined> {
    if (id === undefined) return undefined
    const { value: stored } = await transaction.tryGet<StoredRecord>(keyOf.record(id))
    if (!stored) return undefined
    const { value: meta } = await transaction.tryGet<EntryMeta>(keyOf.entry(stored.record.sequence, id))
    return { stored, replaceable: meta !== undefined && !meta.published, bytes: meta?.bytes ?? 0 }
  }

  private supersede(transaction: Transaction, previous: Previous, id: string, at: string): void {
    const { stored, replaceable, bytes } = previous
    const { sequence } = stored.record
    this.core.putRecord(transaction, { ...stored, record: { ...stored.record, supersededBy: id } })
    if (!replaceable) return
    const old = stored.record.id
    for (const key of [keyOf.body(sequence, old), keyOf.entry(sequence, old), keyOf.aside(sequence, old)])
      transaction.delete(key)
    eraseTemplates(transaction, old)
    transaction.audit.push({ at, who: 'kiosk', what: 'replaced', id: old })
    const { tally } = transaction
    transaction.tally = { ...tally, entries: tally.entries - 1, bytes: tally.bytes - bytes }
    transaction.afterwards(() => this.core.queue.remove(old))
  }

  private async isSettled(transaction: Transaction, sequence: number, id: string): Promise<boolean> {
    return (await transaction.tryGet<SettledMeta>(keyOf.settled(sequence))).value?.id === id
  }

  private append(
    transaction: Transaction,
    record: KioskRecord,
    body: Uint8Array,
    appendedAtMs: number,
  ): void {
    const { sequence, id, sha256 } = record
    const meta: EntryMeta = { sha256, bytes: body.length, appendedAtMs, published: false }
    transaction.putBytes(keyOf.body(sequence, id), body)
    transaction.put(keyOf.entry(sequence, id), meta)
    const { tally } = transaction
    transaction.tally = {
      ...tally,
      highest: Math.max(tally.highest, sequence),
      entries: tally.entries + 1,
      bytes: tally.bytes + body.length,
    }
    transaction.afterwards(() => this.core.queue.put({ sequence, id, ...meta }))
  }

  private mustHaveRoom(
    transaction: Transaction,
    previous: Previous | undefined,
    bytes: number,
    freeBytes: number,
  ): void {
    const freed = previous?.replaceable ? previous : undefined
    const { tally } = transaction
    const heldThen = {
      entries: tally.entries - (freed ? 1 : 0),
      bytes: tally.bytes - (freed?.bytes ?? 0),
    }
    const { level, limitedBy } = this.capacityWith(heldThen, freeBytes)
    const tooLarge = heldThen.bytes + bytes > this.parts.limits.bytesMax
    if (level === 'full' || tooLarge)
      throw new KioskError('store/full', { limitedBy: tooLarge ? 'bytes' : limitedBy })
  }

  private capacityWith(held: { entries: number; bytes: number }, freeBytes: number): Capacity {
    const oldest = this.core.queue.oldest
    return capacityOf(this.parts.limits, {
      entries: held.entries,
      bytes: held.bytes,
      oldestAgeMs: oldest ? this.parts.clock.nowMs() - oldest.appendedAtMs : 0,
      freeBytes,
    })
  }

  private async freeBytes(): Promise<number> {
    return (await this.parts.freeBytes?.()) ?? Number.POSITIVE_INFINITY
  }

  /** Once at every level that is reached, not at every enrolment. */
  private warn(capacity: Capacity): void {
    const rises = LEVELS.indexOf(capacity.level) > LEVELS.indexOf(this.warned)
    if (rises) this.parts.log.warn('store/filling', { ...capacity })
    this.warned = capacity.level
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

const LEVELS: readonly Capacity['level'][] = ['ok', 'warning', 'urgent', 'full']

interface Previous {
  readonly stored: StoredRecord
  /** Its submission waits and was never published. */
  readonly replaceable: boolean
  readonly bytes: number
}
