import { createHash, type X509Certificate } from 'node:crypto'
import type { z } from 'zod'
import { KioskError } from '../../src/base/errors.ts'
import { anyQuerySchema, galleryChangeSchema } from '../../src/record/gallery-change.ts'
import { printJobSchema } from '../../src/record/print-job.ts'
import {
  receiptSchema,
  recordEventSchema,
  submissionSchema,
  toldSchema,
} from '../../src/record/submission.ts'
import type { AbisSeal, KioskSeal, Sealed, SealedType } from '../../src/seal/seal.ts'

/**
 * Seals without cryptography, for simulations: the real ones work on other threads, whose turn is
 * nobody's to decide. What is bound together is the same (type, signer, audience), and forging means
 * not going through here.
 */
export function plainSeals(kiosk: string, abis: string): { kioskSeal: KioskSeal; abisSeal: AbisSeal } {
  const seal = (type: SealedType, from: string, to: string, value: unknown): Promise<Sealed> => {
    const body = Buffer.from(JSON.stringify({ type, from, to, value }))
    return Promise.resolve({ body, sha256: createHash('sha256').update(body).digest('hex') })
  }
  const open = async <T>(
    type: SealedType,
    from: string,
    to: string,
    schema: z.ZodType<T>,
    body: Uint8Array,
  ): Promise<T> => {
    let opened: { type?: unknown; from?: unknown; to?: unknown; value?: unknown }
    try {
      opened = JSON.parse(Buffer.from(body).toString())
    } catch {
      throw new KioskError('seal/malformed')
    }
    if (opened.type !== type) throw new KioskError('seal/wrong-type')
    if (opened.from !== from || opened.to !== to) throw new KioskError('seal/untrusted')
    const parsed = schema.safeParse(opened.value)
    if (!parsed.success) throw new KioskError('seal/malformed')
    return parsed.data
  }
  return {
    kioskSeal: {
      kiosk,
      sealSubmission: value => seal('submission', kiosk, abis, value),
      sealQuery: value => seal('query', kiosk, abis, value),
      sealRecordEvent: value => seal('record', kiosk, abis, value),
      openReceipt: body => open('receipt', abis, kiosk, receiptSchema, body),
      openGallery: body => open('gallery', abis, kiosk, galleryChangeSchema, body),
      openPrint: body => open('print', abis, kiosk, printJobSchema, body),
      openOutcome: body => open('outcome', abis, kiosk, toldSchema, body),
    },
    abisSeal: {
      abis,
      sealReceipt: (to, value) => seal('receipt', abis, to, value),
      sealOutcome: (to, value) => seal('outcome', abis, to, value),
      sealGallery: (to, value) => seal('gallery', abis, to, value),
      sealPrint: (to, value) => seal('print', abis, to, value),
      signerOf: () => ({}) as X509Certificate,
      sealAnswer: (to, value) => seal('outcome', abis, to, value),
      openSubmission: (from, body) => open('submission', from, abis, submissionSchema, body),
      openQuery: (from, body) => open('query', from, abis, anyQuerySchema, body),
      openRecordEvent: (from, body) => open('record', from, abis, recordEventSchema, body),
      openConfig: (to, body, schema) => open('config', 'ops', to, schema, body),
    },
  }
}
