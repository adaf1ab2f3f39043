/** What operations and a kiosk say to one another about its configuration (topics `config/desired` and `config/reported`). */
import { z } from 'zod'
import type { ErrorCode } from '../base/errors.ts'

const PATH_CHARS_MAX = 100
const TEXT_CHARS_MAX = 400
/** Of what is wrong with one configuration; the first are enough to mend it. */
export const ERRORS_MAX = 10

/** Grows by every push, for one kiosk; going back is a new version with old content. 0: the kiosk's own file. */
export const configVersion = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

/** Inside the seal. `settings` lies over the kiosk's own file, and is checked against its schema by the kiosk. */
export const desiredSchema = z.strictObject({
  version: configVersion.min(1),
  settings: z.record(z.string(), z.unknown()),
})
export type Desired = z.infer<typeof desiredSchema>

/** Any code, also one of a newer kiosk. */
const code = z
  .string()
  .regex(/^[a-z]+\/[a-z0-9-]+$/)
  .max(40)

export const configErrorSchema = z.object({
  code,
  /** The setting, or the part of the kiosk, that it is about; empty where it is about all. */
  where: z.string().max(PATH_CHARS_MAX),
  text: z.string().max(TEXT_CHARS_MAX),
})
/** What is wrong, as it is reported. */
export const reportedErrors = z.array(configErrorSchema).max(ERRORS_MAX)
export type ConfigError = z.infer<typeof configErrorSchema>

/** An error fit for a report: what came from outside is cut to its length. */
export function configError(code: ErrorCode, where: string, text: string): ConfigError {
  return { code, where: where.slice(0, PATH_CHARS_MAX), text: text.slice(0, TEXT_CHARS_MAX) }
}

/** Plain JSON; readers ignore what a newer kiosk says beyond it. */
export const reportedSchema = z.object({
  /** The version that this is about: the last that something came of. */
  version: configVersion,
  state: z.enum(['applied', 'rejected', 'rolled-back']),
  errors: reportedErrors,
  at: z.iso.datetime(),
  /** The version that the kiosk runs now. */
  running: configVersion,
  /** Whether that one has passed its probation. */
  confirmed: z.boolean(),
  /** What of the running settings is not the default. */
  settings: z.record(z.string(), z.record(z.string(), z.unknown())),
  /** Messages on `config/desired` that were not to be believed, or of an earlier version, since the kiosk started. */
  refused: z.object({ count: z.int(), code }).optional(),
})
export type Reported = z.infer<typeof reportedSchema>
