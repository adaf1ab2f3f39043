import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'
import { z } from 'zod'
import { type Check, fault, fine } from './check.ts'

const TIMEOUT_MS = 5000
const OUTPUT_BYTES_MAX = 256 * 1024
const run = promisify(execFile)

/** What of `rauc status --detailed --output-format=json` says which system runs and which one is the next. */
const statusSchema = z.object({
  booted: z.string().max(64).nullish(),
  boot_primary: z.string().max(64).nullish(),
  slots: z
    .array(
      z.record(
        z.string().max(64),
        z.object({
          bootname: z.string().max(64).nullish(),
          state: z.string().max(32).nullish(),
          boot_status: z.string().max(32).nullish(),
          slot_status: z
            .object({ bundle: z.object({ version: z.string().max(64).nullish() }).nullish() })
            .nullish(),
        }),
      ),
    )
    .max(16),
})

/** Where RAUC looks for the description of a machine's slots. */
const DESCRIPTIONS = ['/etc/rauc/system.conf', '/run/rauc/system.conf', '/usr/lib/rauc/system.conf']

/** One check a slot with a system in it; none where nothing describes slots of this machine. */
export async function slotChecks({
  program = 'rauc',
  descriptions = DESCRIPTIONS,
} = {}): Promise<readonly Check[]> {
  const there = await Promise.allSettled(descriptions.map(file => access(file)))
  if (!there.some(({ status }) => status === 'fulfilled')) return []
  try {
    const { stdout } = await run(program, ['status', '--detailed', '--output-format=json'], {
      timeout: TIMEOUT_MS,
      maxBuffer: OUTPUT_BYTES_MAX,
    })
    return slotChecksOf(stdout)
  } catch {
    return [fault('slots', 'rauc does not answer', 'systemctl status rauc')]
  }
}

/** Of what `rauc` printed. Pure. */
export function slotChecksOf(text: string): readonly Check[] {
  const parsed = statusSchema.safeParse(jsonOf(text))
  if (!parsed.success) return [fault('slots', 'rauc answers what this version does not know', 'rauc status')]
  const { booted, boot_primary, slots } = parsed.data
  return slots.flatMap(entry =>
    Object.entries(entry).flatMap(([name, slot]) => {
      // Slots without a name to boot by hold no system of their own.
      if (!slot.bootname) return []
      const version = slot.slot_status?.bundle?.version
      const isNew = !version && slot.bootname !== booted && slot.boot_status === 'bad'
      // As it comes from `tunggal flash`: the first update fills it.
      if (isNew) return [fine(`slot ${slot.bootname}`, 'empty: no update yet')]
      const detail = [
        version ? `version ${version}` : 'version unknown',
        slot.bootname === booted ? 'runs now' : 'waits',
        ...(name === boot_primary ? ['starts next'] : []),
        `boots: ${slot.boot_status ?? 'unknown'}`,
      ].join(', ')
      const check = `slot ${slot.bootname}`
      if (slot.boot_status !== 'bad') return [fine(check, detail)]
      return [fault(check, detail, 'it did not start: install the image again')]
    }),
  )
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
