import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { keyFolder, keysFolder } from '../../keys/layout.ts'
import type { Command, Context } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { readInput } from '../files.ts'
import { badOption } from '../options.ts'
import { keyOptions } from './key-options.ts'

const PID_BYTES_MAX = 32

const options = z.strictObject({
  ...keyOptions,
  reason: z.enum(['lost', 'retired']).meta({
    doc: 'lost: nothing it signed is believed any more. retired: it may not connect; what waits in its outbox still counts.',
  }),
  by: z
    .enum(['kiosk-ca', 'root'])
    .default('kiosk-ca')
    .meta({ doc: 'Who certified it: root for broker, ABIS and operations.' }),
  brokerPid: z
    .string()
    .optional()
    .meta({ doc: 'File with the number of Mosquitto: it is made to read its lists again.', value: 'FILE' }),
  broker: z
    .string()
    .regex(/^mqtts:\/\/[^\s/@]+\/?$/, 'must be mqtts://HOST:PORT')
    .optional()
    .meta({
      doc: 'The broker, once it has the new lists: the standing session of the kiosk is ended.',
      value: 'URL',
    }),
})

export const keysRevoke: Command<typeof options> = {
  name: 'keys revoke',
  summary: 'Take every certificate of a name back, and make the new revocation lists',
  options,
  args: [{ name: 'NAME', doc: 'Kiosk id, or the name that the root certified.' }],
  async run(context, { data, reason, by, broker, brokerPid }, [name]) {
    if (broker !== undefined && by === 'root') throw badOption('--broker is for kiosks')
    const { Authority } = await import('../../keys/authority.ts')
    const { handOutRevocations } = await import('../../keys/make-keys.ts')
    const authority = await Authority.open(keyFolder(data, by), systemClock)
    const revoked = await authority.revoke(name, reason)
    // Even where nothing is new: a copy elsewhere may have been lost.
    await handOutRevocations(keysFolder(data))
    for (const { serialNumber, revokedAt, reason } of revoked)
      context.print({ name, serialNumber, reason, revokedAt }, `${name}  ${serialNumber}  ${reason}`)
    if (revoked.length === 0) context.print(`${name} had no certificate left to revoke`)
    if (brokerPid !== undefined) await reload(brokerPid)
    if (broker !== undefined) return await endSession(context, { data, name, url: broker, reason })
    context.print(
      'Bring kiosk-ca/both-crls.pem, as crl.pem, to broker and ABIS and say --broker: docs/KEYS.md says why.',
    )
    return EXIT.ok
  },
}

/** SIGHUP: Mosquitto reads its certificates and lists again. */
async function reload(file: string): Promise<void> {
  const pid = Number(Buffer.from(await readInput(file, PID_BYTES_MAX)).toString())
  if (!Number.isSafeInteger(pid) || pid < 2) throw badOption(`${file} holds no number of a process`)
  try {
    process.kill(pid, 'SIGHUP')
  } catch (cause) {
    throw badOption(`the process of ${file} cannot be told: ${(cause as NodeJS.ErrnoException).code}`)
  }
}

async function endSession(
  context: Context,
  { data, name, url, reason }: { data: string; name: string; url: string; reason: 'lost' | 'retired' },
): Promise<ExitCode> {
  const { Authority } = await import('../../keys/authority.ts')
  const { handOutRevocations } = await import('../../keys/make-keys.ts')
  const { throwOut } = await import('../../fleet/throw-out.ts')
  const ca = keyFolder(data, 'kiosk-ca')
  context.progress('Ending the session of the kiosk …')
  const isOut = await throwOut({ name, url, ca, clock: systemClock }).finally(async () => {
    // The certificate that we came in with, too.
    await (await Authority.open(ca, systemClock)).revoke(name, reason)
    await handOutRevocations(keysFolder(data))
  })
  context.print(
    { name, session: isOut ? 'ended' : 'comes-back' },
    isOut
      ? `${name} is off the broker`
      : `${name} comes back to the broker: it has not read kiosk-ca/both-crls.pem yet`,
  )
  return isOut ? EXIT.ok : EXIT.no
}
