/**
 * An encrypted body: a compact JWE (ECDH-ES on P-256, A256GCM) around a compact JWS. `kid` says to
 * which key, `cty` what is inside, so that a body on the wrong topic is refused before it costs a
 * decryption. No `zip`: nothing from outside is unpacked to a size that it chooses itself.
 */
import type { KeyObject } from 'node:crypto'
import { CompactEncrypt, compactDecrypt } from 'jose'
import { z } from 'zod'
import { KioskError } from '../base/errors.ts'
import { malformed, readHeader, splitCompact } from './compact.ts'
import type { SealedType } from './seal.ts'
import { checkType, typeHeader } from './signed.ts'

const ALGORITHMS = { alg: 'ECDH-ES', enc: 'A256GCM' } as const
/** 96 and 128 bits in base64url. */
const IV_CHARS = 16
const TAG_CHARS = 22
const coordinate = z.string().length(43)

const headerSchema = z.strictObject({
  alg: z.literal(ALGORITHMS.alg),
  enc: z.literal(ALGORITHMS.enc),
  kid: z.string().length(43),
  cty: z.string(),
  epk: z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
})

export interface Recipient {
  readonly kid: string
  readonly publicKey: KeyObject
}

export async function encryptTo(recipient: Recipient, type: SealedType, jws: string): Promise<string> {
  const plaintext = Buffer.from(jws, 'latin1')
  try {
    return await new CompactEncrypt(plaintext)
      .setProtectedHeader({ ...ALGORITHMS, kid: recipient.kid, cty: typeHeader(type) })
      .encrypt(recipient.publicKey)
  } finally {
    plaintext.fill(0)
  }
}

/**
 * What is inside. The caller wipes it. Rejects with `seal/malformed` (also where a single bit was
 * changed), `seal/wrong-type`, `seal/wrong-key`.
 */
export async function decryptWith(
  keyOf: (kid: string) => KeyObject | undefined,
  type: SealedType,
  body: Uint8Array,
): Promise<Uint8Array> {
  const parts = splitCompact(body, 5)
  const [, encryptedKey, iv, , tag] = parts.lengths
  if (encryptedKey !== 0 || iv !== IV_CHARS || tag !== TAG_CHARS) throw malformed('parts')
  const header = headerSchema.safeParse(readHeader(parts.header))
  if (!header.success) throw malformed('header')
  checkType(header.data.cty, type)
  const key = keyOf(header.data.kid)
  if (key === undefined) throw new KioskError('seal/wrong-key', { type })
  const opened = await compactDecrypt(body, key, {
    keyManagementAlgorithms: [ALGORITHMS.alg],
    contentEncryptionAlgorithms: [ALGORITHMS.enc],
    maxDecompressedLength: 0,
  }).catch(() => undefined)
  if (opened === undefined) throw malformed('decryption')
  return opened.plaintext
}
