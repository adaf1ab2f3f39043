import type { X509Certificate } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { ChainJudge } from '../../keys/chain.ts'
import type { ApprovedClaim, RenewRequest } from '../../keys/claim/message.ts'
import { readRequestedKey } from '../../keys/requested-key.ts'
import type { ClaimDesk } from './claim-desk.ts'

export interface RenewalParts {
  readonly desk: ClaimDesk
  readonly root: X509Certificate
  readonly kioskCa: X509Certificate
  readonly clock: Clock
  /** Upper-case hex: true where the certificate was taken back, for whatever reason. Asked anew each time. */
  isRevoked(serialNumber: string): Promise<boolean>
}

/**
 * A kiosk whose certificate comes to its end asks with it, as TLS client, for the next one: same name, same key.
 * Rejects with `claims/rejected` where the certificate is none of ours, has ended, or was taken back.
 */
export function renewal({ desk, root, kioskCa, clock, isRevoked }: RenewalParts) {
  const judge = new ChainJudge(root, 'kiosk')
  return async ({ request }: RenewRequest, client: X509Certificate | undefined): Promise<ApprovedClaim> => {
    if (client === undefined) throw new KioskError('claims/rejected', { reason: 'no certificate' })
    const nowMs = clock.nowMs()
    const verdict = judge.judge([client.raw, kioskCa.raw], { fromMs: nowMs, toMs: nowMs })
    if (!verdict.trusted) throw new KioskError('claims/rejected', { reason: verdict.fault })
    const { name, publicKey, serialNumbers } = verdict.signer
    for (const serialNumber of serialNumbers)
      if (await isRevoked(serialNumber)) throw new KioskError('claims/rejected', { reason: 'revoked' })
    const requested = await readRequestedKey(request)
    const own = publicKey.export({ type: 'spki', format: 'der' })
    if (requested.name !== name || !own.equals(requested.publicKey))
      throw new KioskError('claims/rejected', { reason: 'another name or key' })
    return { state: 'approved', name, ...(await desk.renew(requested)), identity: {} }
  }
}
