import { stat } from 'node:fs/promises'
import { systemClock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { openKioskKeys } from '../../keys/file-key-store.ts'
import type { KioskKeys } from '../../keys/key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import { openKioskStore, storeFolder } from '../../kiosk.ts'
import type { KioskStore } from '../../store/store.ts'
import { kioskOptions, readSettings, stderrLog } from '../kiosk/kiosk-options.ts'

const { data, config } = kioskOptions
/** For commands on what a kiosk keeps. */
export const storeOptions = { data, config }
export type StoreOptions = { readonly data: string; readonly config?: string }

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
  await stat(folder).catch(error => {
    throw new KioskError(
      'io/unreadable',
      { file: folder, why: 'no kiosk has kept anything here' },
      { cause: error },
    )
  })
  const log = stderrLog({ quiet: true })
  const store = await openKioskStore({ data: options.data, settings, clock: systemClock, log }, keys)
  try {
    return await use(store, keys)
  } finally {
    await store.close()
  }
}
