import { join } from 'node:path'
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

/**
 * For the kiosk, which alone changes it. Nothing is written before there is something to keep: not by a kiosk that then
 * finds that the data folder is another user's. Rejects with `kv/io`.
 */
export async function openConfigFolder(data: string, options: { log: Log; at: string }): Promise<Kept> {
  return Kept.open(heldFile(folderDisk(configFolder(data))), options)
}

/** What the kiosk of a data folder holds; undefined: nothing, or nothing readable. Rejects with `kv/io`. */
export async function heldIn(data: string): Promise<Held | undefined> {
  return (await heldFile(folderDisk(configFolder(data))).read()).held
}

/** The settings that the kiosk of a data folder runs by, over its own file `base`. Rejects with `kv/io`. */
export async function settingsInForce(data: string, base: Settings): Promise<Settings> {
  const held = await heldIn(data)
  return held === undefined ? base : settingsOf(held, base)
}
