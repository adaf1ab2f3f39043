import { createHash } from 'node:crypto'
import { KioskError } from '../base/errors.ts'
import type { Change, Kv } from './kv.ts'

const NUMBER_DIGITS = 12

interface Head {
  readonly number: number
  readonly hash: string
}

interface Page<Entry> {
  readonly number: number
  readonly entry: Entry
  /** SHA-256 of the page before as it stands in the store, hex; empty for the first. */
  readonly previous: string
}

/**
 * Who did what when, so that a page taken out or changed shows: each holds the hash of the one before. A page is
 * written in the same batch as what it tells of; one batch at a time.
 */
export class AuditChain<Entry> {
  private writing: Promise<unknown> = Promise.resolve()

  private constructor(
    private readonly kv: Kv,
    private readonly prefix: string,
    /** Undefined after a write that failed: it may have been made. */
    private head: Head | undefined,
  ) {}

  /** `prefix` ends in `/`; what is below it belongs to this chain alone. Rejects with `kv/corrupt`, `kv/io`. */
  static async open<Entry>(kv: Kv, prefix: string): Promise<AuditChain<Entry>> {
    return new AuditChain(kv, prefix, await readHead(kv, prefix))
  }

  /** All of it in one batch. Rejects with `kv/io`, `kv/busy`; then nothing is told of what may not have been done. */
  write(entry: Entry, changes: readonly Change[]): Promise<void> {
    const done = this.writing.then(async () => {
      const head = this.head ?? (await readHead(this.kv, this.prefix))
      this.head = undefined
      const number = head.number + 1
      const page: Page<Entry> = { number, entry, previous: head.hash }
      const value = Buffer.from(JSON.stringify(page))
      const put = `${this.prefix}${String(number).padStart(NUMBER_DIGITS, '0')}`
      await this.kv.write([...changes, { put, value }])
      this.head = { number, hash: hashOf(value) }
    })
    this.writing = done.catch(() => {})
    return done
  }

  /** Oldest first; `intact` is false where the chain is broken before this entry. Throws `kv/corrupt`. */
  async *entries(): AsyncIterable<{
    readonly number: number
    readonly entry: Entry
    readonly intact: boolean
  }> {
    let before = { number: 0, hash: '' }
    for await (const { key, value } of this.kv.range(pagesOf(this.prefix))) {
      const { number, entry, previous } = pageIn<Entry>(key, value)
      const intact = number === before.number + 1 && previous === before.hash
      before = { number, hash: hashOf(value) }
      yield { number, entry, intact }
    }
  }
}

/** Of the last page. */
async function readHead(kv: Kv, prefix: string): Promise<Head> {
  for await (const { key, value } of kv.range({ ...pagesOf(prefix), reverse: true, limit: 1 }))
    return { number: Number(key.slice(prefix.length)), hash: hashOf(value) }
  return { number: 0, hash: '' }
}

function pagesOf(prefix: string): { from: string; to: string } {
  return { from: prefix, to: `${prefix}\uffff` }
}

function pageIn<Entry>(key: string, bytes: Uint8Array): Page<Entry> {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as Page<Entry>
  } catch (cause) {
    throw new KioskError('kv/corrupt', { key }, { cause })
  }
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
