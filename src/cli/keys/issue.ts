import { join } from 'node:path'
import { z } from 'zod'
import { systemClock as clock } from '../../base/clock.ts'
import { keyFolder, keysFolder } from '../../keys/layout.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { readInput } from '../files.ts'
import { badOption } from '../options.ts'
import { keyOptions, printFolder } from './key-options.ts'

const REQUEST_BYTES_MAX = 65_536

const options = z.strictObject({
  ...keyOptions,
  role: z.enum(['kiosk', 'broker']).default('kiosk').meta({ doc: 'What the certificate is for.' }),
  csr: z
    .string()
    .optional()
    .meta({ doc: 'PKCS #10 request of a kiosk that keeps its key to itself.', value: 'FILE' }),
  host: z.array(z.string()).optional().meta({ doc: 'A name or address of the broker.', value: 'HOST' }),
  out: z
    .string()
    .optional()
    .meta({ short: 'o', doc: 'Folder to make. Default: NAME, below keys.', value: 'DIR' }),
})

export const keysIssue: Command<typeof options> = {
  name: 'keys issue',
  summary: 'Certify a kiosk (needs the kiosk CA) or a broker (needs the root)',
  options,
  args: [
    { name: 'NAME', doc: 'Kiosk id: 4 to 36 of a-z, 0-9 and -. It is the client id and stands in topics.' },
  ],
  async run(context, { data, role, csr, host, out }, [name]) {
    if (role === 'broker' && (host === undefined || csr !== undefined))
      throw badOption('a broker needs --host, once or more, and takes no --csr')
    if (role === 'kiosk' && host !== undefined) throw badOption('--host belongs to --role broker')
    const { issueBroker, issueKiosk } = await import('../../keys/make-keys.ts')
    const folder = out ?? join(keysFolder(data), name)
    if (role === 'broker')
      await issueBroker(keysFolder(data), { name, hosts: host ?? [], out: folder, clock })
    else {
      const request =
        csr === undefined ? undefined : Buffer.from(await readInput(csr, REQUEST_BYTES_MAX)).toString()
      await issueKiosk(keyFolder(data, 'kiosk-ca'), { name, out: folder, clock, request })
    }
    await printFolder(context, folder)
    return EXIT.ok
  },
}
