/** Files as commands meet them: every failure is a `KioskError` that names the file and the reason. */
import { open, readdir, writeFile } from 'node:fs/promises'
import { KioskError } from '../base/errors.ts'

const CHUNK_BYTES = 1 << 20

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EISDIR: 'it is a folder',
  ENOTDIR: 'it is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
}

function failure(code: 'io/unreadable' | 'io/unwritable', file: string, error: unknown): KioskError {
  const errno = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new KioskError(code, { file, why: REASONS[errno] ?? errno }, { cause: error })
}

/** The whole file, or pipe. Rejects with `io/unreadable`, which it also is above `bytesMax`. */
export async function readInput(file: string, bytesMax: number): Promise<Uint8Array> {
  const handle = await open(file).catch(error => {
    throw failure('io/unreadable', file, error)
  })
  try {
    const parts: Uint8Array[] = []
    let size = 0
    for (;;) {
      const { bytesRead, buffer } = await handle.read({ buffer: new Uint8Array(CHUNK_BYTES) })
      if (bytesRead === 0) break
      size += bytesRead
      if (size > bytesMax)
        throw new KioskError('io/unreadable', { file, why: `it has more than ${bytesMax} bytes` })
      parts.push(buffer.subarray(0, bytesRead))
    }
    return parts.length === 1 ? parts[0] : new Uint8Array(Buffer.concat(parts))
  } catch (error) {
    throw error instanceof KioskError ? error : failure('io/unreadable', file, error)
  } finally {
    await handle.close()
  }
}

/** `mode`: of a file that is new. Rejects with `io/unwritable`. */
export async function writeOutput(file: string, bytes: Uint8Array, mode = 0o666): Promise<void> {
  await writeFile(file, bytes, { mode }).catch(error => {
    throw failure('io/unwritable', file, error)
  })
}

/** Makes names in a folder durable; of a file system that can sync none (some of sticks and shares), nothing. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync().catch((error: NodeJS.ErrnoException) => {
      if (!['EINVAL', 'ENOSYS', 'ENOTSUP'].includes(error.code ?? '')) throw error
    })
  } finally {
    await handle.close()
  }
}

/** Names of the plain files of a folder, in name order, hidden ones left out. Rejects with `io/unreadable`. */
export async function listFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(error => {
    throw failure('io/unreadable', folder, error)
  })
  return entries
    .filter(entry => !entry.isDirectory() && !entry.name.startsWith('.'))
    .map(entry => entry.name)
    .sort()
}
