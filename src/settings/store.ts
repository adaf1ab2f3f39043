import { z } from 'zod'
import './meta.ts'

const MIB = 1024 * 1024
const DAY_MS = 24 * 3_600_000

/** As the store takes them (src/store/capacity.ts). */
export const storeSettings = z.strictObject({
  entriesMax: z.int().min(1).max(1_000_000).default(20_000).meta({
    restart: 'runtime',
    doc: 'Submissions that may be kept here. Full: the kiosk says so before a capture begins.',
  }),
  bytesMax: z
    .int()
    .min(MIB)
    .max(1024 * 1024 * MIB)
    .default(1024 * MIB)
    .meta({ unit: 'bytes', restart: 'runtime', doc: 'The same limit in bytes of sealed submissions.' }),
  freeBytesMin: z
    .int()
    .min(0)
    .max(1024 * 1024 * MIB)
    .default(256 * MIB)
    .meta({ unit: 'bytes', restart: 'runtime', doc: 'What the store leaves of the disk to everybody else.' }),
  receiptedBytesMax: z
    .int()
    .min(0)
    .max(1024 * 1024 * MIB)
    .default(256 * MIB)
    .meta({
      unit: 'bytes',
      restart: 'runtime',
      doc: 'Of sealed submissions that are kept after their receipt; the oldest go first.',
    }),
  ageMsMax: z
    .int()
    .min(60_000)
    .max(3_650 * DAY_MS)
    .default(30 * DAY_MS)
    .meta({
      unit: 'ms',
      restart: 'runtime',
      doc: 'A submission that waits for longer is worth a warning: nobody took it.',
    }),
})
export type StoreSettings = z.infer<typeof storeSettings>
