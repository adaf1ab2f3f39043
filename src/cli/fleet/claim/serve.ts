import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { aborted } from '../../../base/aborted.ts'
import { systemClock as clock } from '../../../base/clock.ts'
import { serveClaims } from '../../../fleet/claims/claim-server.ts'
import { Authority } from '../../../keys/authority.ts'
import { readKeyFile } from '../../../keys/key-file.ts'
import { file, keyFolder, keysFolder } from '../../../keys/layout.ts'
import type { Command } from '../../command.ts'
import { EXIT } from '../../exit-code.ts'
import { stderrLog } from '../../kiosk/kiosk-options.ts'
import { serveCommandsOf } from '../../local/serve-local.ts'
import { claimOptions, withDesk } from './open-desk.ts'

const options = z.strictObject({
  ...claimOptions,
  host: z.string().default('0.0.0.0').meta({ doc: 'Address to listen on.', value: 'ADDRESS' }),
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(8443)
    .meta({ doc: 'Port to listen on; 0: any free one.', value: 'N' }),
  server: z
    .string()
    .regex(/^[a-z0-9-]{4,36}$/)
    .default('claims')
    .meta({
      doc: 'Folder below keys of the server certificate, as tunggal keys issue --role broker makes it.',
      value: 'NAME',
    }),
})

export const fleetClaimServe: Command<typeof options> = {
  name: 'fleet claim serve',
  summary: 'Let kiosks ask for certificates over HTTPS, until Ctrl-C',
  options,
  async run(context, { data, host, port, server: folder }) {
    const read = async (...path: string[]) =>
      (await readKeyFile(join(keysFolder(data), ...path), { secret: path.at(-1) === file.key })).toString()
    const tls = {
      key: await read(folder, file.key),
      cert: await read(folder, file.certificate),
      ca: await read(folder, file.authorities),
    }
    const ca = keyFolder(data, 'kiosk-ca')
    const parts = {
      root: new X509Certificate(await read('kiosk-ca', file.root)),
      kioskCa: new X509Certificate(await read('kiosk-ca', file.certificate)),
      isRevoked: async (serialNumber: string) => {
        const { list } = await Authority.open(ca, clock)
        return list.some(entry => entry.serialNumber === serialNumber && entry.revokedAt !== undefined)
      },
    }
    return await withDesk(data, async desk => {
      const log = stderrLog({ quiet: false })
      const server = await serveClaims({ ...parts, desk, host, port, tls, clock, log })
      const stop = await serveCommandsOf(data, 'claims', {
        service: desk,
        methodOf: ({ inClaims }) => inClaims,
        signal: context.signal,
      })
      context.print(
        { host, port: server.port },
        `Kiosks may claim on https://${host}:${server.port}. Ctrl-C ends.`,
      )
      await aborted(context.signal)
      await stop()
      await server.close()
      return EXIT.ok
    })
  },
}
