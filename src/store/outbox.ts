import { createHash } from 'node:crypto'
import { type ErrorCode, KioskError } from '../base/errors.ts'
import type { Receipt } from '../record/submission.ts'
import type { Core } from './core.ts'
import type { Events } from './events.ts'
import { DAMAGED } from './held.ts'
import {
  type AsideMeta,
  type EntryMeta,
  keyOf,
  madeAtMs,
  RECEIPTED_PREFIX,
  type SettledMeta,
  type StoredRecord,
} from './layout.ts'
import type { Ledger } from './ledger.ts'
import type { Outbox, OutboxEntry } from './ports.ts'
import type { QueueEntry } from './queue.ts'
import type { Receipted } from './receipted.ts'
import { received } from './records.ts'
import type { Transaction } from './transaction.ts'

/**
 * The outbox: submissions that the ABIS must come to hold, even if the power fails now.
 *
 * A submission lives through three steps: `Store.enrol` appends it, `peek` hands out the oldest,
 * `settle` forgets what the ABIS has receipted and notes it in the ledger. A broker's PUBACK is no
 * receipt: brokers acknowledge before they save. Delivery is at least once; the ABIS drops a copy by
 * its id. One relay drains it.
 */
export class KioskOutbox implements Outbox {
  constructor(
    private readonly core: Core,
    private readonly events: Events,
    private readonly receipted: Receipted,
    private readonly ledger: Ledger,
  ) {}

  get count(): number {
    return this.core.queue.count
  }

  get bytes(): number {
    return this.core.queue.bytes
  }

  async peek(limit: number, afterSequence = 0): Promise<readonly OutboxEntry[]> {
    await this.core.fresh()
    const entries: OutboxEntry[] = []
    for (const known of this.core.queue.waiting(afterSequence)) {
      if (entries.length >= limit) break
      const entry = await this.read(known)
      if (entry) entries.push(entry)
    }
    return entries
  }

  async get(id: string): Promise<OutboxEntry | undefined> {
    await this.core.fresh()
    const known = this.core.queue.get(id)
    return known && known.aside === undefined ? await this.read(known) : undefined
  }

  async markPublished(ids: readonly string[]): Promise<void> {
    await this.core.fresh()
    const isDone = (entry?: QueueEntry) => entry?.published && entry.aside === undefined
    if (ids.every(id => isDone(this.core.queue.get(id)))) return
    await this.core.run(async transaction => {
      for (const id of ids) {
        const known = this.core.queue.get(id)
        const meta = known && (await transaction.get<EntryMeta>(keyOf.entry(known.sequence, id)))
        if (!known || !meta || known.aside !== undefined) throw new KioskError('store/unknown-record', { id })
        if (meta.published) continue
        transaction.put(keyOf.entry(known.sequence, id), { ...meta, published: true } satisfies EntryMeta)
        transaction.afterwards(() => this.core.queue.update(id, { published: true }))
      }
    })
  }

  async settle(receipt: Receipt): Promise<void> {
    await this.core.run(async transaction => {
      const { id } = receipt
      await this.receipted.hear(transaction, receipt)
      if (await this.events.settle(transaction, receipt)) return
      const stored = (await transaction.tryGet<StoredRecord>(keyOf.record(id))).value
      const sequence = stored?.record.sequence ?? this.core.queue.get(id)?.sequence
      if (sequence === undefined) throw new KioskError('store/unknown-record', { id })
      const sha256 = stored?.record.sha256 ?? this.core.queue.get(id)?.sha256
      // Empty: neither record nor entry can be read any more, and the receipt is signed.
      if (sha256 && sha256 !== receipt.sha256) {
        if (await this.receipted.wasTold(receipt)) return
        throw new KioskError('outbox/other-hash', { id })
      }
      const body = await undamaged(transaction.getBytes(keyOf.body(sequence, id)))
      const forgotten = await this.forget(transaction, sequence, id, { id, sha256: receipt.sha256 })
      const mayKeep = forgotten && body && !stored?.withdrawn && sha256Of(body) === receipt.sha256
      const receiptedMs =
        mayKeep && (await this.receipted.keep(transaction, RECEIPTED_PREFIX, { number: sequence, id, body }))
      if (receiptedMs) await this.ledger.noteKept(transaction, sequence, receiptedMs)
      if (!stored) return
      const isNews = forgotten || stored.record.status === 'SENT_FOR_ENROLLMENT'
      if (isNews) this.putReceived(transaction, { ...stored, ...(receiptedMs && { receiptedMs }) }, receipt)
    }, this.keysOf(receipt.id))
  }

