import { createHash } from 'node:crypto'
import { KioskError } from '../base/errors.ts'
import type { Receipt } from '../record/submission.ts'
import type { Core } from './core.ts'
import {
  type AbisState,
  type EntryMeta,
  keyOf,
  madeAtMs,
  parseReceiptedKey,
  RECEIPTED_PREFIX,
  type SettledMeta,
  type StoredRecord,
  TOLD_PREFIX,
  under,
} from './layout.ts'
import type { Transaction } from './transaction.ts'

/** What makes room for a newer one, at most; the hourly sweep does the rest. */
const MAKE_ROOM_MAX = 4
const ENTRIES_A_COMMIT = 50

const NO_ABIS: AbisState = { receivedAt: '', highestContiguous: 0, keptBytes: 0 }

interface Kept {
  readonly key: string
  readonly number: number
  readonly id: string
  readonly body: Uint8Array
}

/**
 * What the ABIS has receipted, kept for a while as it was sent. An ABIS that was set back to its backup no
 * longer holds what came after it: its next receipt shows that, and what is kept goes into the queue again.
 *
 * A receipt shows it by `restoredAt`, or, from an ABIS that does not say so, by a `highestContiguous` below
 * the one of an older receipt. Receipts have no order of their own, so an old one must never count as news.
 */
export class Receipted {
  constructor(
    private readonly core: Core,
    private readonly bytesMax: number,
  ) {}

  /**
   * Beside the settlement that `receipt` brings: what it tells of the ABIS itself. Rejects with
   * `outbox/stale-receipt` where the ABIS gave it before it was set back: what it received is lost to it, or it
   * will say so again.
   */
  async hear(transaction: Transaction, receipt: Receipt): Promise<void> {
    const before = await stateIn(transaction)
    const { receivedAt, highestContiguous, restoredAt } = receipt
    if ((restoredAt ?? '') < (before.restoredAt ?? ''))
      throw new KioskError('outbox/stale-receipt', { id: receipt.id })
    const isNewer = receivedAt > before.receivedAt
    const isRestored = restoredAt !== undefined && restoredAt > (before.restoredAt ?? '')
    if (!isNewer && !isRestored) return
    const wentBack = isRestored || highestContiguous < before.highestContiguous
    const lostAbove = wentBack
      ? Math.min(highestContiguous, before.lostAbove ?? highestContiguous)
      : before.lostAbove
    const state: AbisState = {
      receivedAt: isNewer ? receivedAt : before.receivedAt,
      highestContiguous,
      keptBytes: before.keptBytes,
      ...((restoredAt ?? before.restoredAt) && { restoredAt: restoredAt ?? before.restoredAt }),
      ...(lostAbove !== undefined && { lostAbove }),
    }
    this.put(transaction, state)
    if (wentBack && before.lostAbove === undefined) {
      this.core.parts.log.warn('store/abis-went-back', { highestContiguous, restoredAt })
      const at = new Date(this.core.parts.clock.nowMs()).toISOString()
      transaction.audit.push({ at, who: 'abis', what: 'went-back' })
    }
  }

  /** Keeps a sealed body that was just receipted. Returns since when, to find it again. */
  async keep(
    transaction: Transaction,
    prefix: typeof RECEIPTED_PREFIX | typeof TOLD_PREFIX,
    entry: { number: number; id: string; body: Uint8Array },
  ): Promise<number | undefined> {
    const { number, id, body } = entry
    if (body.length > this.bytesMax) return undefined
    const state = await this.makeRoom(transaction, await stateIn(transaction), body.length)
    if (state.keptBytes + body.length > this.bytesMax) {
      this.put(transaction, state)
      return undefined
    }
    const sinceMs = this.core.parts.clock.nowMs()
    transaction.putBytes(keyOf.kept(prefix, sinceMs, number, id), body)
    this.put(transaction, { ...state, keptBytes: state.keptBytes + body.length })
    return sinceMs
  }

  /** An event that this receipt names is kept: it was receipted before. */
  async wasTold({ id, sha256 }: Receipt): Promise<boolean> {
    for await (const { key, value } of this.core.parts.kv.range({
      ...under(TOLD_PREFIX),
      onCorrupt: () => {},
    }))
      if (parseReceiptedKey(key)?.id === id && sha256Of(value) === sha256) return true
    return false
  }

  /** Consent was withdrawn: it is not to be sent again. */
  async erase(transaction: Transaction, { record, receiptedMs }: StoredRecord): Promise<void> {
    if (receiptedMs === undefined) return
    const key = keyOf.kept(RECEIPTED_PREFIX, receiptedMs, record.sequence, record.id)
    const body = await bodyIn(transaction, key)
    transaction.delete(key)
    const state = await stateIn(transaction)
    this.put(transaction, { ...state, keptBytes: Math.max(0, state.keptBytes - (body?.length ?? 0)) })
  }

