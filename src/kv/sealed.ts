import { strict as assert } from 'node:assert'
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { KioskError } from '../base/errors.ts'
import type { Change, Entry, Kv, Range } from './kv.ts'

const NONCE_BYTES = 12
const NONCES_AT_ONCE = 256
const TAG_BYTES = 16
export const DATA_KEY_BYTES = 32

/**
 * A `Kv` whose values are AES-256-GCM on the one below: nonce, ciphertext, tag. The entry's key is the
 * associated data, so a value moved under another key does not open. A value that does not open is
 * `kv/corrupt`, with `details.whole` where the store below had it whole: sealed under another data key.
 *
 * Nonces are 96 random bits. NIST SP 800-38D (8.3) allows 2^32 values under one key that way; a kiosk
 * that enrols 500 people a day, 40 values each, writes 2^27 in twenty years.
 *
 * Keys that start with one of `plainPrefixes` pass as they are: what is sealed already, to somebody else.
 */
export function sealedValues(
  kv: Kv,
  dataKey: Uint8Array,
  options: { plainPrefixes?: readonly string[] } = {},
): Kv {
  assert(dataKey.length === DATA_KEY_BYTES)
  // Made once: made for every value it costs as much as the sealing.
  const secret = createSecretKey(dataKey)
  const isPlain = (key: string) => options.plainPrefixes?.some(prefix => key.startsWith(prefix)) === true
  const openValue = (key: string, value: Uint8Array) =>
    isPlain(key) ? value : unsealValue(secret, key, value)
  return {
    async get(key) {
      const value = await kv.get(key)
      return value && openValue(key, value)
    },
    async write(changes: readonly Change[]) {
      await kv.write(
        changes.map(change =>
          'delete' in change || isPlain(change.put)
            ? change
            : { put: change.put, value: sealValue(secret, change.put, change.value) },
        ),
      )
    },
    async *range(range: Range): AsyncIterable<Entry> {
      // The limit counts values that open, so it cannot be left to the store below.
      let left = range.limit ?? Number.POSITIVE_INFINITY
      if (left <= 0) return
      const { limit: _, ...unlimited } = range
      for await (const { key, value } of kv.range(range.onCorrupt ? unlimited : range)) {
        let plain: Uint8Array
        try {
          plain = openValue(key, value)
        } catch (error) {
          if (!range.onCorrupt) throw error
          range.onCorrupt(key)
          continue
        }
        yield { key, value: plain }
        if (--left <= 0) return
      }
    },
    shrink: () => kv.shrink(),
    close: () => kv.close(),
  }
}

/** As a value of a sealed `Kv` stands on the one below: nonce, ciphertext, tag. */
export function sealValue(dataKey: Uint8Array | KeyObject, key: string, value: Uint8Array): Uint8Array {
  const nonce = newNonce()
  const cipher = createCipheriv('aes-256-gcm', dataKey, nonce)
  cipher.setAAD(Buffer.from(key))
  const sealed = Buffer.allocUnsafe(NONCE_BYTES + value.length + TAG_BYTES)
  sealed.set(nonce)
  sealed.set(cipher.update(value), NONCE_BYTES)
  // GCM keeps nothing back.
  cipher.final()
  sealed.set(cipher.getAuthTag(), NONCE_BYTES + value.length)
  return sealed
}

/** Asked for one by one, random bytes cost more than the sealing. */
let nonces = new Uint8Array()

function newNonce(): Uint8Array {
  if (nonces.length === 0) nonces = randomBytes(NONCES_AT_ONCE * NONCE_BYTES)
  const nonce = nonces.subarray(0, NONCE_BYTES)
  nonces = nonces.subarray(NONCE_BYTES)
  return nonce
}

/** Throws `kv/corrupt`. */
export function unsealValue(dataKey: Uint8Array | KeyObject, key: string, sealed: Uint8Array): Uint8Array {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) throw new KioskError('kv/corrupt', { key })
  const decipher = createDecipheriv('aes-256-gcm', dataKey, sealed.subarray(0, NONCE_BYTES))
  decipher.setAAD(Buffer.from(key))
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  try {
    const ciphertext = sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES)
    const plain = decipher.update(ciphertext)
    // GCM keeps nothing back: this is the tag's check.
    decipher.final()
    return plain
  } catch (error) {
    throw new KioskError('kv/corrupt', { key, whole: true }, { cause: error })
  }
}
