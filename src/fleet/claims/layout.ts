import { createHash } from 'node:crypto'
import { KioskError } from '../../base/errors.ts'
import type { CertifiedKiosk } from '../../keys/certify-kiosk.ts'
import type { Identity } from '../../keys/claim/message.ts'

/**
 * What the claim desk keeps under which key.
 *
 *     token/<sha256 of the token>   ClaimToken    the token itself is never kept
 *     claim/<id>                    Claim
 *     audit/<number>                AuditEntry    hash-chained (src/kv/audit-chain.ts)
 */
export const keyOf = {
  token: (hash: string) => `token/${hash}`,
  claim: (id: string) => `claim/${id}`,
  audit: 'audit/',
}

/** Leave to ask for a certificate, for one kiosk, once. */
export interface ClaimToken {
  /** What people call it by: the first of its hash. */
  readonly id: string
  /** Undefined: the kiosk proposes its name. */
  readonly kiosk?: string
  readonly identity: Identity
  readonly createdAt: string
  readonly expiresAt: string
  readonly by: string
  /** The claim that it was used for. */
  readonly claim?: string
  /** Taken back before it was used. */
  readonly withdrawnAt?: string
}

/** A kiosk's wish for a certificate, and what became of it. */
export interface Claim {
  readonly id: string
  readonly name: string
  /** DER of its SubjectPublicKeyInfo, base64. */
  readonly publicKey: string
  /** Short code of the key: to be compared with the kiosk's screen. */
  readonly code: string
  readonly token: string
  readonly identity: Identity
  /** Network address that asked. */
  readonly from: string
  readonly requestedAt: string
  /** Until when it may be approved. */
  readonly lapsesAt: string
  readonly decision?:
    | ({ readonly state: 'approved'; readonly at: string; readonly by: string } & CertifiedKiosk)
    | { readonly state: 'rejected'; readonly at: string; readonly by: string }
}

export interface ClaimAuditEntry {
  readonly at: string
  readonly who: string
  readonly what: 'token-created' | 'token-withdrawn' | 'claimed' | 'approved' | 'rejected' | 'renewed'
  readonly claim?: string
  readonly token?: string
  readonly kiosk?: string
  readonly code?: string
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export function encodeValue(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

/** Throws `kv/corrupt`. */
export function decodeValue<T>(key: string, bytes: Uint8Array): T {
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as T
  } catch (cause) {
    throw new KioskError('kv/corrupt', { key }, { cause })
  }
}

/** Keys from `prefix` on. */
export function under(prefix: string): { from: string; to: string } {
  return { from: prefix, to: `${prefix}\uffff` }
}
