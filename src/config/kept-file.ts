/**
 * One value on the disk, in two files of which one is always whole:
 *
 *     NAME-a.json   {"generation":7,"NAME":{…}} ⏎ SHA-256 in hex ⏎
 *     NAME-b.json   the same, of the write before or after
 *     NAME.new      one that is being written
 *
 * Always true:
 * - A write is written aside, synced, and put in place of the older file in one step; a power cut at any instant
 *   leaves what was held before or what is held after.
 * - A file that rots is noticed, and the one before it serves.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Disk } from './disk.ts'

export interface KeptFile<T> {
  /** Undefined: there is nothing yet. `damaged`: a file is unreadable, so this may not be the latest. */
  read(): Promise<{ readonly held: T | undefined; readonly damaged: boolean }>
  /** Durable when it resolves. Rejects with `kv/io`. One at a time. */
  write(held: T): Promise<void>
}

export interface KeptFileOptions<T> {
  /** Of the files, and of the value in them. */
  readonly name: string
  readonly schema: z.ZodType<T>
  readonly bytesMax: number
}

export function keptFile<T>(disk: Disk, { name, schema, bytesMax }: KeptFileOptions<T>): KeptFile<T> {
  const files = [`${name}-a.json`, `${name}-b.json`] as const
  const aside = `${name}.new`
  const fileSchema = z.object({ generation: z.int().min(1), [name]: z.unknown() })
  let generation = 0
  let newest: 0 | 1 = 1

  const decode = (bytes: Uint8Array): { generation: number; held: T } | undefined => {
    if (bytes.length > bytesMax) return undefined
    const [json, sum, rest] = Buffer.from(bytes).toString().split('\n')
    if (rest !== '' || sum !== checksum(json)) return undefined
    const file = fileSchema.safeParse(JSON.parse(json))
    const held = file.success ? schema.safeParse(file.data[name]) : undefined
    if (!file.success || !held?.success) return undefined
    return { generation: Number(file.data.generation), held: held.data }
  }
  return {
    async read() {
      const contents = await Promise.all(files.map(file => disk.read(file)))
      const read = contents.map(bytes => (bytes === undefined ? undefined : decode(bytes)))
      const damaged = contents.some((bytes, slot) => bytes !== undefined && read[slot] === undefined)
      newest = (read[1]?.generation ?? 0) > (read[0]?.generation ?? 0) ? 1 : 0
      generation = read[newest]?.generation ?? 0
      // A damaged file is the one to write over, and never the only good one.
      return { held: read[newest]?.held, damaged }
    },
    async write(held) {
      const slot = newest === 0 ? 1 : 0
      const json = JSON.stringify({ generation: generation + 1, [name]: held })
      await disk.write(aside, Buffer.from(`${json}\n${checksum(json)}\n`))
      await disk.sync(aside)
      await disk.rename(aside, files[slot])
      await disk.syncFolder()
      generation++
      newest = slot
    },
  }
}

function checksum(json: string): string {
  return createHash('sha256').update(json).digest('hex')
}
