import { join } from 'node:path'
import { z } from 'zod'
import { folderDisk } from '../../src/config/disk.ts'
import { keptFile } from '../../src/config/kept-file.ts'
import { KeptValue } from '../../src/config/kept-value.ts'
import { configVersion, reportedErrors } from '../../src/settings/desired.ts'
import { desiredUpdateSchema, reportedUpdateSchema, updateSteps } from '../../src/settings/update-desired.ts'
import { type HeldUpdate, type Now, nothingHeld } from './held.ts'

const BYTES_MAX = 64 * 1024

/** What newer software has added is not ours to refuse: it may have been this kiosk's until a moment ago. */
const wishSchema = z.object(desiredUpdateSchema.shape)
const heldSchema: z.ZodType<HeldUpdate> = z.object({
  highest: configVersion,
  floor: z.string(),
  left: z.string().optional(),
  leftBefore: z.array(z.string()).optional(),
  pending: z
    .object({
      version: configVersion,
      image: z.string(),
      desired: wishSchema.optional(),
      step: z.enum(updateSteps),
      installs: z.int().min(0),
      bootId: z.string().optional(),
      troubles: z.array(z.string()),
      errors: reportedErrors.optional(),
    })
    .optional(),
  next: wishSchema.optional(),
  report: reportedUpdateSchema.pick({ version: true, state: true, errors: true, at: true }),
})

/** Where a kiosk keeps its updates, below its data folder: what it holds of them, and the bundle. */
export function updateFolder(data: string): string {
  return join(data, 'update')
}

/** Rejects with `kv/io`. Where nothing is readable, operations send again what they want. */
export async function openKeptUpdate(folder: string, now: Now): Promise<KeptValue<HeldUpdate>> {
  const file = keptFile(folderDisk(folder), { name: 'update', schema: heldSchema, bytesMax: BYTES_MAX })
  return new KeptValue(file, (await file.read()).held ?? nothingHeld(now))
}
