/**
 * What a kiosk holds of its configurations, on the disk:
 *
 *     held-a.json   {"generation":7,"held":{…}} ⏎ SHA-256 in hex ⏎
 *     held-b.json   the same, of the write before or after
 *     held.new      one that is being written
 *
 * Always true:
 * - A write is written aside, synced, and put in place of the older file in one step; a power cut at any instant
 *   leaves what was held before or what is held after.
 * - A file that rots is noticed, and the one before it serves. What that one does not know yet is sent again by the
 *   broker, which keeps the last configuration, and is tried again.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { configErrorSchema, configVersion, ERRORS_MAX } from '../settings/desired.ts'
import type { Disk } from './disk.ts'
import type { Held } from './held.ts'

const FILES = ['held-a.json', 'held-b.json'] as const
const ASIDE = 'held.new'
/** Three configurations of the greatest size that a file may have, and what is said of them. */
const BYTES_MAX = 256 * 1024

const versionSchema = z.object({
  version: configVersion,
  settings: z.record(z.string(), z.unknown()),
})
const troubles = z.array(z.string())

/** What newer software has added is not ours to refuse: it may have been this kiosk's until a moment ago. */
const fileSchema = z.object({
  generation: z.int().min(1),
  held: z.object({
    highest: configVersion,
    good: versionSchema,
    trial: versionSchema.extend({ starts: z.int().min(0), troubles }).optional(),
    waiting: versionSchema.extend({ troubles }).optional(),
    report: z.object({
      version: configVersion,
      state: z.enum(['applied', 'rejected', 'rolled-back']),
      errors: z.array(configErrorSchema).max(ERRORS_MAX),
      at: z.iso.datetime(),
    }),
  }),
})

export interface HeldFile {
  /** Undefined: there is nothing yet. `damaged`: a file is unreadable, so this may not be the latest. */
  read(): Promise<{ readonly held: Held | undefined; readonly damaged: boolean }>
  /** Durable when it resolves. Rejects with `kv/io`. One at a time. */
  write(held: Held): Promise<void>
}

export function heldFile(disk: Disk): HeldFile {
  let generation = 0
  let newest: 0 | 1 = 1
  return {
    async read() {
      const contents = await Promise.all(FILES.map(name => disk.read(name)))
      const read = contents.map(bytes => (bytes === undefined ? undefined : decode(bytes)))
      const damaged = contents.some((bytes, slot) => bytes !== undefined && read[slot] === undefined)
      newest = (read[1]?.generation ?? 0) > (read[0]?.generation ?? 0) ? 1 : 0
      generation = read[newest]?.generation ?? 0
      // A damaged file is the one to write over, and never the only good one.
      return { held: read[newest]?.held, damaged }
    },
    async write(held) {
      const slot = newest === 0 ? 1 : 0
      await disk.write(ASIDE, encode({ generation: generation + 1, held }))
      await disk.sync(ASIDE)
      await disk.rename(ASIDE, FILES[slot])
      await disk.syncFolder()
      generation++
      newest = slot
    },
  }
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex')
}

function encode(content: { generation: number; held: Held }): Uint8Array {
  const json = JSON.stringify(content)
  return Buffer.from(`${json}\n${checksum(json)}\n`)
}

function decode(bytes: Uint8Array): { generation: number; held: Held } | undefined {
  if (bytes.length > BYTES_MAX) return undefined
  const [json, sum, rest] = Buffer.from(bytes).toString().split('\n')
  if (rest !== '' || sum !== checksum(json)) return undefined
  const parsed = fileSchema.safeParse(JSON.parse(json))
  return parsed.success ? parsed.data : undefined
}
