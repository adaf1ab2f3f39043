import { z } from 'zod'
import './meta.ts'

export const relaySettings = z.strictObject({
  windowMax: z.int().min(1).max(1_000).default(16).meta({
    restart: 'runtime',
    doc: 'Submissions under way without a receipt. The broker may allow fewer.',
  }),
  receiptTimeoutMs: z.int().min(1_000).max(3_600_000).default(60_000).meta({
    unit: 'ms',
    restart: 'runtime',
    doc: 'A submission without a receipt for this long is published again.',
  }),
  probeIntervalMs: z.int().min(1_000).max(3_600_000).default(30_000).meta({
    unit: 'ms',
    restart: 'runtime',
    doc: 'While the ABIS is silent, one submission is tried this often.',
  }),
  publishesMax: z.int().min(1).max(1_000).default(20).meta({
    restart: 'runtime',
    doc: 'A submission refused this often is set aside, out of the way of the next.',
  }),
  outcomeAfterMs: z
    .int()
    .min(10_000)
    .max(30 * 24 * 3_600_000)
    .default(3_600_000)
    .meta({
      unit: 'ms',
      restart: 'runtime',
      doc: 'A record without an outcome for this long is asked for at the ABIS.',
    }),
})
export type RelaySettings = z.infer<typeof relaySettings>