  /** Drops what is older than `beforeMs`. */
  async sweep(beforeMs: number): Promise<void> {
    for (const prefix of [RECEIPTED_PREFIX, TOLD_PREFIX]) {
      const range = { from: under(prefix).from, to: keyOf.keptBefore(prefix, beforeMs) }
      for (;;) {
        const keys = await this.keysIn(range)
        if (keys.length === 0) break
        await this.core.run(async transaction => {
          let { keptBytes, ...state } = await stateIn(transaction)
          for (const key of keys) {
            keptBytes -= (await bodyIn(transaction, key))?.length ?? 0
            transaction.delete(key)
          }
          this.put(transaction, { ...state, keptBytes: Math.max(0, keptBytes) })
        })
      }
    }
  }

  /**
   * Puts up to `limit` submissions and events that the ABIS has lost into the queue again. Returns how many
   * there were; fewer than `limit`: all are.
   */
  async requeue(limit: number): Promise<number> {
    await this.core.fresh()
    if (!this.core.abisWentBack) return 0
    return await this.core.run(async transaction => {
      const state = await stateIn(transaction)
      if (state.lostAbove === undefined) return 0
      const found = await this.lost(state.lostAbove, limit)
      let { keptBytes } = state
      for (const kept of found) {
        // Another of this commit has dropped or erased it.
        if ((await transaction.getBytes(kept.key)) === undefined) continue
        transaction.delete(kept.key)
        keptBytes -= kept.body.length
        if (kept.key.startsWith(TOLD_PREFIX)) this.requeueEvent(transaction, kept)
        else await this.requeueSubmission(transaction, kept)
      }
      const { lostAbove, ...rest } = state
      const isMore = found.length === limit
      this.put(transaction, {
        ...rest,
        keptBytes: Math.max(0, keptBytes),
        ...(isMore && { lostAbove }),
      })
      return found.length
    })
  }

  /** Submissions first: an event is of no use before its record. */
  private async lost(lostAbove: number, limit: number): Promise<readonly Kept[]> {
    const found: Kept[] = []
    for (const prefix of [RECEIPTED_PREFIX, TOLD_PREFIX])
      for await (const { key, value } of this.core.parts.kv.range({
        ...under(prefix),
        onCorrupt: () => {},
      })) {
        if (found.length >= limit) return found
        const name = parseReceiptedKey(key)
        if (name === undefined || (prefix === RECEIPTED_PREFIX && name.number <= lostAbove)) continue
        found.push({ key, number: name.number, id: name.id, body: value })
      }
    return found
  }

  private async requeueSubmission(transaction: Transaction, { number, id, body }: Kept): Promise<void> {
    const settled = (await transaction.tryGet<SettledMeta>(keyOf.settled(number))).value
    const sha256 = sha256Of(body)
    if (settled?.id !== id || settled.sha256 !== sha256 || settled.withdrawn) return
    const meta: EntryMeta = { sha256, bytes: body.length, appendedAtMs: madeAtMs(id), published: true }
    transaction.delete(keyOf.settled(number))
    transaction.putBytes(keyOf.body(number, id), body)
    transaction.put(keyOf.entry(number, id), meta)
    const { tally } = transaction
    transaction.tally = { ...tally, entries: tally.entries + 1, bytes: tally.bytes + body.length }
    transaction.afterwards(() => this.core.queue.put({ sequence: number, id, ...meta }))
    const stored = (await transaction.tryGet<StoredRecord>(keyOf.record(id))).value
    if (stored === undefined) return
    const { receiptedMs: _, ...rest } = stored
    transaction.put(keyOf.record(id), rest)
  }

  private requeueEvent(transaction: Transaction, { id, body }: Kept): void {
    this.core.addEvent(transaction, { id, body, sha256: sha256Of(body) })
  }

  private async makeRoom(transaction: Transaction, state: AbisState, bytes: number): Promise<AbisState> {
    let { keptBytes } = state
    if (keptBytes + bytes <= this.bytesMax) return state
    for (const key of await this.keysIn({ ...under(RECEIPTED_PREFIX), limit: MAKE_ROOM_MAX })) {
      // Another settlement of this commit may have dropped it.
      const body = await bodyIn(transaction, key)
      if (body === undefined || keptBytes + bytes <= this.bytesMax) continue
      transaction.delete(key)
      keptBytes -= body.length
    }
    return { ...state, keptBytes: Math.max(0, keptBytes) }
  }

  private async keysIn(range: { from: string; to: string; limit?: number }): Promise<readonly string[]> {
    const keys: string[] = []
    const onCorrupt = (key: string | undefined) => {
      if (key !== undefined) keys.push(key)
    }
    const { limit = ENTRIES_A_COMMIT } = range
    for await (const { key } of this.core.parts.kv.range({ ...range, limit, onCorrupt })) keys.push(key)
    return keys
  }

  private put(transaction: Transaction, state: AbisState): void {
    transaction.put(keyOf.abis, state)
    transaction.afterwards(() => (this.core.abisWentBack = state.lostAbove !== undefined))
  }
}

async function stateIn(transaction: Transaction): Promise<AbisState> {
  // Damaged: the next receipts say it again.
  return (await transaction.tryGet<AbisState>(keyOf.abis)).value ?? NO_ABIS
}

async function bodyIn(transaction: Transaction, key: string): Promise<Uint8Array | undefined> {
  return await transaction.getBytes(key).catch((error: unknown) => {
    if (error instanceof KioskError && error.code === 'kv/corrupt') return undefined
    throw error
  })
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
