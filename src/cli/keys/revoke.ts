import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { keyFolder, keysFolder } from '../../keys/layout.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { keyOptions } from './key-options.ts'

const options = z.strictObject({
  ...keyOptions,
  reason: z.enum(['lost', 'retired']).meta({
    doc: 'lost: nothing it signed is believed any more. retired: it may not connect; what waits in its outbox still counts.',
  }),
  by: z
    .enum(['kiosk-ca', 'root'])
    .default('kiosk-ca')
    .meta({ doc: 'Who certified it: root for broker, ABIS and operations.' }),
})

export const keysRevoke: Command<typeof options> = {
  name: 'keys revoke',
  summary: 'Take every certificate of a name back, and make the new revocation lists',
  options,
  args: [{ name: 'NAME', doc: 'Kiosk id, or the name that the root certified.' }],
  async run(context, { data, reason, by }, [name]) {
    const { Authority } = await import('../../keys/authority.ts')
    const { handOutRevocations } = await import('../../keys/make-keys.ts')
    const authority = await Authority.open(keyFolder(data, by), systemClock)
    const revoked = await authority.revoke(name, reason)
    // Even where nothing is new: a copy elsewhere may have been lost.
    await handOutRevocations(keysFolder(data))
    for (const { serialNumber, revokedAt, reason } of revoked)
      context.print({ name, serialNumber, reason, revokedAt }, `${name}  ${serialNumber}  ${reason}`)
    if (revoked.length === 0) context.print(`${name} had no certificate left to revoke`)
    context.print(
      'Bring kiosk-ca/both-crls.pem, as crl.pem, to broker and ABIS and restart them: docs/KEYS.md says why.',
    )
    return EXIT.ok
  },
}
