import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { systemClock as clock } from '../../../base/clock.ts'
import { Authority } from '../../../keys/authority.ts'
import { keyFolder } from '../../../keys/layout.ts'
import { keyId } from '../../../keys/pem.ts'
import { EXIT } from '../../exit-code.ts'
import { claimOptions, deskCommand } from './open-desk.ts'

export const fleetClaimCertificates = deskCommand({
  name: 'fleet claim certificates',
  summary: 'Certificates (PEM) of the kiosks that were approved and stand: to whom a bundle can be encrypted',
  options: z.strictObject({
    ...claimOptions,
    kiosk: z.array(z.string()).default([]).meta({ doc: 'Only these.', value: 'ID' }),
  }),
  async work({ print }, desk, { data, kiosk }) {
    const { list } = await Authority.open(keyFolder(data, 'kiosk-ca'), clock)
    const nowMs = clock.nowMs()
    const standing = new Set(
      list
        .filter(({ revokedAt, notAfter }) => revokedAt === undefined && Date.parse(notAfter) > nowMs)
        .map(({ name, keyId }) => `${name} ${keyId}`),
    )
    for await (const { name, decision } of desk.claims()) {
      if (decision?.state !== 'approved' || (kiosk.length > 0 && !kiosk.includes(name))) continue
      const leaf = new X509Certificate(decision.certificate)
      if (!standing.has(`${name} ${keyId(leaf.publicKey)}`)) continue
      const certificate = leaf.toString()
      print({ kiosk: name, certificate }, certificate.trimEnd())
    }
    return EXIT.ok
  },
})
