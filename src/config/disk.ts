import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { KioskError } from '../base/errors.ts'

/** A folder's files, in the steps that a power cut can come between. Names are plain file names. */
export interface Disk {
  /** Undefined: there is none. */
  read(name: string): Promise<Uint8Array | undefined>
  /** May be lost, or half written, until `sync`. */
  write(name: string, bytes: Uint8Array): Promise<void>
  sync(name: string): Promise<void>
  /** In one step; may be lost until `syncFolder`. */
  rename(from: string, to: string): Promise<void>
  syncFolder(): Promise<void>
}

/** A folder, made with the first write. Rejects with `kv/io`. */
export function folderDisk(folder: string): Disk {
  const sync = async (path: string, flags: string) => {
    const file = await open(path, flags)
    try {
      await file.sync()
    } finally {
      await file.close()
    }
  }
  return {
    read: name =>
      readFile(join(folder, name)).catch(error => {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw refused(error)
      }),
    async write(name, bytes) {
      try {
        const isNew = (await mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined
        if (isNew) await sync(dirname(folder), 'r')
        const file = await open(join(folder, name), 'w', 0o600)
        try {
          await file.writeFile(bytes)
        } finally {
          await file.close()
        }
      } catch (error) {
        throw refused(error)
      }
    },
    sync: name => sync(join(folder, name), 'r+').catch(error => Promise.reject(refused(error))),
    rename: (from, to) =>
      rename(join(folder, from), join(folder, to)).catch(error => Promise.reject(refused(error))),
    syncFolder: () => sync(folder, 'r').catch(error => Promise.reject(refused(error))),
  }
}

function refused(cause: unknown): KioskError {
  return new KioskError('kv/io', {}, { cause })
}
