import { z } from 'zod'
import { heldIn } from '../../config/folder.ts'
import { type Held, running, settingsOf } from '../../config/held.ts'
import { changesBetween, valueAt } from '../../settings/overlay.ts'
import { defaultSettings, type Settings, settingPaths } from '../../settings/settings.ts'
import type { Command, Context } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { kioskOptions, readOwnSettings } from '../kiosk/kiosk-options.ts'

const options = z.strictObject({
  ...kioskOptions,
  all: z.boolean().default(false).meta({ doc: 'Also those that have their default.' }),
})

type Origin = 'default' | 'own file' | `version ${number}`

export const configShow: Command<typeof options> = {
  name: 'config show',
  summary: 'List the settings that a kiosk runs by, and where each comes from',
  options,
  async run(context, { data, all, ...own }) {
    const base = await readOwnSettings({ data, ...own })
    const held = await heldIn(data)
    const settings = held === undefined ? base : settingsOf(held, base)
    const origins = originsOf(base, settings, held)
    for (const [path, { secret }] of settingPaths) {
      const from = origins.get(path) ?? 'default'
      const set = valueAt(settings, path)
      const value = secret && set !== undefined ? '(secret)' : set
      if (from === 'default' && (!all || value === undefined)) continue
      context.print({ path, value, from }, `${path} = ${JSON.stringify(value)}  (${from})`)
    }
    if (held !== undefined) printVersions(context, held)
    return EXIT.ok
  },
}

function originsOf(base: Settings, settings: Settings, held: Held | undefined): Map<string, Origin> {
  const origins = new Map<string, Origin>()
  for (const { path } of changesBetween(defaultSettings, base)) origins.set(path, 'own file')
  const version: Origin = `version ${held === undefined ? 0 : running(held).version}`
  for (const { path } of changesBetween(base, settings)) origins.set(path, version)
  return origins
}

function printVersions({ print }: Context, held: Held): void {
  const { trial, waiting, good, report } = held
  if (trial) print(`Version ${trial.version} is on trial; version ${good.version} is the one to go back to.`)
  if (waiting) print(`Version ${waiting.version} waits until nobody is at the kiosk.`)
  for (const { code, where, text } of report.errors)
    print(`Version ${report.version} was ${report.state}: ${where || 'all of it'}: ${text} [${code}]`)
}
