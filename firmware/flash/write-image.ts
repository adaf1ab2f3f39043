import { type FileHandle, open } from 'node:fs/promises'
import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import { run } from '../image/run.ts'

/** Larger than any block that a card erases at once. */
const CHUNK_BYTES = 4 << 20
const SAY_EVERY_MS = 500

export interface Progress {
  readonly phase: 'write' | 'verify'
  readonly bytes: number
  readonly bytesTotal: number
  /** Of this phase so far. */
  readonly bytesPerSecond: number
}

export interface WriteOptions {
  readonly image: string
  readonly device: string
  readonly isDisk: boolean
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
}

/**
 * Writes an image onto a disk and reads it back. What is there already is read and not written again: a run that was
 * cut off goes on where it was, and cards wear less. Rejects with `io/unreadable`, `io/unwritable`,
 * `flash/not-as-written`.
 */
export async function writeImage(
  options: WriteOptions,
): Promise<{ readonly bytes: number; readonly written: number }> {
  const { image, device, isDisk } = options
  const source = await opened(image, 'r', 'io/unreadable')
  const target = await opened(device, isDisk ? 'r+' : 'a+', 'io/unwritable').then(async file => {
    if (isDisk) return file
    await file.close()
    return opened(device, 'r+', 'io/unwritable')
  })
  try {
    const { size } = await source.stat()
    if (!isDisk) await target.truncate(Math.max(size, (await target.stat()).size))
    const written = await eachChunk(options, 'write', { source, target, size }, async (wanted, there, at) => {
      if (wanted.equals(there)) return 0
      await target.write(wanted, 0, wanted.length, at).catch(cause => refused('io/unwritable', device, cause))
      return wanted.length
    })
    await target.sync()
    // Or memory would be compared with the image, and not the card.
    if (isDisk) await run('blockdev', ['--flushbufs', device])
    await eachChunk(options, 'verify', { source, target, size }, async (wanted, there, at) => {
      if (!wanted.equals(there)) throw new KioskError('flash/not-as-written', { device, at })
      return 0
    })
    return { bytes: size, written }
  } finally {
    await source.close()
    await target.close()
  }
}

/** The sum of what `act` answers. */
async function eachChunk(
  { image, device, clock, signal, onProgress }: WriteOptions,
  phase: Progress['phase'],
  {
    source,
    target,
    size,
  }: { readonly source: FileHandle; readonly target: FileHandle; readonly size: number },
  act: (wanted: Buffer, there: Buffer, at: number) => Promise<number>,
): Promise<number> {
  const wanted = Buffer.alloc(CHUNK_BYTES)
  const there = Buffer.alloc(CHUNK_BYTES)
  const startMs = clock.monotonicMs()
  let saidMs = Number.NEGATIVE_INFINITY
  let sum = 0
  for (let at = 0; at < size; at += CHUNK_BYTES) {
    signal.throwIfAborted()
    const length = Math.min(CHUNK_BYTES, size - at)
    await read(source, wanted, length, at).catch(cause => refused('io/unreadable', image, cause))
    const has = await read(target, there, length, at).catch(cause => refused('io/unreadable', device, cause))
    sum += await act(wanted.subarray(0, length), there.subarray(0, has), at)
    const nowMs = clock.monotonicMs()
    const bytes = at + length
    if (nowMs - saidMs < SAY_EVERY_MS && bytes < size) continue
    saidMs = nowMs
    const bytesPerSecond = bytes / Math.max(0.001, (nowMs - startMs) / 1000)
    onProgress({ phase, bytes, bytesTotal: size, bytesPerSecond })
  }
  return sum
}

/** As many bytes as there are, at most `length`. */
async function read(file: FileHandle, into: Buffer, length: number, at: number): Promise<number> {
  let has = 0
  while (has < length) {
    const { bytesRead } = await file.read(into, has, length - has, at + has)
    if (bytesRead === 0) break
    has += bytesRead
  }
  return has
}

async function opened(
  path: string,
  flags: string,
  code: 'io/unreadable' | 'io/unwritable',
): Promise<FileHandle> {
  return open(path, flags).catch(cause => refused(code, path, cause))
}

function refused(code: 'io/unreadable' | 'io/unwritable', file: string, cause: unknown): never {
  throw new KioskError(code, { file, code: (cause as NodeJS.ErrnoException).code ?? 'unknown' }, { cause })
}
