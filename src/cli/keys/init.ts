import { join } from 'node:path'
import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { keysFolder } from '../../keys/layout.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { badOption } from '../options.ts'
import { keyOptions, printFolder } from './key-options.ts'

const options = z.strictObject({
  ...keyOptions,
  demo: z.boolean().default(false).meta({ doc: 'A broker and one kiosk as well, all on this machine.' }),
  abis: z.string().default('abis-central').meta({ doc: "The ABIS's name.", value: 'NAME' }),
  ops: z.string().default('ops-central').meta({ doc: "Operations' name.", value: 'NAME' }),
  kiosk: z.string().optional().meta({ doc: "The demo kiosk's name. Default: kiosk-demo.", value: 'NAME' }),
  host: z
    .array(z.string())
    .optional()
    .meta({ doc: "The demo broker's names and addresses. Default: localhost, 127.0.0.1.", value: 'HOST' }),
})

export const keysInit: Command<typeof options> = {
  name: 'keys init',
  summary: 'Make the keys of a new centre: root, kiosk CA, ABIS, operations, updates',
  options,
  async run(context, { data, demo, abis, ops, kiosk, host }) {
    if (!demo && (kiosk !== undefined || host !== undefined))
      throw badOption('--kiosk and --host belong to --demo; tunggal keys issue makes kiosks and brokers')
    const { initDemoKeys, initKeys } = await import('../../keys/make-keys.ts')
    const centre = { clock: systemClock, abis, ops }
    if (demo) await initDemoKeys(data, { ...centre, kiosk, hosts: host })
    else await initKeys(data, centre)
    const keys = keysFolder(data)
    const folders = ['root', 'kiosk-ca', 'abis', 'ops', 'updates', ...(demo ? ['broker', 'kiosk'] : [])]
    for (const folder of folders) await printFolder(context, join(keys, folder))
    if (!demo) context.print(`Now take ${join(keys, 'root')} off this machine: docs/KEYS.md says how.`)
    return EXIT.ok
  },
}
