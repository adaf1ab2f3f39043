import { randomBytes } from 'node:crypto'
import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { openKioskKeys } from '../../keys/file-key-store.ts'
import type { KioskKeys } from '../../keys/key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import { openLevelKv } from '../../kv/level.ts'
import { fileHighWaterMark } from '../../store/high-water-mark.ts'
import { type KioskStore, openStore } from '../../store/store.ts'
import { kioskOptions, readSettings, stderrLog } from '../kiosk/kiosk-options.ts'

const { data, config } = kioskOptions
/** For commands on what a kiosk keeps. */
export const storeOptions = { data, config }
export type StoreOptions = { readonly data: string; readonly config?: string }

/** Where the database is below a data folder. */
export function storeFolder(data: string): string {
  return join(data, 'store')
}

/**
 * Does something with the store of a data folder, without the rest of the kiosk. Rejects with `kv/locked`
 * while that kiosk runs: it alone may change its store.
 */
export async function withStore<T>(
  options: StoreOptions,
  use: (store: KioskStore, keys: KioskKeys) => Promise<T>,
): Promise<T> {
  const settings = await readSettings(options)
  const keys = await openKioskKeys(keyFolder(options.data, 'kiosk'))
  const folder = storeFolder(options.data)
  const room = await statfs(folder).catch(error => {
    throw new KioskError(
      'io/unreadable',
      { file: folder, why: 'no kiosk has kept anything here' },
      { cause: error },
    )
  })
  const store = await openStore({
    kv: await openLevelKv(folder),
    highWaterMark: fileHighWaterMark(join(options.data, 'high-water-mark')),
    clock: systemClock,
    dataKey: keys.dataKey,
    indexKey: keys.indexKey,
    limits: settings.store,
    freeBytes: async () => room.bavail * room.bsize,
    log: stderrLog({ quiet: true }),
    random: randomBytes,
  })
  try {
    return await use(store, keys)
  } finally {
    await store.close()
  }
}
