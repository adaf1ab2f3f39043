import { strict as assert } from 'node:assert'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Kv } from '../kv/kv.ts'
import type { KioskRecord } from '../record/record.ts'
import { type AuditHead, nextAuditPage, readAuditHead } from './audit-log.ts'
import { auditAtBoot } from './boot-audit.ts'
import { readEvents } from './events.ts'
import { DAMAGED } from './held.ts'
import type { HighWaterMark } from './high-water-mark.ts'
import {
  type AbisState,
  type AsideMeta,
  keyOf,
  type LastGroup,
  type StoredRecord,
  type StoreMeta,
} from './layout.ts'
import type { AuditFinding } from './ports.ts'
import { Queue } from './queue.ts'
import { type Tally, Transaction, Writer } from './transaction.ts'

const FINDINGS_MAX = 1000
const EPOCH_BYTES = 16
/** How long the mark of the last enrolment stays unconfirmed; longer than from one of a row to the next. */
const CONFIRM_AFTER_MS = 250

export interface CoreParts {
  /** Values sealed already; the bodies as they are. */
  readonly kv: Kv
  readonly clock: Clock
  readonly highWaterMark: HighWaterMark
  readonly log: Log
  random(bytes: number): Uint8Array
}

/**
 * What store and outbox share: the one writer, what memory holds of the outbox, and the mark.
 *
 * Always true:
 * - Database and mark are written at the same time, and only when the disk has both does anybody learn of a
 *   new sequence number. So a number above the mark was never acknowledged. One that only the mark knows was
 *   not either, as long as the mark says that it was unconfirmed; it is given out again.
 * - The next commit, or a moment without one, confirms the mark: a number is confirmed before its submission
 *   is published, since that takes a commit.
 * - After a failed write nobody knows what the disk holds: it is read and audited anew before anything
 *   else is decided.
 */
export class Core {
  queue = new Queue()
  /** Events that wait for their receipt: number → of which record, and the hash of the sealed bytes. */
  events = new Map<number, { readonly id: string; readonly sha256: string }>()
  /** The ABIS was set back, and not everything that it lost is in the queue again. */
  abisWentBack = false
  /** Every number up to this one is settled, and the ledger has no entry of its own for it. */
  settledThrough = 0
  findings: AuditFinding[] = []
  bootEpoch = ''
  private tallied: Tally | undefined
  private auditHead: AuditHead = { number: 0, hash: '' }
  private stale = true
  /** The last number that the mark knows for certain. */
  private confirmed = 0
  private readonly closing = new AbortController()
  private confirming: Promise<void> | undefined
  private readonly writer = new Writer(
    () => this.begin(),
    transaction => this.commit(transaction),
  )
  private readonly listeners = new Set<(record: KioskRecord) => void>()

  constructor(readonly parts: CoreParts) {}

  get tally(): Tally {
    assert(this.tallied)
    return this.tallied
  }

  /** `reads`: keys that the work will ask for. */
  run<T>(work: (transaction: Transaction) => Promise<T>, reads?: readonly string[]): Promise<T> {
    return this.writer.run(work, reads)
  }

  /** What is committed, for reading only: nobody waits for the writer. */
  reading(): Transaction {
    return new Transaction(key => this.parts.kv.get(key), this.tally)
  }

  /** Memory agrees with the disk, or this rejects with `kv/io`. */
  async fresh(): Promise<void> {
    if (this.stale) await this.run(async () => {})
  }

  async close(): Promise<void> {
    this.closing.abort()
    await this.confirming
    await this.writer.idle()
    await this.parts.highWaterMark.close()
    await this.parts.kv.close()
  }

