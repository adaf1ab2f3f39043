import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { KioskError } from '../base/errors.ts'

/** Far above any key, chain, list or ledger of ours. */
const KEY_FILE_BYTES_MAX = 16 * 1024 * 1024
const SECRET_MODE = 0o400
const PUBLIC_MODE = 0o444

/**
 * Writes a file so that a power cut leaves the old one or the new one: aside, fsync, rename, fsync of
 * the folder. Mode 0400 where `secret`, else 0444. Rejects with `io/unwritable`.
 */
export async function writeKeyFile(
  path: string,
  content: string | Uint8Array,
  options: { secret: boolean },
): Promise<void> {
  const aside = `${path}.new`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await rm(aside, { force: true })
    const handle = await open(aside, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, SECRET_MODE)
    try {
      await handle.writeFile(content)
      // Whatever the umask: the broker, another user, has to read the public ones.
      if (!options.secret) await handle.chmod(PUBLIC_MODE)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(aside, path)
    await syncFolder(dirname(path))
  } catch (cause) {
    throw new KioskError('io/unwritable', { file: basename(path), ...systemCode(cause) }, { cause })
  }
}

/**
 * Rejects with `keys/missing` where there is none, and with `keys/unreadable` where a secret can be
 * read by others than its owner: then it must be taken for known.
 */
export async function readKeyFile(path: string, options: { secret: boolean }): Promise<Buffer> {
  try {
    const { mode, size } = await stat(path)
    if (size > KEY_FILE_BYTES_MAX) throw new KioskError('keys/unreadable', { file: path, bytes: size })
    if (options.secret && (mode & 0o077) !== 0)
      throw new KioskError('keys/unreadable', { file: path, mode: (mode & 0o777).toString(8), needed: '400' })
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof KioskError) throw cause
    const { code } = systemCode(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') throw new KioskError('keys/missing', { file: path })
    throw new KioskError('keys/unreadable', { file: path, code }, { cause })
  }
}

/** A file or folder is there. */
export function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/**
 * Overwrites a secret and takes it away; safe to repeat. Flash may keep the old bytes where only its own controller
 * reads them: docs/THREATS.md. Rejects with `io/unwritable`.
 */
export async function eraseKeyFile(path: string): Promise<void> {
  try {
    await chmod(path, 0o600)
    const handle = await open(path, constants.O_WRONLY)
    try {
      const { size } = await handle.stat()
      await handle.write(randomBytes(size), 0, size, 0)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rm(path)
    await syncFolder(dirname(path))
  } catch (cause) {
    const { code } = systemCode(cause)
    if (code !== 'ENOENT') throw new KioskError('io/unwritable', { file: basename(path), code }, { cause })
  }
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function systemCode(cause: unknown): { code: string } {
  return { code: String((cause as NodeJS.ErrnoException).code ?? 'unknown') }
}
