import { mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Settings } from '../settings/settings.ts'
import { folderDisk } from './disk.ts'
import { type Held, settingsOf } from './held.ts'
import { heldFile } from './held-file.ts'
import { Kept } from './kept.ts'

/** Where a kiosk keeps its configurations, below its data folder. */
export function configFolder(data: string): string {
  return join(data, 'config')
}

/** For the kiosk, which alone changes it. Rejects with `kv/io`. */
export async function openConfigFolder(data: string, options: { log: Log; at: string }): Promise<Kept> {
  const folder = configFolder(data)
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch(cause => {
    throw new KioskError('kv/io', {}, { cause })
  })
  return Kept.open(heldFile(folderDisk(folder)), options)
}

/** What the kiosk of a data folder holds; undefined: nothing, or nothing readable. Rejects with `kv/io`. */
export async function heldIn(data: string): Promise<Held | undefined> {
  const isThere = await stat(configFolder(data)).then(
    () => true,
    () => false,
  )
  return isThere ? (await heldFile(folderDisk(configFolder(data))).read()).held : undefined
}

/** The settings that the kiosk of a data folder runs by, over its own file `base`. Rejects with `kv/io`. */
export async function settingsInForce(data: string, base: Settings): Promise<Settings> {
  const held = await heldIn(data)
  return held === undefined ? base : settingsOf(held, base)
}
