import { z } from 'zod'
import { settingsJsonSchema } from '../../settings/settings.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'

const options = z.strictObject({})

export const configSchema: Command<typeof options> = {
  name: 'config schema',
  summary: 'Print the JSON Schema of a settings file, for an editor',
  options,
  async run({ print }) {
    const schema = settingsJsonSchema()
    print(schema, JSON.stringify(schema, null, 2))
    return EXIT.ok
  },
}
