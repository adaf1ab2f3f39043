import { cp, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { Level } from 'level'
import type { Kv } from './kv.ts'
import { openLevelKv } from './level.ts'

/** `level` types itself for browsers, which have nothing to repair. */
const { repair } = Level as unknown as { repair(folder: string): Promise<void> }

/** A copy in `scratch`: LevelDB does not open what it may not write to, as a card should be whose kiosk is dead. */
export async function openCopy(folder: string, scratch: string): Promise<Kv> {
  await copy(folder, scratch)
  return await openLevelKv(scratch)
}

/**
 * Copies a database that does not open to `scratch` and opens what LevelDB's repair makes of the copy:
 * deleted entries may be back, others gone without a word (facts measured: 996 of 3,000). So only a
 * person asks for it, the original is not touched, and the caller takes from it only what may come twice.
 */
export async function openSalvagedCopy(folder: string, scratch: string): Promise<Kv> {
  await copy(folder, scratch)
  await repair(scratch)
  return await openLevelKv(scratch)
}

/** But for the lock, which may be a dead process's. */
async function copy(folder: string, scratch: string): Promise<void> {
  await rm(scratch, { recursive: true, force: true })
  await cp(folder, scratch, { recursive: true, filter: file => basename(file) !== 'LOCK' })
}
