import { z } from 'zod'
import './meta.ts'

const DAY_MS = 24 * 3_600_000

/** As the store takes them (src/store/retention.ts). */
export const retentionSettings = z.strictObject({
  templatesMsMax: z
    .int()
    .min(0)
    .max(3_650 * DAY_MS)
    .default(30 * DAY_MS)
    .meta({
      unit: 'ms',
      restart: 'runtime',
      doc: 'Templates are erased here this long after the first outcome. Until then they find who enrols twice.',
    }),
  receiptedMsMax: z
    .int()
    .min(0)
    .max(3_650 * DAY_MS)
    .default(14 * DAY_MS)
    .meta({
      unit: 'ms',
      restart: 'runtime',
      doc: 'Sealed submissions are kept for this long after their receipt: an ABIS that is set back to a backup gets them again. Longer than the time between two backups.',
    }),
  galleryFingersMax: z.int().min(0).max(1_000_000).default(20_000).meta({
    restart: 'runtime',
    doc: 'Templates that are kept here at the most; the oldest are erased first.',
  }),
})
export type RetentionSettings = z.infer<typeof retentionSettings>
