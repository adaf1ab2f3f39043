import { strict as assert } from 'node:assert'
import type { X509Certificate } from 'node:crypto'
import type { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { ChainJudge, type Signer, type Span } from '../keys/chain.ts'
import type { AbisKeys } from '../keys/key-store.ts'
import { keyId } from '../keys/pem.ts'
import { isKioskName } from '../keys/roles.ts'
import { anyQuerySchema, galleryChangeSchema } from '../record/gallery-change.ts'
import { printJobSchema } from '../record/print-job.ts'
import {
  outcomeSchema,
  receiptSchema,
  recordEventSchema,
  statusAnswerSchema,
  submissionSchema,
} from '../record/submission.ts'
import { checkSize, sealed } from './compact.ts'
import { decryptWith, encryptTo } from './encrypted.ts'
import type { AbisSeal, Sealed, SealedType } from './seal.ts'
import { openSigned, readPayload, signCompact, untrusted } from './signed.ts'

/**
 * How long after its end a kiosk's certificate still counts for what it signed. Submissions are sealed
 * once and may wait in an outbox for months; the broker refuses the lapsed certificate itself.
 */
const OUTBOX_MS_MAX = 180 * 86_400_000

/** The ABIS's end, on these keys. */
export function openAbisSeal(options: { readonly keys: AbisKeys; readonly clock: Clock }): AbisSeal {
  const { keys, clock } = options
  const judge = new ChainJudge(keys.root, 'kiosk')
  const operations = new ChainJudge(keys.root, 'ops')
  const signers = new Map<string, Signer>()
  const seal = async <T>(
    type: SealedType,
    kiosk: string,
    schema: z.ZodType<T>,
    value: T,
  ): Promise<Sealed> => {
    assert(isKioskName(kiosk), 'an audience is a kiosk')
    assert(schema.safeParse(value).success, `a ${type} is as its schema has it`)
    const payload = Buffer.from(JSON.stringify(value))
    return sealed(await signCompact(keys, { type, audience: kiosk, payload }))
  }
  /** Encrypted, too. */
  const sealFor = async <T>(
    { publicKey }: X509Certificate,
    type: SealedType,
    kiosk: string,
    schema: z.ZodType<T>,
    value: T,
  ): Promise<Sealed> => {
    const { body } = await seal(type, kiosk, schema, value)
    try {
      const recipient = { kid: keyId(publicKey), publicKey }
      return sealed(await encryptTo(recipient, type, Buffer.from(body).toString('latin1')))
    } finally {
      body.fill(0)
    }
  }
  const open = async <T>(
    type: SealedType,
    kiosk: string,
    schema: z.ZodType<T>,
    body: Uint8Array,
  ): Promise<T> => {
    checkSize(body.length)
    const jws = await decryptWith(keys.decryptionKey, type, body)
    let payload: Uint8Array | undefined
    try {
      const opened = await openSigned(jws, {
        type,
        audience: keys.name,
        judge,
        signerName: kiosk,
        signed: signedByKiosk(clock),
      })
      payload = opened.payload
      if (opened.signer.serialNumbers.some(keys.isRevoked)) throw untrusted('certificate: revoked')
      signers.set(kiosk, opened.signer)
      return readPayload(payload, schema)
    } finally {
      // What stays are strings inside the result; the buffers need not wait for the collector.
      jws.fill(0)
      payload?.fill(0)
    }
  }
  return {
    abis: keys.name,
    sealReceipt: (kiosk, receipt) => seal('receipt', kiosk, receiptSchema, receipt),
    sealOutcome: (kiosk, outcome) => seal('outcome', kiosk, outcomeSchema, outcome),
    sealPrint: (kiosk, job, certificate) => sealFor(certificate, 'print', kiosk, printJobSchema, job),
    sealGallery: (kiosk, change, certificate) =>
      sealFor(certificate, 'gallery', kiosk, galleryChangeSchema, change),
    signerOf: kiosk => {
      const signer = signers.get(kiosk)
      return signer?.serialNumbers.some(keys.isRevoked) ? undefined : signer?.certificate
    },
    sealAnswer: (kiosk, answer) => seal('outcome', kiosk, statusAnswerSchema, answer),
    openSubmission: async (kiosk, body) => {
      const submission = await open('submission', kiosk, submissionSchema, body)
      if (submission.kiosk !== kiosk) throw untrusted('kiosk')
      return submission
    },
    openQuery: (kiosk, body) => open('query', kiosk, anyQuerySchema, body),
    openRecordEvent: (kiosk, body) => open('record', kiosk, recordEventSchema, body),
    openConfig: async (kiosk, body, schema) => {
      checkSize(body.length)
      const signed = { fromMs: clock.nowMs(), toMs: clock.nowMs() }
      const expected = { type: 'config', audience: kiosk, judge: operations, signed } as const
      const { payload, signer } = await openSigned(body, expected)
      if (signer.serialNumbers.some(keys.isRevoked)) throw untrusted('certificate: revoked')
      return readPayload(payload, schema)
    },
  }
}

/** The centre's own clock is right; a kiosk's certificate counts until its outbox must have drained. */
function signedByKiosk(clock: Clock): Span {
  const nowMs = clock.nowMs()
  return { fromMs: nowMs - OUTBOX_MS_MAX, toMs: nowMs }
}
