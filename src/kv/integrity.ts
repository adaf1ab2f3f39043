import { KioskError } from '../base/errors.ts'
import { sha256 } from '../base/sha256.ts'
import type { Change, Entry } from './kv.ts'

/**
 * What stands on the disk for a value: 16 bytes of tag, then the value. The tag is the start of
 * SHA-256 over the key's length, the key and the value, so neither a flipped bit nor a value that
 * ended up under another key passes. LevelDB's own checksums of tables are not verified on reading
 * (facts: one flipped bit came back as a wrong value, without an error).
 */
const TAG_BYTES = 16
const LENGTH_BYTES = 4
/** A submission of ten fingers with room to spare. */
const CHECKED_BYTES = 64 * 1024

/** Bytes in front of a value: for the length of its key and the key, and later, at their end, for the tag. */
function roomBefore(key: string): number {
  return Math.max(TAG_BYTES, LENGTH_BYTES + Buffer.byteLength(key))
}

/**
 * The tag of `value`, which is brought into `bytes`, in one stretch with what else is hashed:
 *
 *     at                                        valueAt = at + roomBefore(key)
 *      | …  length of the key | key             | value
 */
function tagIn(bytes: Buffer, valueAt: number, key: string, value: Uint8Array): Buffer {
  const keyBytes = Buffer.byteLength(key)
  const from = valueAt - keyBytes - LENGTH_BYTES
  bytes.writeUInt32BE(keyBytes, from)
  bytes.write(key, from + LENGTH_BYTES)
  bytes.set(value, valueAt)
  return sha256(bytes.subarray(from, valueAt + value.length)).subarray(0, TAG_BYTES)
}

/** As it is stored: the tag has taken the place of the end of the key. */
function tagged(bytes: Buffer, valueAt: number, key: string, value: Uint8Array): Uint8Array {
  bytes.set(tagIn(bytes, valueAt, key, value), valueAt - TAG_BYTES)
  return bytes.subarray(valueAt - TAG_BYTES, valueAt + value.length)
}

export function withTag(key: string, value: Uint8Array): Uint8Array {
  const valueAt = roomBefore(key)
  return tagged(Buffer.allocUnsafe(valueAt + value.length), valueAt, key, value)
}

/** The values of a batch share their memory, so keep none of them: taking it piece by piece costs more than the tags. */
export function withTags(changes: readonly Change[]): Change[] {
  let bytesInAll = 0
  for (const change of changes)
    if ('put' in change) bytesInAll += roomBefore(change.put) + change.value.length
  const bytes = Buffer.allocUnsafe(bytesInAll)
  let at = 0
  return changes.map(change => {
    if (!('put' in change)) return change
    const { put, value } = change
    const valueAt = at + roomBefore(put)
    at = valueAt + value.length
    return { put, value: tagged(bytes, valueAt, put, value) }
  })
}

/** For checking: the audit at start checks every submission, and memory for each costs more than the hashing. */
const checked = Buffer.alloc(CHECKED_BYTES)

/** The value without its tag. Throws `kv/corrupt`, naming the key. */
export function withoutTag(key: string, stored: Uint8Array): Uint8Array {
  const value = stored.subarray(TAG_BYTES)
  const valueAt = roomBefore(key)
  const bytes = valueAt + value.length
  const tag = tagIn(bytes > CHECKED_BYTES ? Buffer.allocUnsafe(bytes) : checked, valueAt, key, value)
  if (stored.length < TAG_BYTES || !tag.equals(stored.subarray(0, TAG_BYTES)))
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
