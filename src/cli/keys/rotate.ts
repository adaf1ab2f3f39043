import { z } from 'zod'
import { systemClock as clock } from '../../base/clock.ts'
import { renewCertificateOf } from '../../keys/claim/renew.ts'
import { isThere } from '../../keys/key-file.ts'
import { keyFolder, keysFolder } from '../../keys/layout.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { badOption } from '../options.ts'
import { keyOptions, printFolder } from './key-options.ts'

const options = z.strictObject(keyOptions)
const folders = ['abis', 'ops', 'updates', 'kiosk'] as const

export const keysRotate: Command<typeof options> = {
  name: 'keys rotate',
  summary: 'A fresh certificate for the key in a folder; for the ABIS also a new decryption key',
  options,
  args: [
    {
      name: 'FOLDER',
      doc: 'abis, ops, updates (which need the root) or kiosk (by the kiosk CA, or at a kiosk where it claimed).',
    },
  ],
  async run(context, { data }, [word]) {
    const folder = folders.find(name => name === word)
    if (folder === undefined) throw badOption(`FOLDER is one of ${folders.join(', ')}`)
    // At a kiosk there is no kiosk CA: it asks where it claimed.
    if (folder === 'kiosk' && !(await isThere(keyFolder(data, 'kiosk-ca')))) {
      await renewCertificateOf(keyFolder(data, folder), context.signal)
      await printFolder(context, keyFolder(data, folder))
      return EXIT.ok
    }
    const { addDecryptionKey, renewCertificate } = await import('../../keys/make-keys.ts')
    const keys = keysFolder(data)
    await renewCertificate(keys, folder, clock)
    const more = folder === 'abis' ? { kid: await addDecryptionKey(keys, clock) } : undefined
    await printFolder(context, keyFolder(data, folder), more)
    return EXIT.ok
  },
}
