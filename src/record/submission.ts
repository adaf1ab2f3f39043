import { z } from 'zod'
import { fingerExceptions } from './finger-position.ts'
import { outcomeStatuses, statuses } from './status.ts'

/** Limits of what travels. A submission of ten fingers is about 11 kB, with images a few MB. */
export const SEALED_BYTES_MAX = 8 * 1024 * 1024
export const TEMPLATE_BASE64_MAX = 4096
const IMAGE_BASE64_MAX = 1_000_000
const HINTS_MAX = 50
export const SENSOR_MODEL_MAX = 60

export const recordIdSchema = z.uuid({ version: 'v7' })
const kioskIdSchema = z.string().regex(/^[a-z0-9-]{4,36}$/)
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/)
const positionSchema = z.int().min(1).max(10)
const atSchema = z.iso.datetime()

const capturedFingerSchema = z.strictObject({
  position: positionSchema,
  /** ISO/IEC 19794-2 impression type; 0 is live-scan plain. */
  impression: z.int().min(0).max(29),
  quality: z.int().min(0).max(100),
  attempts: z.int().min(1).max(10),
  forced: z.boolean(),
  /** ISO/IEC 19794-2:2005 record. */
  template: z.base64().max(TEMPLATE_BASE64_MAX),
  /** Lossless PNG, where the setting asks for it. */
  image: z.base64().max(IMAGE_BASE64_MAX).optional(),
})
const exceptedFingerSchema = z.strictObject({ position: positionSchema, exception: z.enum(fingerExceptions) })

/** A candidate of the local gallery that one of the fingers resembles. Tells the ABIS where to look first. */
const hintSchema = z.strictObject({
  position: positionSchema,
  candidate: z.string().max(64),
  score: z.number(),
})

/** What a kiosk submits (DESIGN § 4.4), before it is sealed. */
export const submissionSchema = z.strictObject({
  id: recordIdSchema,
  kiosk: kioskIdSchema,
  sequence: z.int().min(1),
  /** Random at first set-up of a data folder: sequences are counted within one epoch. */
  bootEpoch: z.string().min(8).max(36),
  modality: z.literal('finger'),
  nik: z.string().regex(/^[0-9]{16}$/),
  capturedAt: atSchema,
  consent: z.strictObject({
    at: atSchema,
    version: z.string().min(1).max(32),
    language: z.enum(['id', 'en']),
  }),
  fingers: z
    .array(z.union([capturedFingerSchema, exceptedFingerSchema]))
    .min(1)
    .max(10)
    .refine(fingers => new Set(fingers.map(finger => finger.position)).size === fingers.length, {
      message: 'a position stands twice',
    }),
  hints: z.array(hintSchema).max(HINTS_MAX),
  /** What took the fingers, and what it claims against false ones. */
  sensor: z
    .strictObject({
      model: z.string().min(1).max(SENSOR_MODEL_MAX),
      presentationAttackDetection: z.enum(['none', 'claimed', 'certified']),
    })
    .optional(),
  supersedes: recordIdSchema.optional(),
})
export type Submission = z.infer<typeof submissionSchema>
export type SubmittedFinger = Submission['fingers'][number]
export type SubmittedSensor = NonNullable<Submission['sensor']>
export type Hint = z.infer<typeof hintSchema>

/** The ABIS holds the submission `id` whose compact bytes hash to `sha256`. */
export const receiptSchema = z.strictObject({
  id: recordIdSchema,
  sha256: sha256Schema,
  receivedAt: atSchema,
  /** Up to this sequence number the ABIS holds everything of this kiosk and epoch. */
  highestContiguous: z.int().min(0),
  /** When the ABIS was last set back to a backup: what it received after that backup was made is lost to it. */
  restoredAt: atSchema.optional(),
})
export type Receipt = z.infer<typeof receiptSchema>

/** The ABIS's verdict on a record. `seq` grows per record; the highest holds. */
export const outcomeSchema = z.strictObject({
  id: recordIdSchema,
  status: z.enum(outcomeStatuses),
  /** For people and tools, e.g. `duplicate-of:<id>`. */
  reason: z.string().max(200).optional(),
  at: atSchema,
  seq: z.int().min(1),
})
export type Outcome = z.infer<typeof outcomeSchema>

/**
 * A kiosk's question where a record stands. Its own, named by its hash too, is answered by receipt and outcome. One that
 * somebody holds the receipt of, whichever kiosk made it, has a `question` of its own, answered by a `StatusAnswer`.
 */
export const querySchema = z.union([
  z.strictObject({ id: recordIdSchema, sha256: sha256Schema, at: atSchema }),
  z.strictObject({ id: recordIdSchema, question: z.uuid(), at: atSchema }),
])
export type Query = z.infer<typeof querySchema>

/** Where a record stands, for the kiosk that asked: nothing that says whose it is, or whom it resembles. */
export const statusAnswerSchema = z.union([
  z.strictObject({ id: recordIdSchema, question: z.uuid(), known: z.literal(false) }),
  z.strictObject({
    id: recordIdSchema,
    question: z.uuid(),
    known: z.literal(true),
    /** As far as the centre knows it, oldest first. The last one is where it stands. */
    history: z
      .array(z.strictObject({ status: z.enum(statuses), at: atSchema }))
      .min(1)
      .max(statuses.length),
    exception: z.enum(['withdrawn', 'superseded']).optional(),
  }),
])
export type StatusAnswer = z.infer<typeof statusAnswerSchema>

/** What the ABIS sends as an `outcome`: the verdict on a record, or the answer to a question. */
export const toldSchema = z.union([outcomeSchema, statusAnswerSchema])
export type Told = z.infer<typeof toldSchema>

/** Something happened to a record at the kiosk. Receipted like a submission. */
export const recordEventSchema = z.strictObject({
  id: recordIdSchema,
  event: z.enum(['card-printed', 'document-printed', 'consent-withdrawn', 'superseded']),
  at: atSchema,
  /**
   * Of a withdrawn record: where the ABIS does not hold it (it never left the kiosk, or was lost), its number
   * will not come any more, and is no gap.
   */
  number: z.strictObject({ sequence: z.int().min(1), bootEpoch: z.string().min(8).max(36) }).optional(),
  /** The print job that something came of. */
  job: z.uuid().optional(),
})
export type RecordEvent = z.infer<typeof recordEventSchema>

const DUPLICATE_OF = 'duplicate-of:'

export function duplicateReason(id: string): string {
  return DUPLICATE_OF + id
}

/** The first record that an outcome's reason names; undefined where it names none. */
export function duplicateOf(reason: string | undefined): string | undefined {
  return reason?.startsWith(DUPLICATE_OF) ? reason.slice(DUPLICATE_OF.length) : undefined
}