  async requeueLost(limit: number): Promise<number> {
    return await this.receipted.requeue(limit)
  }

  async setAside(id: string, reason: ErrorCode): Promise<void> {
    await this.core.run(async transaction => {
      const known = this.core.queue.get(id)
      if (!known || !(await this.isHeld(transaction, known.sequence, id)))
        throw new KioskError('store/unknown-record', { id })
      await this.putAside(transaction, known, reason)
    })
  }

  async setAsideList(): Promise<readonly { id: string; sequence: number; reason: string }[]> {
    await this.core.fresh()
    return this.core.queue
      .setAside()
      .map(({ id, sequence, aside }) => ({ id, sequence, reason: aside ?? DAMAGED }))
  }

  async takeBack(id: string): Promise<void> {
    await this.core.run(async transaction => {
      const known = this.core.queue.get(id)
      if (!known) throw new KioskError('store/unknown-record', { id })
      const { sequence } = known
      if (known.aside === undefined) return
      const stored = (await transaction.tryGet<StoredRecord>(keyOf.record(id))).value
      const body = await transaction.getBytes(keyOf.body(sequence, id))
      if (!body || (stored && sha256Of(body) !== stored.record.sha256))
        throw new KioskError('kv/corrupt', { id })
      if (await this.ledger.has(transaction, sequence))
        throw new KioskError('store/transition', { id, settled: true })
      const meta = await this.metaOf(transaction, known, body)
      transaction.put(keyOf.entry(sequence, id), meta)
      transaction.delete(keyOf.aside(sequence, id))
      const at = iso(this.core.parts.clock.nowMs())
      transaction.audit.push({ at, who: 'kiosk', what: 'taken-back', id })
      if (stored) {
        const { setAside: _, ...record } = stored.record
        this.core.putRecord(transaction, { ...stored, record })
      }
      transaction.afterwards(() => this.core.queue.update(id, { ...meta, aside: undefined }))
    })
  }

  /**
   * Takes a submission out of the outbox, wherever it stands, and notes in the ledger what became of
   * its number. False: it is not there (any more).
   */
  async forget(
    transaction: Transaction,
    sequence: number,
    id: string,
    settled: SettledMeta,
  ): Promise<boolean> {
    if (!(await this.isHeld(transaction, sequence, id))) return false
    const { tally } = transaction
    const meta = await transaction.tryGet<EntryMeta>(keyOf.entry(sequence, id))
    const bytes = meta.value?.bytes ?? this.core.queue.get(id)?.bytes ?? 0
    for (const key of [keyOf.body(sequence, id), keyOf.entry(sequence, id), keyOf.aside(sequence, id)])
      transaction.delete(key)
    await this.ledger.add(transaction, sequence, settled)
    transaction.tally = { ...tally, entries: tally.entries - 1, bytes: tally.bytes - bytes }
    transaction.afterwards(() => this.core.queue.remove(id))
    return true
  }

