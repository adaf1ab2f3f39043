import { strict as assert } from 'node:assert'
import type { z } from 'zod'
import type { Clock } from '../base/clock.ts'
import { ChainJudge, type Span } from '../keys/chain.ts'
import type { KioskKeys, SigningKeys } from '../keys/key-store.ts'
import { anyQuerySchema, galleryChangeSchema } from '../record/gallery-change.ts'
import { printJobSchema } from '../record/print-job.ts'
import { receiptSchema, recordEventSchema, submissionSchema, toldSchema } from '../record/submission.ts'
import { checkSize, sealed } from './compact.ts'
import { decryptWith, encryptTo } from './encrypted.ts'
import type { KioskSeal, Sealed, SealedType } from './seal.ts'
import { openSigned, readPayload, signCompact } from './signed.ts'

/** The kiosk's end, on these keys. */
export function openKioskSeal(options: { readonly keys: KioskKeys; readonly clock: Clock }): KioskSeal {
  const { keys, clock } = options
  const judge = new ChainJudge(keys.root, 'abis')
  const seal = <T>(type: SealedType, schema: z.ZodType<T>, value: T) => sealTo(keys, type, schema, value)
  const open = async <T>(type: SealedType, schema: z.ZodType<T>, body: Uint8Array): Promise<T> => {
    checkSize(body.length)
    const { payload } = await openSigned(body, {
      type,
      audience: keys.name,
      judge,
      signerName: keys.abis.name,
      signed: signedByCentre(keys, clock),
    })
    try {
      return readPayload(payload, schema)
    } finally {
      payload.fill(0)
    }
  }
  const openEncrypted = async <T>(type: SealedType, schema: z.ZodType<T>, body: Uint8Array): Promise<T> => {
    checkSize(body.length)
    const jws = await decryptWith(keys.decryptionKey, type, body)
    try {
      return await open(type, schema, jws)
    } finally {
      jws.fill(0)
    }
  }
  return {
    kiosk: keys.name,
    sealSubmission: async submission => {
      assert(submission.kiosk === keys.name, 'a kiosk submits in its own name')
      return seal('submission', submissionSchema, submission)
    },
    sealQuery: query => seal('query', anyQuerySchema, query),
    sealRecordEvent: event => seal('record', recordEventSchema, event),
    openReceipt: body => open('receipt', receiptSchema, body),
    openOutcome: body => open('outcome', toldSchema, body),
    openPrint: body => openEncrypted('print', printJobSchema, body),
    openGallery: body => openEncrypted('gallery', galleryChangeSchema, body),
  }
}

/**
 * When something that the centre signed may have been signed, by a kiosk whose clock may be wrong.
 *
 * Not before its own certificate was made: a clock that says otherwise (no battery, 1970) is wrong, and
 * would bring lapsed certificates back to life. No upper end: a certificate of the centre whose time
 * has not come by this clock does no harm, and refusing it would stop a kiosk whose clock is slow. A
 * clock far ahead makes the centre's certificates look lapsed: then nothing is believed and the outbox
 * waits until somebody sets the clock.
 */
export function signedByCentre(keys: Pick<SigningKeys, 'certificate'>, clock: Clock): Span {
  const madeMs = Date.parse(keys.certificate.validFrom)
  return { fromMs: Math.max(clock.nowMs(), madeMs), toMs: Number.POSITIVE_INFINITY }
}

async function sealTo<T>(keys: KioskKeys, type: SealedType, schema: z.ZodType<T>, value: T): Promise<Sealed> {
  // What the ABIS would refuse must not reach the outbox: it could never leave it.
  assert(schema.safeParse(value).success, `a ${type} is as its schema has it`)
  const payload = Buffer.from(JSON.stringify(value))
  try {
    // Four digits for three bytes, twice: what cannot fit is not worth half a second of encryption.
    checkSize(Math.ceil((payload.length * 16) / 9))
    const jws = await signCompact(keys, { type, audience: keys.abis.name, payload })
    return sealed(await encryptTo(keys.abis, type, jws))
  } finally {
    payload.fill(0)
  }
}
