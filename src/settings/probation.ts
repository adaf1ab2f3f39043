import { z } from 'zod'
import './meta.ts'

export const probationSettings = z
  .strictObject({
    goodMs: z
      .int()
      .min(1_000)
      .max(24 * 3_600_000)
      .default(300_000)
      .meta({
        unit: 'ms',
        doc: 'A new configuration is kept once the kiosk was well with it for this long without a break. The configuration before it decides.',
      }),
    limitMs: z
      .int()
      .min(1_000)
      .max(24 * 3_600_000)
      .default(900_000)
      .meta({
        unit: 'ms',
        doc: 'One that has not come to that within this time is taken back.',
      }),
  })
  .refine(probation => probation.goodMs <= probation.limitMs, {
    path: ['limitMs'],
    message: 'must be at least goodMs',
  })
export type ProbationSettings = z.infer<typeof probationSettings>
