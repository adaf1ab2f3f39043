import { CompactEncrypt } from 'jose'
import type { Clock } from '../../src/base/clock.ts'
import type { SigningKeys } from '../../src/keys/key-store.ts'
import { digestAfter, type GalleryChange } from '../../src/record/gallery-change.ts'
import type { Outcome, Query, Receipt, RecordEvent, Submission } from '../../src/record/submission.ts'
import type { Recipient } from '../../src/seal/encrypted.ts'

export const ID = '01890a5d-ac96-774b-bcce-b302099a8057'
export const OTHER_ID = '01890a5d-ac96-774b-bcce-b302099a8058'
export const NIK = '3171234567890123'
const SHA256 = '0123456789abcdef'.repeat(4)

export function submissionOf(kiosk: string): Submission {
  const captured = (position: number) => ({
    position,
    impression: 0,
    quality: 71,
    attempts: 1,
    forced: false,
    template: Buffer.alloc(300, position).toString('base64'),
  })
  return {
    id: ID,
    kiosk,
    sequence: 7,
    bootEpoch: 'epoch-0001',
    modality: 'finger',
    nik: NIK,
    capturedAt: '2026-06-01T08:00:00.000Z',
    consent: { at: '2026-06-01T07:58:00.000Z', version: '1', language: 'id' },
    fingers: [captured(1), { ...captured(2), image: 'AAEC' }, { position: 3, exception: 'bandaged' }],
    hints: [{ position: 1, candidate: OTHER_ID, score: 61.5 }],
    supersedes: OTHER_ID,
  }
}
export const query: Query = { id: ID, sha256: SHA256, at: '2026-06-01T08:00:00.000Z' }
export const recordEvent: RecordEvent = { id: ID, event: 'consent-withdrawn', at: '2026-06-01T08:00:00Z' }
export const receipt: Receipt = {
  id: ID,
  sha256: SHA256,
  receivedAt: '2026-06-01T08:00:01.000Z',
  highestContiguous: 7,
}
export const outcome: Outcome = {
  id: ID,
  status: 'DUPLICATE_RECORD',
  reason: `duplicate-of:${OTHER_ID}`,
  at: '2026-06-01T08:01:00.000Z',
  seq: 1,
}

const person = { id: ID, fingers: [{ position: 1, template: Buffer.alloc(300, 1).toString('base64') }] }
const previous = '5f0cbb52-5d6f-4dd4-9f2b-0d6c5a1f7b10'
export const galleryChange: GalleryChange = {
  previous,
  digest: digestAfter(previous, { remove: [OTHER_ID], add: [person] }),
  remove: [OTHER_ID],
  add: [person],
  inScope: 1,
  complete: true,
  at: '2026-06-01T08:01:00.000Z',
}

export const encode = (value: string | Uint8Array) => Buffer.from(value).toString('base64url')
export const json = (value: unknown) => Buffer.from(JSON.stringify(value))
export const ascii = (compact: string) => new Uint8Array(Buffer.from(compact, 'latin1'))

/** The header that an honest signer writes; `change` overrides or, with undefined, removes. */
export function signedHeader(
  keys: SigningKeys,
  options: { type: string; audience: string; change?: Record<string, unknown> },
): Record<string, unknown> {
  return {
    alg: 'ES256',
    typ: `tunggal-${options.type}+jws`,
    aud: options.audience,
    x5c: keys.chain.map(der => Buffer.from(der).toString('base64')),
    ...options.change,
  }
}

/** Signs whatever it is given, properly. */
export async function forgeSigned(
  keys: Pick<SigningKeys, 'sign'>,
  header: Record<string, unknown> | string,
  payload: Uint8Array,
): Promise<string> {
  const input = `${encode(typeof header === 'string' ? header : JSON.stringify(header))}.${encode(payload)}`
  return `${input}.${encode(await keys.sign(Buffer.from(input)))}`
}

/** Encrypts whatever it is given, with whatever header. */
export function forgeEncrypted(
  recipient: Recipient,
  content: string | Uint8Array,
  header: Record<string, unknown>,
): Promise<string> {
  return new CompactEncrypt(Buffer.from(content))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', kid: recipient.kid, ...header })
    .encrypt(recipient.publicKey)
}

export function clockAt(iso: string): Clock & { set(iso: string): void } {
  let nowMs = Date.parse(iso)
  return {
    nowMs: () => nowMs,
    monotonicMs: () => 0,
    sleep: async () => {},
    set: to => {
      nowMs = Date.parse(to)
    },
  }
}
