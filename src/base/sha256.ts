import crypto from 'node:crypto'

/**
 * SHA-256 of bytes that are all at hand. In one call where Node has it (20.12 and later): for small values an object
 * for each costs more than the hashing.
 */
export const sha256: (bytes: Uint8Array) => Buffer =
  typeof crypto.hash === 'function'
    ? bytes => crypto.hash('sha256', bytes, 'buffer')
    : bytes => crypto.createHash('sha256').update(bytes).digest()
