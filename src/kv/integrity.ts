import { createHash } from 'node:crypto'
import { KioskError } from '../base/errors.ts'
import type { Entry } from './kv.ts'

/**
 * What stands on the disk for a value: 16 bytes of tag, then the value. The tag is the start of
 * SHA-256 over the key's length, the key and the value, so neither a flipped bit nor a value that
 * ended up under another key passes. LevelDB's own checksums of tables are not verified on reading
 * (facts: one flipped bit came back as a wrong value, without an error).
 */
const TAG_BYTES = 16
const LENGTH_BYTES = 4

function tagOf(key: string, value: Uint8Array): Buffer {
  const named = Buffer.allocUnsafe(LENGTH_BYTES + Buffer.byteLength(key))
  named.writeUInt32BE(named.length - LENGTH_BYTES)
  named.write(key, LENGTH_BYTES)
  return createHash('sha256').update(named).update(value).digest().subarray(0, TAG_BYTES)
}

export function withTag(key: string, value: Uint8Array): Uint8Array {
  const stored = Buffer.allocUnsafe(TAG_BYTES + value.length)
  stored.set(tagOf(key, value))
  stored.set(value, TAG_BYTES)
  return stored
}

/** The value without its tag. Throws `kv/corrupt`, naming the key. */
export function withoutTag(key: string, stored: Uint8Array): Uint8Array {
  const value = stored.subarray(TAG_BYTES)
  if (stored.length < TAG_BYTES || !tagOf(key, value).equals(stored.subarray(0, TAG_BYTES)))
    throw new KioskError('kv/corrupt', { key })
  return value
}

/** The entry, its value a view of `stored`, or undefined where it is damaged and `onCorrupt` took note. */
export function readEntry(
  key: string,
  stored: Uint8Array,
  onCorrupt?: (key: string) => void,
): Entry | undefined {
  try {
    return { key, value: withoutTag(key, stored) }
  } catch (error) {
    if (!onCorrupt) throw error
    onCorrupt(key)
    return undefined
  }
}
