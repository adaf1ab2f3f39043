import { z } from 'zod'
import './meta.ts'

const MIB = 1024 * 1024

export const storeSettings = z.strictObject({
  outboxEntriesMax: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(20_000)
    .meta({ doc: 'Submissions that may wait. Full: the kiosk says so before a capture begins.' }),
  outboxBytesMax: z
    .int()
    .min(MIB)
    .max(1024 * 1024 * MIB)
    .default(1024 * MIB)
    .meta({ unit: 'bytes', doc: 'The same limit in bytes of sealed submissions.' }),
  recordsMax: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(100_000)
    .meta({ doc: 'Records kept for status questions; the oldest with a verdict go first.' }),
  galleryTemplatesMax: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(100_000)
    .meta({ doc: 'Templates that the local pre-filter may search; the oldest go first.' }),
  retentionDays: z.int().min(1).max(3_650).default(90).meta({
    unit: 'days',
    doc: 'How long a settled record, and its templates in the gallery, stay here. The consent text names it.',
  }),
  warnAtFraction: z
    .number()
    .min(0.1)
    .max(1)
    .default(0.8)
    .meta({ unit: 'fraction', doc: 'Share of a limit from which the kiosk warns operations.' }),
})
export type StoreSettings = z.infer<typeof storeSettings>
