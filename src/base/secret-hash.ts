import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const SALT_BYTES = 16
const HASH_BYTES = 32
/** A twentieth of a second and 16 MiB a try: what is short still needs a limit on tries. */
const COST = { N: 2 ** 14, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }
const stretch = promisify<string, Buffer, number, object, Buffer>(scrypt)

/** `scrypt:<salt>:<hash>`, base64url: what is kept in place of a PIN or password. */
export async function hashSecret(secret: string, salt: Buffer = randomBytes(SALT_BYTES)): Promise<string> {
  const hash = await stretch(secret, salt, HASH_BYTES, COST)
  return `scrypt:${salt.toString('base64url')}:${hash.toString('base64url')}`
}

/** Takes as long for every `secret`. `hash` is one that `hashSecret` made. */
export async function isSecret(secret: string, hash: string): Promise<boolean> {
  const salt = Buffer.from(hash.split(':')[1], 'base64url')
  return timingSafeEqual(Buffer.from(await hashSecret(secret, salt)), Buffer.from(hash))
}
