/**
 * Makes certificates and revocation lists. Only what issues them loads this file: the library behind
 * it costs a kiosk 15 MB and a third of a second, and judging a chain (`chain.ts`) does not need it.
 */
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { type BundleRole, type CaRole, roleUri, type SignerRole } from './roles.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const SERIAL_BYTES = 16

/** What a certificate is to say. */
export type Subject = {
  readonly name: string
  /** DER of a SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
  readonly notBeforeMs: number
  readonly notAfterMs: number
} & (
  | { readonly role: SignerRole | CaRole | BundleRole }
  | { readonly role: 'broker'; readonly hosts: readonly string[] }
)

/** PEM certificate and the PKCS #8 key, PEM as well, that signs for it. */
export interface Issuer {
  readonly certificate: string
  readonly key: string
}

export type RevocationReason = 'lost' | 'retired' | 'superseded'
const reasonCodes = {
  lost: x509.X509CrlReason.keyCompromise,
  retired: x509.X509CrlReason.cessationOfOperation,
  superseded: x509.X509CrlReason.superseded,
} as const

export interface Revoked {
  readonly serialNumber: string
  readonly atMs: number
  readonly reason: RevocationReason
}

/** A certificate as PEM. Without an issuer it is the root: `selfKey` is its own PKCS #8 PEM. */
export async function makeCertificate(
  subject: Subject,
  signer: Issuer | { readonly selfKey: string },
): Promise<string> {
  const self = 'selfKey' in signer
  const signingKey = await importSigningKey(self ? signer.selfKey : signer.key)
  const issuer = self ? undefined : new x509.X509Certificate(signer.certificate)
  const publicKey = new x509.PublicKey(Buffer.from(subject.publicKey))
  const extensions = [
    ...extensionsFor(subject),
    await x509.SubjectKeyIdentifierExtension.create(publicKey),
    await x509.AuthorityKeyIdentifierExtension.create(issuer?.publicKey ?? publicKey),
  ]
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=${subject.name}`,
    issuer: issuer?.subjectName ?? `CN=${subject.name}`,
    notBefore: wholeSeconds(subject.notBeforeMs),
    notAfter: wholeSeconds(subject.notAfterMs),
    publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions,
  })
  return `${certificate.toString('pem')}\n`
}

/** A certificate revocation list as PEM. */
export async function makeCrl(
  issuer: Issuer,
  revoked: readonly Revoked[],
  dates: { readonly thisUpdateMs: number; readonly nextUpdateMs: number },
): Promise<string> {
  const certificate = new x509.X509Certificate(issuer.certificate)
  const crl = await x509.X509CrlGenerator.create({
    issuer: certificate.subjectName,
    thisUpdate: wholeSeconds(dates.thisUpdateMs),
    nextUpdate: wholeSeconds(dates.nextUpdateMs),
    entries: revoked.map(entry => ({
      serialNumber: entry.serialNumber,
      revocationDate: wholeSeconds(entry.atMs),
      reason: reasonCodes[entry.reason],
    })),
    extensions: [await x509.AuthorityKeyIdentifierExtension.create(certificate.publicKey)],
    signingAlgorithm: ALGORITHM,
    signingKey: await importSigningKey(issuer.key),
  })
  // The library's own tag for it is "CRL", which OpenSSL and so every broker does not know.
  return `${x509.PemConverter.encode(crl.rawData, 'X509 CRL')}\n`
}

/**
 * Serial numbers (upper-case hex) in PEM lists whose signatures are no longer believed: every reason
 * but those that only say that a newer certificate, or none, is in use.
 */
export function compromisedSerials(pem: string): ReadonlySet<string> {
  const harmless: readonly (x509.X509CrlReason | undefined)[] = [
    x509.X509CrlReason.superseded,
    x509.X509CrlReason.cessationOfOperation,
  ]
  const serials = x509.PemConverter.decode(pem)
    .flatMap(der => [...new x509.X509Crl(der).entries])
    .filter(entry => !harmless.includes(entry.reason))
    .map(entry => entry.serialNumber.toUpperCase())
  return new Set(serials)
}

/** The name and the public key that a PKCS #10 request asks for; undefined unless signed by that key. */
export async function readRequest(
  pem: string,
): Promise<{ subject: string; publicKey: Uint8Array } | undefined> {
  try {
    const request = new x509.Pkcs10CertificateRequest(pem)
    if (!(await request.verify())) return undefined
    return { subject: request.subject, publicKey: new Uint8Array(request.publicKey.rawData) }
  } catch {
    return undefined
  }
}

function extensionsFor(subject: Subject): x509.Extension[] {
  const { digitalSignature, keyAgreement, keyCertSign, cRLSign } = x509.KeyUsageFlags
  const { clientAuth, serverAuth, codeSigning } = x509.ExtendedKeyUsage
  const usage = (flags: number) => new x509.KeyUsagesExtension(flags, true)
  const basic = (ca: boolean, pathLength?: number) => new x509.BasicConstraintsExtension(ca, pathLength, true)
  if (subject.role === 'broker') {
    const names = subject.hosts.map(host => ({ type: isAddress(host) ? 'ip' : 'dns', value: host }) as const)
    return [
      basic(false),
      usage(digitalSignature),
      new x509.ExtendedKeyUsageExtension([serverAuth]),
      new x509.SubjectAlternativeNameExtension([...names]),
    ]
  }
  const role = new x509.SubjectAlternativeNameExtension([{ type: 'url', value: roleUri(subject.role) }])
  switch (subject.role) {
    case 'root':
      return [basic(true, 1), usage(keyCertSign | cRLSign), role]
    case 'kiosk-ca':
      return [basic(true, 0), usage(keyCertSign | cRLSign), role]
    case 'abis-decryption':
      return [basic(false), usage(keyAgreement), role]
    case 'updates':
      return [basic(false), usage(digitalSignature), new x509.ExtendedKeyUsageExtension([codeSigning]), role]
    case 'kiosk':
    case 'abis':
    case 'ops':
      return [basic(false), usage(digitalSignature), new x509.ExtendedKeyUsageExtension([clientAuth]), role]
  }
}

function isAddress(host: string): boolean {
  return /^[0-9.]+$|:/.test(host)
}

async function importSigningKey(pem: string): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(pem)
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
}

/** Random, positive, and never so short that the encoding changes: 128 bits, the first one 0 and the second 1. */
function newSerial(): string {
  const bytes = randomBytes(SERIAL_BYTES)
  bytes[0] = (bytes[0] & 0x3f) | 0x40
  return bytes.toString('hex').toUpperCase()
}

/** X.509 dates have whole seconds. */
function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000)
}
