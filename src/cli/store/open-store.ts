import { stat } from 'node:fs/promises'
import type { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { openKioskKeys } from '../../keys/file-key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import { openKioskStore, storeFolder } from '../../kiosk.ts'
import { openKioskSeal } from '../../seal/kiosk-seal.ts'
import type { KioskSeal } from '../../seal/seal.ts'
import type { KioskStore } from '../../store/store.ts'
import type { Command, Context } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'
import { kioskOptions, readSettings, stderrLog } from '../kiosk/kiosk-options.ts'

const { data, config } = kioskOptions
/** For commands on what a kiosk keeps. */
export const storeOptions = { data, config }
export type StoreOptions = { readonly data: string; readonly config?: string }

/** What a command on a kiosk's records gets to work with. */
export interface OpenedStore {
  /** The kiosk's. */
  readonly name: string
  readonly store: KioskStore
  readonly seal: KioskSeal
}

/** A command on what a kiosk keeps: inside the kiosk where one runs, since it alone may change its store, else here. */
export function storeCommand<Options extends z.ZodObject<typeof storeOptions>>({
  work,
  ...command
}: Omit<Command<Options>, 'run' | 'inKiosk'> & {
  work(
    context: Context,
    opened: OpenedStore,
    options: z.infer<Options>,
    args: readonly string[],
  ): Promise<ExitCode>
}): Command<Options> & Required<Pick<Command<Options>, 'inKiosk'>> {
  return {
    ...command,
    run: (context, options, args) =>
      withStore(options as StoreOptions, opened => work(context, opened, options, args)),
    inKiosk: work,
  }
}

/**
 * Does something with the store of a data folder, without the rest of the kiosk. Rejects with `kv/locked`
 * while another process has it open.
 */
export async function withStore<T>(
  options: StoreOptions,
  use: (opened: OpenedStore) => Promise<T>,
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
    return await use({ name: keys.name, store, seal: openKioskSeal({ keys, clock: systemClock }) })
  } finally {
    await store.close()
  }
}
