import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openLevelKv } from '../../src/kv/level.ts'
import { fileHighWaterMark } from '../../src/store/high-water-mark.ts'
import { type KioskStore, openStore } from '../../src/store/store.ts'
import { dataKey, indexKey, limits } from './fixture.ts'

/** A store on real files: `<folder>/kv` and `<folder>/mark`. */
export async function openFolderStore(folder: string): Promise<KioskStore> {
  return await openStore({
    kv: await openLevelKv(join(folder, 'kv')),
    highWaterMark: fileHighWaterMark(join(folder, 'mark')),
    clock: systemClock,
    dataKey,
    indexKey,
    limits: { ...limits, entriesMax: 100_000 },
    log: silentLog,
    random: bytes => randomBytes(bytes),
  })
}

/** Every file under `folder`: path from there → bytes. */
export async function filesOf(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(folder.length + 1), await readFile(path))
  }
  return files
}
