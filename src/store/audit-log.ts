import { createHash } from 'node:crypto'
import type { Kv } from '../kv/kv.ts'
import { decodeValue, encodeValue, keyOf, lastPart, under } from './layout.ts'
import type { Transaction } from './transaction.ts'

/**
 * Who did what when. Each entry holds the hash of the one before, so that one taken out or changed
 * shows, even to somebody who holds the data key. No biometric bytes and no NIK: ids only.
 */
export interface AuditEntry {
  readonly number: number
  readonly at: string
  readonly who: string
  readonly what: 'enrolled' | 'replaced' | 'set-aside' | 'taken-back' | 'withdrawn' | 'erased'
  /** Of the record. */
  readonly id: string
  readonly reason?: string
  /** SHA-256 of the entry before, hex; empty for the first. */
  readonly previous: string
}

/** The last entry's number and hash; 0 and empty where there is none. */
export interface AuditHead {
  readonly number: number
  readonly hash: string
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

export function appendAuditEntry(
  transaction: Transaction,
  entry: Omit<AuditEntry, 'number' | 'previous'>,
): void {
  const { number, hash } = transaction.tally.auditHead
  const bytes = encodeValue({ number: number + 1, ...entry, previous: hash } satisfies AuditEntry)
  transaction.putBytes(keyOf.audit(number + 1), bytes)
  transaction.tally = { ...transaction.tally, auditHead: { number: number + 1, hash: hashOf(bytes) } }
}

/**
 * Where the chain goes on. After damage at its end it goes on behind the damaged number with no
 * previous hash, so that the break stays visible.
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

/** Every entry that can be read, oldest first; `intact` is false where the chain is broken before it. */
export async function* readAuditLog(kv: Kv): AsyncIterable<{ entry: AuditEntry; intact: boolean }> {
  let expected: AuditHead = { number: 0, hash: '' }
  for await (const { key, value } of kv.range({ ...under('audit/'), onCorrupt: () => {} })) {
    const entry = decodeValue<AuditEntry>(key, value)
    const intact = entry.number === expected.number + 1 && entry.previous === expected.hash
    expected = { number: entry.number, hash: hashOf(value) }
    yield { entry, intact }
  }
}