  private async putAside(transaction: Transaction, known: QueueEntry, reason: string): Promise<void> {
    const { id, sequence } = known
    if (await transaction.getBytes(keyOf.aside(sequence, id))) return
    const atMs = this.core.parts.clock.nowMs()
    transaction.put(keyOf.aside(sequence, id), { reason, atMs } satisfies AsideMeta)
    transaction.audit.push({ at: iso(atMs), who: 'kiosk', what: 'set-aside', id, reason })
    const stored = (await transaction.tryGet<StoredRecord>(keyOf.record(id))).value
    if (stored)
      this.core.putRecord(transaction, { ...stored, record: { ...stored.record, setAside: reason } })
    transaction.afterwards(() => this.core.queue.update(id, { aside: reason }))
  }

  private putReceived(transaction: Transaction, stored: StoredRecord, receipt: Receipt): void {
    const record = received(stored.record, receipt.receivedAt)
    const { awaitingSinceMs: beforeMs, ...rest } = stored
    if (beforeMs !== undefined) transaction.delete(keyOf.awaiting(beforeMs, record.id))
    // A verdict that came first, or consent was withdrawn: nothing more is awaited.
    if (record.status !== 'RECEIVED_AT_CENTRAL' || stored.withdrawn) {
      this.core.putRecord(transaction, { ...rest, record })
      return
    }
    const awaitingSinceMs = this.core.parts.clock.nowMs()
    transaction.putBytes(keyOf.awaiting(awaitingSinceMs, record.id), new Uint8Array())
    this.core.putRecord(transaction, { ...stored, record, awaitingSinceMs })
  }

  /** What a settlement reads. */
  private keysOf(id: string): string[] {
    const known = this.core.queue.get(id)
    const own = known && [
      keyOf.entry(known.sequence, id),
      keyOf.settled(known.sequence),
      keyOf.body(known.sequence, id),
    ]
    return [keyOf.record(id), keyOf.abis, ...(own ?? [])]
  }

  /** Waiting or set aside; damage does not make it go away. */
  private async isHeld(transaction: Transaction, sequence: number, id: string): Promise<boolean> {
    const known = this.core.queue.get(id)
    const key = known?.aside === DAMAGED ? keyOf.aside(sequence, id) : keyOf.entry(sequence, id)
    return await isThere(transaction, key)
  }

  private async metaOf(transaction: Transaction, known: QueueEntry, body: Uint8Array): Promise<EntryMeta> {
    const kept = await transaction.tryGet<EntryMeta>(keyOf.entry(known.sequence, known.id))
    if (kept.value) return kept.value
    const appendedAtMs = madeAtMs(known.id)
    return { sha256: sha256Of(body), bytes: body.length, appendedAtMs, published: true }
  }

  /** With its body, unless that is damaged: then it is set aside and reported, and the next goes on. */
  private async read(known: QueueEntry): Promise<OutboxEntry | undefined> {
    const { id, sequence, sha256, appendedAtMs, published } = known
    const body = await undamaged(this.core.parts.kv.get(keyOf.body(sequence, id)))
    if (body && sha256Of(body) === sha256) return { id, sequence, sha256, body, appendedAtMs, published }
    // A settlement is on the disk before it is in memory: only where nothing is written beside us can we tell.
    await this.core.run(async transaction => {
      if (this.core.queue.get(id) === undefined || !(await this.isHeld(transaction, sequence, id))) return
      const again = await undamaged(transaction.getBytes(keyOf.body(sequence, id)))
      if (again && sha256Of(again) === sha256) return
      this.core.report({ kind: 'value-corrupt', sequence, id })
      await this.putAside(transaction, known, DAMAGED)
    })
    return undefined
  }
}

async function undamaged(reading: Promise<Uint8Array | undefined>): Promise<Uint8Array | undefined> {
  return await reading.catch((error: unknown) => {
    if (error instanceof KioskError && error.code === 'kv/corrupt') return undefined
    throw error
  })
}

async function isThere(transaction: Transaction, key: string): Promise<boolean> {
  const { value, damaged } = await transaction.tryGet(key)
  return damaged || value !== undefined
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
