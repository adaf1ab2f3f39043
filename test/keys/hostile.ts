import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

/** Certificates of every shape that ours must not have. */
export interface Made {
  readonly der: Uint8Array
  readonly certificate: x509.X509Certificate
  readonly keys: webcrypto.CryptoKeyPair
}
export interface Shape {
  readonly subject?: string
  readonly issuer?: Made
  /** Undefined: no basic constraints at all. */
  readonly ca?: boolean
  readonly usage?: number
  readonly uris?: readonly string[]
  readonly dns?: string
  readonly extendedUsage?: readonly string[]
  readonly notBefore?: string
  readonly notAfter?: string
  readonly algorithm?: 'P-256' | 'P-384' | 'RSA'
  readonly keys?: webcrypto.CryptoKeyPair
}

export const DIGITAL_SIGNATURE = x509.KeyUsageFlags.digitalSignature
export const CERT_SIGN = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

export async function make(shape: Shape): Promise<Made> {
  const keys = shape.keys ?? (await newKeys(shape.algorithm ?? 'P-256'))
  const { issuer, subject = 'CN=kiosk-0001' } = shape
  const signingKey = (issuer?.keys ?? keys).privateKey
  const names: x509.JsonGeneralNames = (shape.uris ?? []).map(value => ({ type: 'url', value }) as const)
  if (shape.dns !== undefined) names.push({ type: 'dns', value: shape.dns })
  const extensions: x509.Extension[] = []
  if (shape.ca !== undefined) extensions.push(new x509.BasicConstraintsExtension(shape.ca, undefined, true))
  if (shape.usage !== undefined) extensions.push(new x509.KeyUsagesExtension(shape.usage, true))
  if (names.length > 0) extensions.push(new x509.SubjectAlternativeNameExtension(names))
  if (shape.extendedUsage !== undefined)
    extensions.push(new x509.ExtendedKeyUsageExtension([...shape.extendedUsage]))
  extensions.push(await x509.SubjectKeyIdentifierExtension.create(keys.publicKey))
  if (issuer !== undefined)
    extensions.push(await x509.AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey))
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: issuer?.certificate.subjectName ?? subject,
    notBefore: new Date(shape.notBefore ?? '2026-01-01T00:00:00Z'),
    notAfter: new Date(shape.notAfter ?? '2027-01-01T00:00:00Z'),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: { name: signingKey.algorithm.name, hash: 'SHA-256' },
    extensions,
  })
  return { der: new Uint8Array(certificate.rawData), certificate, keys }
}

function newKeys(algorithm: 'P-256' | 'P-384' | 'RSA'): Promise<webcrypto.CryptoKeyPair> {
  const parameters =
    algorithm === 'RSA'
      ? {
          name: 'RSASSA-PKCS1-v1_5',
          modulusLength: 2048,
          publicExponent: new Uint8Array([1, 0, 1]),
          hash: 'SHA-256',
        }
      : { name: 'ECDSA', namedCurve: algorithm }
  return webcrypto.subtle.generateKey(parameters, true, [
    'sign',
    'verify',
  ]) as Promise<webcrypto.CryptoKeyPair>
}
