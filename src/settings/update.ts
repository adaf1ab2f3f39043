import { z } from 'zod'
import './meta.ts'
import { timeOfDay } from './time-of-day.ts'

/** After 40 minutes the board is restarted (`firmware/units/tunggal-trial.timer`), and with it an image that is still on trial. */
const TRIAL_MS_MAX = 35 * 60_000

export const updateSettings = z
  .strictObject({
    windowFrom: timeOfDay.default('01:00').meta({
      doc: 'From then on the kiosk may install an image and start again with it, while nobody is there. In its time zone.',
    }),
    windowTo: timeOfDay.default('04:00').meta({
      doc: 'Until then. The same as `windowFrom`: at any time.',
    }),
    bytesPerSecondMax: z.int().min(10_000).max(1_000_000_000).default(1_000_000).meta({
      unit: 'bytes/s',
      doc: 'An image is downloaded no faster, so that enrolments are not slowed down.',
    }),
    goodMs: z.int().min(1_000).max(1_800_000).default(300_000).meta({
      unit: 'ms',
      doc: 'A new image is kept once the kiosk was well with it for this long without a break; with `limitMs` at most 35 minutes.',
    }),
    limitMs: z.int().min(1_000).max(1_800_000).default(900_000).meta({
      unit: 'ms',
      doc: 'One that has not come to that within this time is left for the one before.',
    }),
  })
  .refine(update => update.goodMs + update.limitMs <= TRIAL_MS_MAX, {
    path: ['goodMs'],
    message: `must be, with limitMs, at most ${TRIAL_MS_MAX}`,
  })
export type UpdateSettings = z.infer<typeof updateSettings>
