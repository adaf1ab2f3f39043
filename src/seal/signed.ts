/**
 * A signed body: JSON in a compact JWS. Its header says what it is (`typ`), for whom (`aud`) and by
 * whom (`x5c`, up to the pinned root and without it); nothing else may stand there, so there is no
 * `jku`, `jwk`, `crit` or `alg` to be talked into.
 */
import { compactVerify } from 'jose'
import { z } from 'zod'
import { KioskError } from '../base/errors.ts'
import type { ChainJudge, Signer, Span } from '../keys/chain.ts'
import type { SigningKeys } from '../keys/key-store.ts'
import { malformed, readHeader, splitCompact } from './compact.ts'
import { type SealedType, sealedTypes } from './seal.ts'

const CHAIN_MAX = 3
const CERTIFICATE_CHARS_MAX = 2732
/** An ES256 signature is 64 bytes. */
const SIGNATURE_CHARS = 86

const headerSchema = z.strictObject({
  alg: z.literal('ES256'),
  typ: z.string(),
  aud: z.string().max(36),
  x5c: z.array(z.base64().max(CERTIFICATE_CHARS_MAX)).min(1).max(CHAIN_MAX),
})

export interface Expected {
  readonly type: SealedType
  /** The reader's own name. */
  readonly audience: string
  /** Of the role that may sign this type. */
  readonly judge: ChainJudge
  /** Who must have signed it. Left out: whoever the root gave that role. */
  readonly signerName?: string
  /** When it may have been signed. */
  readonly signed: Span
}

export function typeHeader(type: SealedType): string {
  return `tunggal-${type}+jws`
}

/** A compact JWS over `payload`, by what these keys sign with. */
export async function signCompact(
  keys: SigningKeys,
  options: { readonly type: SealedType; readonly audience: string; readonly payload: Uint8Array },
): Promise<string> {
  const { type, audience, payload } = options
  const x5c = keys.chain.map(der => Buffer.from(der).toString('base64'))
  const header = JSON.stringify({ alg: 'ES256', typ: typeHeader(type), aud: audience, x5c })
  const input = `${Buffer.from(header).toString('base64url')}.${base64url(payload)}`
  // Not by `jose`, which wants the key itself: this one may be inside a chip.
  const signature = await keys.sign(Buffer.from(input, 'latin1'))
  return `${input}.${base64url(signature)}`
}

/**
 * The payload of a compact JWS and who signed it. The caller wipes the payload. Rejects with
 * `seal/malformed`, `seal/wrong-type`, `seal/untrusted`.
 */
export async function openSigned(
  body: Uint8Array,
  expected: Expected,
): Promise<{ payload: Uint8Array; signer: Signer }> {
  const parts = splitCompact(body, 3)
  if (parts.lengths[2] !== SIGNATURE_CHARS) throw malformed('signature')
  const header = headerSchema.safeParse(readHeader(parts.header))
  if (!header.success) throw malformed('header')
  const { typ, aud, x5c } = header.data
  checkType(typ, expected.type)

  const chain = x5c.map(certificate => Buffer.from(certificate, 'base64'))
  const verdict = expected.judge.judge(chain, expected.signed)
  if (!verdict.trusted) throw untrusted(`certificate: ${verdict.fault}`)
  const { signer } = verdict
  if (expected.signerName !== undefined && signer.name !== expected.signerName) throw untrusted('signer')
  if (aud !== expected.audience) throw untrusted('audience')
  const verified = await compactVerify(body, signer.publicKey, { algorithms: ['ES256'] }).catch(
    () => undefined,
  )
  if (verified === undefined) throw untrusted('signature')
  return { payload: verified.payload, signer }
}

/** The payload as the schema has it. Rejects with `seal/malformed`, naming the field and no value. */
export function readPayload<T>(payload: Uint8Array, schema: z.ZodType<T>): T {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload))
  } catch {
    // The cause would quote the payload.
    throw malformed('json')
  }
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new KioskError('seal/malformed', { reason: 'schema', field: read.error.issues[0].path.join('.') })
}

/** `found` comes from outside: it is named only where it is one of ours. */
export function checkType(found: string, expected: SealedType): void {
  if (found === typeHeader(expected)) return
  const known = sealedTypes.find(type => typeHeader(type) === found)
  throw new KioskError('seal/wrong-type', { expected, found: known ?? 'another' })
}

export function untrusted(reason: string): KioskError {
  return new KioskError('seal/untrusted', { reason })
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}
