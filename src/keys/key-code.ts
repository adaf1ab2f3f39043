import { createHash } from 'node:crypto'

/** Crockford's base 32: no I, L, O, U, which people take for other signs. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const GROUPS = 3
const GROUP_SIGNS = 4
const BITS_PER_SIGN = 5n

/**
 * What two people compare to know that they speak of the same public key (DER of a SubjectPublicKeyInfo):
 * `7QK4-9M2X-3FTD`, 60 bits of its SHA-256. Whoever wants another key with the same code has to make about 2^60.
 */
export function keyCode(publicKey: Uint8Array): string {
  const digest = createHash('sha256').update(publicKey).digest()
  const signs = Array.from({ length: GROUPS * GROUP_SIGNS }, (_, index) => {
    const shift = 64n - BITS_PER_SIGN * BigInt(index + 1)
    return ALPHABET[Number((digest.readBigUInt64BE(0) >> shift) & 31n)]
  }).join('')
  return (signs.match(new RegExp(`.{${GROUP_SIGNS}}`, 'g')) ?? []).join('-')
}
