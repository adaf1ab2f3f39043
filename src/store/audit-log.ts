import { createHash } from 'node:crypto'
import type { Kv } from '../kv/kv.ts'
import { decodeValue, encodeValue, keyOf, lastPart, under } from './layout.ts'

/** Months of a busy kiosk. */
const PAGES_BACK_MAX = 10_000

/** Who did what when. No biometric bytes and no NIK: ids only. */
export interface AuditEntry {
  readonly at: string
  readonly who: string
  readonly what:
    | 'enrolled'
    | 'replaced'
    | 'set-aside'
    | 'taken-back'
    | 'withdrawn'
    | 'card-printed'
    | 'document-printed'
    | 'templates-erased'
    | 'went-back'
    | 'housing-opened'
    | 'housing-answered-for'
    | 'data-key-erased'
  /** Of the record; absent where it was done to the kiosk. */
  readonly id?: string
  readonly reason?: string
}

/**
 * What one commit did. Each page holds the hash of the one before, so that a page taken out or changed
 * shows, even when it was done by somebody who holds the data key.
 */
interface AuditPage {
  readonly number: number
  readonly entries: readonly AuditEntry[]
  /** SHA-256 of the page before, hex; empty for the first. */
  readonly previous: string
}

/** The last page's number and hash; 0 and empty where there is none. */
export interface AuditHead {
  readonly number: number
  readonly hash: string
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The next page as it is stored, and the head that it makes. */
export function nextAuditPage(
  head: AuditHead,
  entries: readonly AuditEntry[],
): { key: string; bytes: Uint8Array; head: AuditHead } {
  const number = head.number + 1
  const bytes = encodeValue({ number, entries, previous: head.hash } satisfies AuditPage)
  return { key: keyOf.audit(number), bytes, head: { number, hash: hashOf(bytes) } }
}

/**
 * Where the chain goes on. After damage at its end it goes on behind the damaged page with no previous
 * hash, so that the break stays visible.
 */
export async function readAuditHead(kv: Kv): Promise<AuditHead> {
  let damaged = 0
  const onCorrupt = (key: string | undefined) => {
    damaged = Math.max(damaged, Number(lastPart(key ?? '')) || 0)
  }
  for await (const { key, value } of kv.range({ ...under('audit/'), reverse: true, limit: 1, onCorrupt })) {
    const number = Number(lastPart(key))
    return number > damaged ? { number, hash: hashOf(value) } : { number: damaged, hash: '' }
  }
  return { number: damaged, hash: '' }
}

/** Every entry that can be read, oldest first; `intact` is false where the chain is broken before its page. */
export async function* readAuditLog(
  kv: Kv,
): AsyncIterable<{ entry: AuditEntry; page: number; intact: boolean }> {
  let before: AuditHead = { number: 0, hash: '' }
  for await (const { key, value } of kv.range({ ...under('audit/'), onCorrupt: () => {} })) {
    const page = decodeValue<AuditPage>(key, value)
    const intact = page.number === before.number + 1 && page.previous === before.hash
    before = { number: page.number, hash: hashOf(value) }
    for (const entry of page.entries) yield { entry, page: page.number, intact }
  }
}

/** The latest entry of these kinds, of the last pages that can be read. */
export async function latestAuditEntry(
  kv: Kv,
  kinds: readonly AuditEntry['what'][],
): Promise<AuditEntry | undefined> {
  for await (const { key, value } of kv.range({
    ...under('audit/'),
    reverse: true,
    limit: PAGES_BACK_MAX,
    onCorrupt: () => {},
  })) {
    const { entries } = decodeValue<AuditPage>(key, value)
    const found = entries.findLast(({ what }) => kinds.includes(what))
    if (found !== undefined) return found
  }
  return undefined
}
