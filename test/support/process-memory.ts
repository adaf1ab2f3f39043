import type { ChildProcess } from 'node:child_process'
import { open, readFile } from 'node:fs/promises'

const CHUNK_BYTES = 16 * 1024 * 1024

/** Bytes that must not be there, and what to call them. */
export interface Needle {
  readonly name: string
  readonly bytes: Buffer
}

/** Names of what stands anywhere in the writable memory of a process. */
export async function found({ pid }: ChildProcess, needles: readonly Needle[]): Promise<string[]> {
  const names = new Set<string>()
  const memory = await open(`/proc/${pid}/mem`)
  const overlap = Math.max(...needles.map(({ bytes }) => bytes.length))
  const buffer = Buffer.alloc(CHUNK_BYTES + overlap)
  for (const line of (await readFile(`/proc/${pid}/maps`, 'utf8')).split('\n')) {
    const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
    if (from === undefined) continue
    const end = Number.parseInt(to, 16)
    for (let at = Number.parseInt(from, 16); at < end; at += CHUNK_BYTES) {
      const length = Math.min(buffer.length, end - at)
      // Gone meanwhile, or never used.
      const { bytesRead } = await memory.read(buffer, 0, length, at).catch(() => ({ bytesRead: 0 }))
      const read = buffer.subarray(0, bytesRead)
      for (const { name, bytes } of needles) if (read.includes(bytes)) names.add(name)
    }
  }
  await memory.close()
  return [...names]
}
