import { NO_BROKER } from '../../src/config/probation.ts'
import { type ConfigError, configError } from '../../src/settings/desired.ts'
import type { UpdateSettings } from '../../src/settings/update.ts'
import type { ReportedUpdate } from '../../src/settings/update-desired.ts'
import type { HeldUpdate } from './held.ts'

/** What operations are told of what is held, and of what is known beside it. */
export function reportOf(
  { report, pending }: HeldUpdate,
  more: Pick<ReportedUpdate, 'running' | 'slot' | 'refused'> & {
    /** Of the download. */
    readonly percent?: number
  },
): ReportedUpdate {
  const { running, slot, refused, percent = 0 } = more
  return {
    ...report,
    running,
    ...(slot !== undefined && { slot }),
    ...(pending !== undefined && {
      pending: {
        version: pending.version,
        image: pending.image,
        step: pending.step,
        ...(pending.step === 'downloading' && { percent }),
      },
    }),
    ...(refused !== undefined && { refused }),
  }
}

/** Why an image is left: a trouble that was not there before it. */
export function unwellError(trouble: string, { limitMs }: Pick<UpdateSettings, 'limitMs'>): ConfigError {
  const text =
    trouble === NO_BROKER
      ? `no lasting connection within ${limitMs / 1000} s, and there was one before`
      : 'it was well before'
  return configError('update/unwell', trouble, text)
}
