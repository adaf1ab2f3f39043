/**
 * Signed bodies of a device service: JSON Web Signatures (RFC 7515) in compact form, RS256, with the certificates of
 * the key in the header.
 *
 *     base64url(header) . base64url(payload) . base64url(signature)
 *     header: { "alg": "RS256", "typ": "JWT", "x5c": [ base64(DER), … ] }       leaf first
 *
 * A device that its provider has not registered sends base64url(payload) alone.
 */
import { verify, type X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { KioskError } from '../../../src/base/errors.ts'
import { badAnswer } from './http.ts'
import { CHAIN_MAX, judgeChain, type TrustFault } from './trust.ts'

/** Eight certificates in base64, twice. */
const HEADER_CHARS_MAX = 128 * 1024
const CERTIFICATE_CHARS_MAX = 12 * 1024
const SIGNATURE_CHARS_MAX = 2048

const headerSchema = z.object({
  alg: z.literal('RS256'),
  /** The specification shows one certificate as text, RFC 7515 and services have a list. */
  x5c: z.union([
    z
      .string()
      .max(CERTIFICATE_CHARS_MAX)
      .transform(one => [one]),
    z.array(z.string().max(CERTIFICATE_CHARS_MAX)).min(1).max(CHAIN_MAX),
  ]),
})

/** A body taken apart, not yet believed. */
export interface Jws {
  readonly chain: readonly Uint8Array[]
  readonly payload: Uint8Array
  /** Over which the signature is made. */
  readonly signed: string
  readonly signature: Uint8Array
}

/** Throws `hal/bad-answer`, or `hal/not-registered` for a payload that nobody signed. */
export function readJws(text: string): Jws {
  const parts = text.split('.', 4)
  if (parts.length === 1 || (parts.length === 3 && parts[2] === ''))
    throw new KioskError('hal/not-registered')
  if (parts.length !== 3) throw badAnswer('a signed body has not three parts')
  const [header, payload, signature] = parts
  if (header.length > HEADER_CHARS_MAX || signature.length > SIGNATURE_CHARS_MAX)
    throw badAnswer('a signed body has a header or signature that is too long')
  const { x5c } = readHeader(header)
  return {
    chain: x5c.map(certificate => new Uint8Array(Buffer.from(certificate, 'base64'))),
    payload: decodeBase64Url(payload),
    signed: text.slice(0, header.length + 1 + payload.length),
    signature: decodeBase64Url(signature),
  }
}

function readHeader(header: string): z.output<typeof headerSchema> {
  const result = headerSchema.safeParse(parseJson(decodeBase64Url(header)))
  if (!result.success) throw badAnswer('a signed body has another header than RS256 with its certificates')
  return result.data
}

/** A body that somebody vouches for. */
export interface Signed {
  readonly payload: Uint8Array
  /** Until when its key is certified. */
  readonly validToMs: number
}

/** Throws `hal/untrusted` with its `fault`, `hal/not-registered` or `hal/bad-answer`. */
export function openJws(text: string, anchors: readonly X509Certificate[], nowMs: number): Signed {
  const { chain, payload, signed, signature } = readJws(text)
  const verdict = judgeChain(chain, anchors, nowMs)
  if (typeof verdict === 'string') throw untrusted(verdict)
  const signedBytes = Buffer.from(signed)
  const fits = verify('sha256', signedBytes, verdict.publicKey, signature)
  signedBytes.fill(0)
  if (!fits) throw untrusted('signature')
  return { payload, validToMs: verdict.validToMs }
}

const faultTexts: Readonly<Record<TrustFault | 'signature', string>> = {
  unreadable: 'its certificate cannot be read',
  issuer: 'no anchor of the trust file issued its certificate',
  'not-yet-valid': 'its certificate is not valid yet: look at this kiosk’s clock',
  expired: 'its certificate has expired: let its service renew the key, or look at this kiosk’s clock',
  'key-type': 'its key is not RSA of 2048 bits or more',
  signature: 'the signature does not fit: somebody changed what it said',
}

function untrusted(fault: TrustFault | 'signature'): KioskError {
  return new KioskError('hal/untrusted', { fault, why: faultTexts[fault] })
}

/**
 * Unpadded base64url; padded is taken too. Throws `hal/bad-answer`. No regular expression looks at the text: the engine
 * would remember it, finger and all, until it looks at another.
 */
export function decodeBase64Url(text: string): Uint8Array {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const letters = text.length - padding
  const bytes = Buffer.from(text, 'base64url')
  // Node steps over letters that are none, and stops at padding: then there are fewer bytes.
  if (letters % 4 === 1 || bytes.length !== Math.floor((letters * 3) / 4))
    throw badAnswer('what should be base64url is not')
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Throws `hal/bad-answer`. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw badAnswer('what should be JSON is not')
  }
}
