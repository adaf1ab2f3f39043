/** What operations and a kiosk say to one another about its image (topics `update/desired` and `update/reported`). */
import { z } from 'zod'
import { configErrorSchema, configVersion, reportedErrors } from './desired.ts'

/** Larger than any card of a kiosk has room for. */
export const BUNDLE_BYTES_MAX = 4 * 1024 ** 3
const URL_CHARS_MAX = 500

/** Of an image: two to four numbers. */
export const IMAGE_VERSION = /^\d{1,6}(\.\d{1,6}){1,3}$/

/** Inside the seal. `version` only grows, for one kiosk; `image` is the version of the image itself. */
export const desiredUpdateSchema = z.strictObject({
  version: configVersion.min(1),
  image: z.string().regex(IMAGE_VERSION),
  compatible: z.string().regex(/^[a-z0-9-]{1,60}$/),
  url: z
    .string()
    .max(URL_CHARS_MAX)
    .regex(/^https?:\/\/[^\s]+$/),
  /** Of the bundle, lower-case hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.int().min(1).max(BUNDLE_BYTES_MAX),
  expiresAt: z.iso.datetime(),
})
export type DesiredUpdate = z.infer<typeof desiredUpdateSchema>

/** The same for many kiosks, of which each counts for itself. */
export const wantedImageSchema = desiredUpdateSchema.omit({ version: true })
export type WantedImage = z.infer<typeof wantedImageSchema>

export const updateSteps = ['downloading', 'waiting', 'installing', 'restarting', 'on-trial'] as const
export type UpdateStep = (typeof updateSteps)[number]

/** Plain JSON; readers ignore what a newer kiosk says beyond it. */
export const reportedUpdateSchema = z.object({
  /** The version that this is about: the last that something came of. 0: a stick's, or none yet. */
  version: configVersion,
  state: z.enum(['applied', 'rejected', 'rolled-back']),
  errors: reportedErrors,
  at: z.iso.datetime(),
  /** The version of the image that runs, and the slot it is on. */
  running: z.string().max(40),
  slot: z.string().max(10).optional(),
  /** What is under way; absent: nothing. */
  pending: z
    .object({
      version: configVersion,
      image: z.string().max(40),
      step: z.enum(updateSteps),
      percent: z.number().min(0).max(100).optional(),
    })
    .optional(),
  /**
   * Since the kiosk started: messages on `update/desired` that were not to be believed, or of an earlier version, and
   * bundles on sticks that may not be installed.
   */
  refused: z.object({ count: z.int(), code: configErrorSchema.shape.code }).optional(),
})
export type ReportedUpdate = z.infer<typeof reportedUpdateSchema>