  onRecord(listener: (record: KioskRecord) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Keeps the record, and tells the listeners once it is durable. */
  putRecord(transaction: Transaction, stored: StoredRecord): void {
    transaction.put(keyOf.record(stored.record.id), stored)
    transaction.afterwards(() => {
      for (const listener of this.listeners) {
        try {
          listener(stored.record)
        } catch (error) {
          this.parts.log.error('store/listener', { message: String(error) })
        }
      }
    })
  }

  /** Puts a sealed event into the queue of those that wait. */
  addEvent(transaction: Transaction, event: { id: string; sha256: string; body: Uint8Array }): void {
    const { id, sha256, body } = event
    const number = Math.max(0, ...this.events.keys(), ...transaction.eventNumbers) + 1
    transaction.eventNumbers.push(number)
    transaction.putBytes(keyOf.event(number, id), body)
    transaction.afterwards(() => this.events.set(number, { id, sha256 }))
  }

  report(finding: AuditFinding): void {
    this.parts.log.error('store/audit', { ...finding })
    const known = this.findings.some(
      ({ kind, sequence, id }) => kind === finding.kind && sequence === finding.sequence && id === finding.id,
    )
    if (!known && this.findings.length < FINDINGS_MAX) this.findings.push(finding)
  }

  private async begin() {
    if (this.stale) await this.load()
    return { read: (key: string) => this.parts.kv.get(key), tally: this.tally }
  }

  private async commit(transaction: Transaction): Promise<void> {
    const { highest } = this.tally
    if (transaction.tally.highest > highest)
      transaction.put(keyOf.group, { first: highest + 1 } satisfies LastGroup)
    const mark = { bootEpoch: this.bootEpoch, sequence: transaction.tally.highest, confirmed: highest }
    const needsMark = this.confirmed < mark.sequence
    try {
      await bothOrNeither([
        transaction.isEmpty ? undefined : this.write(transaction),
        needsMark ? this.parts.highWaterMark.write(mark) : undefined,
      ])
    } catch (error) {
      this.stale = true
      await this.parts.highWaterMark.close()
      this.parts.log.error('store/write-failed', { code: error instanceof KioskError ? error.code : '' })
      throw error
    }
    if (needsMark) this.confirmed = mark.confirmed
    this.tallied = transaction.tally
    transaction.applyEffects()
    if (this.confirmed < mark.sequence) this.confirming ??= this.confirmSoon()
  }

  /** By a commit without changes, where none of another kind comes first. */
  private async confirmSoon(): Promise<void> {
    await this.parts.clock.sleep(CONFIRM_AFTER_MS, this.closing.signal).catch(() => {})
    this.confirming = undefined
    // What fails here fails again for whoever comes next, after a look at the disk.
    await this.run(async () => {}).catch(() => {})
  }

  /** With a page of the audit log. */
  private async write(transaction: Transaction): Promise<void> {
    if (transaction.audit.length === 0) return await transaction.writeTo(this.parts.kv)
    const { key, bytes, head } = nextAuditPage(this.auditHead, transaction.audit)
    transaction.putBytes(key, bytes)
    await transaction.writeTo(this.parts.kv)
    this.auditHead = head
  }

  /** Reads everything, says what is wrong, and sets aside what is damaged. */
  private async load(): Promise<void> {
    const { kv, highWaterMark, clock, log, random } = this.parts
    await mustOpenWithOurKey(kv)
    const isStart = this.tallied === undefined
    const audit = await auditAtBoot(kv, await highWaterMark.read(), this.tallied?.highest)
    // It has read everything; afterwards others may be reading.
    if (isStart) await kv.shrink()
    this.bootEpoch = audit.bootEpoch ?? Buffer.from(random(EPOCH_BYTES)).toString('hex')
    // The mark first: a new data folder whose mark is missing would be one that lost it.
    const { highest } = audit
    if (audit.markStale)
      await highWaterMark.write({ bootEpoch: this.bootEpoch, sequence: highest, confirmed: highest })
    this.confirmed = highest
    this.settledThrough = audit.settledThrough

    const transaction = new Transaction(key => kv.get(key), {
      highest,
      entries: audit.queue.length,
      bytes: audit.queue.reduce((bytes, entry) => bytes + entry.bytes, 0),
    })
    this.auditHead = await readAuditHead(kv)
    if (!audit.hasMeta)
      transaction.put(keyOf.meta, { format: 1, bootEpoch: this.bootEpoch } satisfies StoreMeta)
    for (const { sequence, id } of audit.newlyAside) {
      const atMs = clock.nowMs()
      transaction.put(keyOf.aside(sequence, id), { reason: DAMAGED, atMs } satisfies AsideMeta)
      const at = new Date(atMs).toISOString()
      transaction.audit.push({ at, who: 'audit', what: 'set-aside', id, reason: DAMAGED })
    }
    if (!transaction.isEmpty) await this.write(transaction)

    this.queue = new Queue()
    for (const entry of audit.queue) this.queue.put(entry)
    this.events = await readEvents(kv, finding => this.report(finding))
    const abis = (await transaction.tryGet<AbisState>(keyOf.abis)).value
    this.abisWentBack = abis?.lostAbove !== undefined
    this.tallied = transaction.tally
    this.stale = false
    for (const finding of audit.findings) this.report(finding)
    log.info('store/open', {
      waiting: this.queue.count,
      held: audit.queue.length,
      highest,
      findings: audit.findingsTotal,
    })
  }
}

/** Waits for all of them, whatever becomes of each: nothing may come behind a failure. */
async function bothOrNeither(writes: readonly (Promise<void> | undefined)[]): Promise<void> {
  const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') throw failed.reason
}

/**
 * Under a wrong key everything looks damaged, and setting all of it aside would be the real damage.
 * A value that is whole but does not open tells the two apart. Throws `store/wrong-key`.
 */
async function mustOpenWithOurKey(kv: Kv): Promise<void> {
  try {
    await kv.get(keyOf.meta)
  } catch (error) {
    if (!(error instanceof KioskError) || error.code !== 'kv/corrupt') throw error
    if (error.details.whole === true) throw new KioskError('store/wrong-key', {}, { cause: error })
  }
}
