/**
 * What a kiosk holds of its configurations, on the disk (`held-a.json` and `held-b.json`). What a file that has rotted
 * knew and the other does not is sent again by the broker, which keeps the last configuration, and is tried again.
 */
import { z } from 'zod'
import { configVersion, reportedErrors } from '../settings/desired.ts'
import type { Disk } from './disk.ts'
import type { Held } from './held.ts'
import { type KeptFile, keptFile } from './kept-file.ts'

/** Three configurations of the greatest size that a file may have, and what is said of them. */
const BYTES_MAX = 256 * 1024

const versionSchema = z.object({
  version: configVersion,
  settings: z.record(z.string(), z.unknown()),
})
const troubles = z.array(z.string())

/** What newer software has added is not ours to refuse: it may have been this kiosk's until a moment ago. */
const heldSchema = z.object({
  highest: configVersion,
  good: versionSchema,
  trial: versionSchema.extend({ starts: z.int().min(0), troubles }).optional(),
  waiting: versionSchema.extend({ troubles }).optional(),
  report: z.object({
    version: configVersion,
    state: z.enum(['applied', 'rejected', 'rolled-back']),
    errors: reportedErrors,
    at: z.iso.datetime(),
  }),
})

export type HeldFile = KeptFile<Held>

export function heldFile(disk: Disk): HeldFile {
  return keptFile(disk, { name: 'held', schema: heldSchema, bytesMax: BYTES_MAX })
}
