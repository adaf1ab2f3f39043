import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { jsonLog, type Log } from '../../base/log.ts'
import { settingsInForce } from '../../config/folder.ts'
import { type KeptIdentity, readIdentity } from '../../keys/claim/identity.ts'
import { keyFolder } from '../../keys/layout.ts'
import { parseSettings, SETTINGS_BYTES_MAX, type Settings, settingsSchema } from '../../settings/settings.ts'
import { readInput } from '../files.ts'

/** For every command that opens the kiosk's data folder. */
export const kioskOptions = {
  data: z
    .string()
    .min(1)
    .default('/var/lib/tunggal')
    .meta({ doc: 'State folder of the kiosk: keys, records, outbox.', value: 'DIR' }),
  config: z.string().min(1).optional().meta({
    doc: "The kiosk's own settings (docs/CONFIG.md), as JSON; what operations sent lies over them.",
    value: 'FILE',
  }),
  broker: z
    .string()
    .min(1)
    .optional()
    .meta({ doc: "The MQTT 5 broker, instead of the one in the kiosk's own settings.", value: 'URL' }),
}
export type KioskOptions = { readonly data: string; readonly config?: string; readonly broker?: string }

/** What the kiosk of `--data` runs by: its own settings, and over them what operations sent. Rejects as `readOwnSettings`. */
export async function readSettings(options: KioskOptions): Promise<Settings> {
  return settingsInForce(options.data, await readOwnSettings(options))
}

/**
 * The settings of `--config`, or the defaults; over them what the kiosk was told when it claimed its certificate; the
 * broker of `--broker`. Rejects with `config/bad-value`, `io/unreadable`, `keys/unreadable`.
 */
export async function readOwnSettings({ data, config, broker }: KioskOptions): Promise<Settings> {
  const file =
    config === undefined
      ? settingsSchema.parse({})
      : parseSettings(await readInput(config, SETTINGS_BYTES_MAX))
  const settings = withIdentity(file, await readIdentity(keyFolder(data, 'kiosk')))
  if (broker === undefined) return settings
  const url = settingsSchema.shape.broker.safeParse({ ...settings.broker, url: broker })
  if (!url.success)
    throw new KioskError('usage/bad-option', { problem: `--broker ${url.error.issues[0].message}` })
  return { ...settings, broker: url.data }
}

function withIdentity(settings: Settings, identity: KeptIdentity | undefined): Settings {
  if (identity === undefined) return settings
  const { name, site = settings.kiosk.site, province = settings.kiosk.province } = identity
  const { broker: url = settings.broker.url } = identity
  return {
    ...settings,
    kiosk: { ...settings.kiosk, id: name, site, province },
    broker: { ...settings.broker, url },
  }
}

/** The runtime's own log, on standard error. `quiet`: only what somebody has to look at. */
export function stderrLog(options: { readonly quiet: boolean }): Log {
  const log = jsonLog(
    line => void process.stderr.write(line),
    () => Date.now(),
  )
  return options.quiet ? { ...log, info() {}, warn() {} } : log
}
