import { createHash, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import { readCertificate } from './chain.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g
/** More than any file of ours holds. */
const CERTIFICATES_MAX = 32

/** The certificates of a PEM file, in order. Undefined where one is none, or where there are none. */
export function readPemCertificates(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(CERTIFICATE) ?? []
  if (blocks.length === 0 || blocks.length > CERTIFICATES_MAX) return undefined
  const certificates = blocks.map(block => {
    const base64 = block.replace(/-----[A-Z ]+-----|\s/g, '')
    return readCertificate(Buffer.from(base64, 'base64'))
  })
  return certificates.every(certificate => certificate instanceof X509Certificate) ? certificates : undefined
}

/** A new P-256 key: PKCS #8 PEM, and DER of its public half. */
export function newKey(): { key: string; publicKey: Uint8Array } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  })
  return { key: privateKey, publicKey }
}

/** The name of a public key in JWE headers: its JWK thumbprint (RFC 7638), base64url. */
export function keyId(publicKey: KeyObject): string {
  const { crv, kty, x, y } = publicKey.export({ format: 'jwk' })
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
}
