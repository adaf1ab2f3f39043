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
 * - The database is written first, the mark second, and only then does anybody learn of a new sequence
 *   number. So a number above the mark was never acknowledged, and one below it is never reused.
 * - After a failed write nobody knows what the disk holds: it is read and audited anew before anything
 *   else is decided.
 */
export class Core {
  queue = new Queue()
  /** Events that wait for their receipt: number → of which record, and the hash of the sealed bytes. */
  events = new Map<number, { readonly id: string; readonly sha256: string }>()
  /** The ABIS was set back, and not everything that it lost is in the queue again. */
  abisWentBack = false
  findings: AuditFinding[] = []
  bootEpoch = ''
  private tallied: Tally | undefined
  private auditHead: AuditHead = { number: 0, hash: '' }
  private stale = true
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
    const gaveOut = transaction.tally.highest > this.tally.highest
    if (gaveOut) transaction.put(keyOf.group, { first: this.tally.highest + 1 } satisfies LastGroup)
    if (!transaction.isEmpty) {
      try {
        await this.write(transaction)
        if (gaveOut)
          await this.parts.highWaterMark.write({
            bootEpoch: this.bootEpoch,
            sequence: transaction.tally.highest,
          })
      } catch (error) {
        this.stale = true
        this.parts.log.error('store/write-failed', { code: error instanceof KioskError ? error.code : '' })
        throw error
      }
    }
    this.tallied = transaction.tally
    transaction.applyEffects()
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
    const audit = await auditAtBoot(kv, await highWaterMark.read())
    this.bootEpoch = audit.bootEpoch ?? Buffer.from(random(EPOCH_BYTES)).toString('hex')
    // The mark first: a new data folder whose mark is missing would be one that lost it.
    if (audit.markStale) await highWaterMark.write({ bootEpoch: this.bootEpoch, sequence: audit.highest })

    const transaction = new Transaction(key => kv.get(key), {
      highest: audit.highest,
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
      highest: audit.highest,
      findings: audit.findingsTotal,
    })
  }
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
