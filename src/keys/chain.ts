/**
 * Judges a chain of certificates that came from outside against the pinned root.
 *
 * OpenSSL (through `node:crypto`) reads the bytes and checks the signatures; this file decides what
 * is enough. There is no search for a path: each role has one shape (`intermediatesOf`), and a chain
 * with one certificate more or less is refused. Nothing in a certificate is believed before the
 * signature of its issuer over it has been checked, from the root down.
 */
import { X509Certificate } from 'node:crypto'
import { type CaRole, intermediatesOf, roleUri, type SignerRole } from './roles.ts'

/** Longest certificate that is looked at, in bytes of DER. Ours have about 500. */
export const CERTIFICATE_BYTES_MAX = 2048
/** `id-kp-clientAuth`: every signer is a client of the broker too. */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

export type ChainFault =
  | 'length'
  | 'unreadable'
  | 'issuer'
  | 'key-type'
  | 'not-a-ca'
  | 'is-a-ca'
  | 'role'
  | 'usage'
  | 'name'
  | 'not-yet-valid'
  | 'expired'

/** Whom a chain proves. */
export interface Signer {
  readonly role: SignerRole
  /** The common name of the certificate. */
  readonly name: string
  /** Upper-case hex, as `node:crypto` has it. */
  readonly serialNumber: string
  readonly certificate: X509Certificate
}
export type ChainVerdict = { trusted: true; signer: Signer } | { trusted: false; fault: ChainFault }

export interface ChainOptions {
  readonly root: X509Certificate
  readonly role: SignerRole
  /** When it may have been signed: every certificate must have been valid at some moment of this span. */
  readonly signed: Span
}

/** Milliseconds since 1970; infinite ends are fine. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}
export const ANY_TIME: Span = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }

/** `chain` holds DER, leaf first, without the root. Never throws. */
export function verifyChain(chain: readonly Uint8Array[], options: ChainOptions): ChainVerdict {
  const { root, role, signed } = options
  const caRoles = intermediatesOf[role]
  if (chain.length !== caRoles.length + 1) return fault('length')
  const certificates: X509Certificate[] = []
  for (const der of chain) {
    const certificate = readCertificate(der)
    if (certificate === undefined) return fault('unreadable')
    certificates.push(certificate)
  }

  let issuer = root
  for (let index = certificates.length - 1; index >= 0; index--) {
    const found = judgeIssue(certificates[index], issuer)
    if (found !== undefined) return fault(found)
    issuer = certificates[index]
  }
  for (const [index, caRole] of caRoles.entries()) {
    const found = judgeCa(certificates[index + 1], caRole)
    if (found !== undefined) return fault(found)
  }
  const leaf = certificates[0]
  const name = commonName(leaf)
  if (name === undefined) return fault('name')
  const found = judgeLeaf(leaf, role)
  if (found !== undefined) return fault(found)
  for (const certificate of [...certificates, root]) {
    const late = judgeDates(certificate, signed)
    if (late !== undefined) return fault(late)
  }
  return {
    trusted: true,
    signer: { role, name, serialNumber: leaf.serialNumber, certificate: leaf },
  }
}

/** One certificate in DER and nothing else; undefined where it is not. */
export function readCertificate(der: Uint8Array): X509Certificate | undefined {
  if (der.length > CERTIFICATE_BYTES_MAX) return undefined
  try {
    const certificate = new X509Certificate(der)
    // OpenSSL takes PEM here too, and ignores what follows the certificate.
    return certificate.raw.equals(der) ? certificate : undefined
  } catch {
    return undefined
  }
}

/** The subject where it is one common name fit for a topic, and nothing beside it. */
export function commonName(certificate: X509Certificate): string | undefined {
  return /^CN=([a-z0-9-]{4,36})$/.exec(certificate.subject)?.[1]
}

function judgeIssue(certificate: X509Certificate, issuer: X509Certificate): ChainFault | undefined {
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey
  if (asymmetricKeyType !== 'ec' || asymmetricKeyDetails?.namedCurve !== 'prime256v1') return 'key-type'
  // Names, key identifiers, and that the issuer's key usage allows certificates; then the signature.
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return 'issuer'
  return undefined
}

function judgeCa(certificate: X509Certificate, role: CaRole): ChainFault | undefined {
  if (!certificate.ca) return 'not-a-ca'
  return certificate.subjectAltName === `URI:${roleUri(role)}` ? undefined : 'role'
}

/** What the leaf's key may sign is its role's affair: key usage bits are for other people's software. */
function judgeLeaf(certificate: X509Certificate, role: SignerRole): ChainFault | undefined {
  if (certificate.ca) return 'is-a-ca'
  if (certificate.subjectAltName !== `URI:${roleUri(role)}`) return 'role'
  // A decryption key is no client of anything: it has no extended usage at all.
  const usages = role === 'abis-decryption' ? undefined : CLIENT_AUTH
  return certificate.keyUsage?.join() === usages ? undefined : 'usage'
}

/** A date that OpenSSL cannot print becomes NaN, which no comparison here lets through. */
function judgeDates(certificate: X509Certificate, signed: Span): ChainFault | undefined {
  if (!(Date.parse(certificate.validFrom) <= signed.toMs)) return 'not-yet-valid'
  return Date.parse(certificate.validTo) >= signed.fromMs ? undefined : 'expired'
}

function fault(found: ChainFault): ChainVerdict {
  return { trusted: false, fault: found }
}
