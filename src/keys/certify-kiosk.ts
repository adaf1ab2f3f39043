import { createPublicKey } from 'node:crypto'
import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import { Authority } from './authority.ts'
import { readKeyFile } from './key-file.ts'
import { file } from './layout.ts'
import { keyId } from './pem.ts'
import type { RequestedKey } from './requested-key.ts'

/** What a kiosk that keeps its key to itself gets, all PEM. */
export interface CertifiedKiosk {
  /** Its certificate and what is between it and the root. */
  readonly certificate: string
  /** To whom it seals. */
  readonly abis: string
}

/**
 * A certificate for a kiosk's own key, by the kiosk CA in the folder `ca`; again for the same key, as often as asked.
 * Rejects with `keys/bad-name`, and with `claims/name-taken` while another key has a standing one in this name.
 */
export async function certifyKiosk(
  ca: string,
  { name, publicKey }: RequestedKey,
  clock: Clock,
): Promise<CertifiedKiosk> {
  const authority = await Authority.open(ca, clock)
  const own = keyId(createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }))
  const nowMs = clock.nowMs()
  const isTaken = authority.list.some(
    entry =>
      entry.name === name &&
      entry.revokedAt === undefined &&
      Date.parse(entry.notAfter) > nowMs &&
      entry.keyId !== own,
  )
  if (isTaken) throw new KioskError('claims/name-taken', { name })
  const leaf = await authority.certify({ name, role: 'kiosk', publicKey })
  const above = await readKeyFile(join(ca, file.certificate), { secret: false })
  const abis = await readKeyFile(join(ca, file.abis), { secret: false })
  return { certificate: `${leaf}${above}`, abis: abis.toString() }
}
