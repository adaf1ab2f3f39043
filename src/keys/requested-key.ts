import { createPublicKey } from 'node:crypto'
import { KioskError } from '../base/errors.ts'
import { readRequest } from './x509.ts'

export interface RequestedKey {
  /** The request's only common name, whatever it is. */
  readonly name: string
  /** DER of a SubjectPublicKeyInfo on P-256. */
  readonly publicKey: Uint8Array
}

/** Who asks in a PKCS #10 request (PEM), and for which key. Rejects with `keys/bad-request`. */
export async function readRequestedKey(pem: string): Promise<RequestedKey> {
  const request = await readRequest(pem)
  if (request === undefined) throw new KioskError('keys/bad-request', { reason: 'signature' })
  const name = /^CN=([^,+=]{1,64})$/.exec(request.subject)?.[1]
  if (name === undefined) throw new KioskError('keys/bad-request', { reason: 'subject' })
  if (!isP256(request.publicKey)) throw new KioskError('keys/bad-request', { reason: 'not-p256' })
  return { name, publicKey: request.publicKey }
}

function isP256(publicKey: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
  } catch {
    return false
  }
}
