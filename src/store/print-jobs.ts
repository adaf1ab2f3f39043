import { KioskError } from '../base/errors.ts'
import type { PrintJob, PrintOffer } from '../record/print-job.ts'
import type { Core } from './core.ts'
import type { Events } from './events.ts'
import { decodeValue, keyOf, type PrintedMeta, type StoredRecord, under } from './layout.ts'
import type { PrintQueue, SealEvent } from './ports.ts'
import type { Transaction } from './transaction.ts'

/** Nobody needs more papers at once. */
const JOBS_A_RECORD_MAX = 8
/** Of all jobs together, as they are kept. */
const BYTES_MAX = 128 * 1024 * 1024
/**
 * That a job was printed is known for this long. The centre sends it until it has heard so, and once more where it was
 * set back to a backup: far longer ago than that nobody sends anything.
 */
const PRINTED_MS_MAX = 90 * 24 * 3_600_000
/** A sweep, and a commit of one. */
const SWEPT_MAX = 10_000
const SWEPT_A_COMMIT = 50

/**
 * What the centre sent to be printed here: kept, sealed under the data key, until it is printed. The ABIS learns of
 * that by an event in the batch that forgets the job. Whoever loses power between paper and disk prints again.
 */
export class PrintJobs implements PrintQueue {
  private bytes: number | undefined

  constructor(
    private readonly core: Core,
    private readonly events: Events,
  ) {}

  /**
   * Durable when it resolves. False: it is here or was printed already. Rejects with `store/unknown-record` where its
   * record was not made here or was withdrawn, and with `store/full`.
   */
  async keep(job: PrintJob): Promise<boolean> {
    await this.core.fresh()
    this.bytes ??= await this.countBytes()
    const waiting = await this.of(job.id)
    const key = keyOf.print(job.id, job.job)
    const { bytes } = this
    return await this.core.run(
      async transaction => {
        const stored = await transaction.get<StoredRecord>(keyOf.record(job.id))
        if (stored === undefined || stored.withdrawn)
          throw new KioskError('store/unknown-record', { id: job.id })
        const isKnown =
          (await transaction.getBytes(key)) !== undefined ||
          (await transaction.getBytes(keyOf.printed(job.job))) !== undefined
        if (isKnown) return false
        if (waiting.length >= JOBS_A_RECORD_MAX || bytes + job.bytes.length > BYTES_MAX)
          throw new KioskError('store/full', { limitedBy: 'print-jobs' })
        transaction.put(key, job)
        transaction.afterwards(() => {
          if (this.bytes !== undefined) this.bytes += job.bytes.length
        })
        return true
      },
      [keyOf.record(job.id), key, keyOf.printed(job.job)],
    )
  }

  /** What waits for the holder of this record's receipt, oldest first. */
  async of(id: string): Promise<readonly PrintOffer[]> {
    const jobs: PrintOffer[] = []
    for await (const { job, title, kind } of this.all(keyOf.print(id, ''))) jobs.push({ job, title, kind })
    return jobs
  }

  async get(id: string, job: string): Promise<PrintJob | undefined> {
    await this.core.fresh()
    const key = keyOf.print(id, job)
    const bytes = await this.core.parts.kv.get(key)
    return bytes && decodeValue<PrintJob>(key, bytes)
  }

  /** It lies in the tray: forgotten here, and told the ABIS. Safe to repeat. */
  async printed({ id, job, kind, bytes }: PrintJob, seal: SealEvent): Promise<void> {
    await this.core.run(async transaction => {
      const key = keyOf.print(id, job)
      if ((await transaction.getBytes(key)) === undefined) return
      const at = new Date(this.core.parts.clock.nowMs()).toISOString()
      transaction.delete(key)
      transaction.put(keyOf.printed(job), { atMs: Date.parse(at) } satisfies PrintedMeta)
      const event = kind === 'card' ? 'card-printed' : 'document-printed'
      await this.events.add(transaction, seal, { id, event, at, job })
      transaction.audit.push({ at, who: 'kiosk', what: event, id })
      // As it is: the relay listens to records, and has something to tell now.
      const stored = await transaction.get<StoredRecord>(keyOf.record(id))
      if (stored !== undefined) this.core.putRecord(transaction, stored)
      transaction.afterwards(() => {
        if (this.bytes !== undefined) this.bytes -= bytes.length
      })
    })
  }

  /** Forgets what was printed long ago. */
  async sweep(): Promise<void> {
    const { kv, clock } = this.core.parts
    const beforeMs = clock.nowMs() - PRINTED_MS_MAX
    const old: string[] = []
    /** As they were kept before they had a time: it begins now. */
    const undated: string[] = []
    const onCorrupt = () => this.core.report({ kind: 'value-corrupt' })
    for await (const { key, value } of kv.range({ ...under('printed/'), onCorrupt })) {
      if (value.length === 0) undated.push(key)
      else if (decodeValue<PrintedMeta>(key, value).atMs < beforeMs) old.push(key)
      if (old.length + undated.length === SWEPT_MAX) break
    }
    while (undated.length > 0) {
      const keys = undated.splice(0, SWEPT_A_COMMIT)
      await this.core.run(async transaction => {
        for (const key of keys) transaction.put(key, { atMs: clock.nowMs() } satisfies PrintedMeta)
      })
    }
    while (old.length > 0) {
      const keys = old.splice(0, SWEPT_A_COMMIT)
      await this.core.run(async transaction => {
        for (const key of keys) transaction.delete(key)
      })
    }
  }

  /** `transaction`: of the record's withdrawal. */
  async erase(transaction: Transaction, id: string): Promise<void> {
    for (const { job } of await this.of(id)) transaction.delete(keyOf.print(id, job))
    for (const key of transaction.putUnder(keyOf.print(id, ''))) transaction.delete(key)
    transaction.afterwards(() => {
      this.bytes = undefined
    })
  }

  private async countBytes(): Promise<number> {
    let bytes = 0
    for await (const job of this.all(keyOf.print('', '').slice(0, -1))) bytes += job.bytes.length
    return bytes
  }

  /** Damaged ones are told, and left. */
  private async *all(prefix: string): AsyncIterable<PrintJob> {
    const onCorrupt = () => this.core.report({ kind: 'value-corrupt' })
    for await (const { key, value } of this.core.parts.kv.range({ ...under(prefix), onCorrupt }))
      yield decodeValue<PrintJob>(key, value)
  }
}
