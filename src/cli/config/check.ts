import { z } from 'zod'
import { checkSettings, readSettingsJson, SETTINGS_BYTES_MAX } from '../../settings/settings.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { readInput } from '../files.ts'

const options = z.strictObject({})

export const configCheck: Command<typeof options> = {
  name: 'config check',
  summary: 'Say everything that is wrong with a settings file: 1 if anything',
  args: [{ name: 'FILE', doc: 'Settings (docs/CONFIG.md), as JSON.' }],
  options,
  async run({ print, resolve }, _, [file]) {
    const checked = checkSettings(readSettingsJson(await readInput(resolve(file), SETTINGS_BYTES_MAX)))
    if ('settings' in checked) {
      print(`${file}: nothing wrong`)
      return EXIT.ok
    }
    for (const { path, remedy } of checked.problems)
      print({ path, remedy }, `${path || '(whole file)'}: ${remedy}`)
    return EXIT.no
  },
}
