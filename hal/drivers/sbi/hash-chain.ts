import { createHash } from 'node:crypto'

/** Before the first capture: of nothing. */
export const HASH_OF_NOTHING = createHash('sha256').digest('hex').toUpperCase()

/**
 * The hash of a capture: it shows which one came before, so that none can be taken out or put in.
 *
 *     hash(n) = SHA-256( hash(n−1) | SHA-256(record) ), both as 32 raw bytes; in upper-case hexadecimal
 */
export function nextHash(previousHash: string, record: Uint8Array): string {
  return createHash('sha256')
    .update(Buffer.from(previousHash, 'hex'))
    .update(createHash('sha256').update(record).digest())
    .digest('hex')
    .toUpperCase()
}
