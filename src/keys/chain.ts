/**
 * Judges a chain of certificates that came from outside against the pinned root.
 *
 * OpenSSL (through `node:crypto`) reads the bytes and checks the signatures; this file decides what
 * is enough. There is no search for a path: each role has one shape (`intermediatesOf`), and a chain
 * with one certificate more or less is refused. Nothing in a certificate is believed before the
 * signature of its issuer over it has been checked, from the root down.
 */
import { createHash, type KeyObject, X509Certificate } from 'node:crypto'
import { type CaRole, intermediatesOf, roleUri, type SignerRole } from './roles.ts'

/** Longest certificate that is looked at, in bytes of DER. Ours have about 500. */
export const CERTIFICATE_BYTES_MAX = 2048
/** Proofs kept: a large ABIS sees some thousand kiosks, each in bursts. About 10 kB each. */
const CHAINS_MAX = 1024
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
  /** Upper-case hex, as `node:crypto` has it: the leaf's, then of each certificate above it but the root. */
  readonly serialNumbers: readonly string[]
  readonly publicKey: KeyObject
  readonly certificate: X509Certificate
}
export type ChainVerdict = { trusted: true; signer: Signer } | { trusted: false; fault: ChainFault }

/** Milliseconds since 1970; infinite ends are fine. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}
export const ANY_TIME: Span = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }

/** A chain that holds but for its dates, and the time in which all of its certificates are valid. */
interface Proof {
  readonly signer: Signer
  readonly validFromMs: number
  readonly validToMs: number
}

/**
 * Judges chains of one role. What a chain proves never changes, so the last `CHAINS_MAX` proofs are
 * kept: two thirds of a millisecond each time. Dates are judged every time.
 */
export class ChainJudge {
  private readonly proofs = new Map<string, Proof>()

  constructor(
    private readonly root: X509Certificate,
    private readonly role: SignerRole,
  ) {}

  /**
   * `chain` holds DER, leaf first, without the root. `signed` says when it may have been used: every
   * certificate, the root too, must have been valid at some moment of that span. Never throws.
   */
  judge(chain: readonly Uint8Array[], signed: Span): ChainVerdict {
    if (chain.length !== intermediatesOf[this.role].length + 1) return fault('length')
    const digest = digestOf(chain)
    const proof = this.proofs.get(digest) ?? this.prove(chain)
    if (typeof proof === 'string') return fault(proof)
    this.keep(digest, proof)
    // A date that OpenSSL cannot print became NaN, which no comparison here lets through.
    if (!(proof.validFromMs <= signed.toMs)) return fault('not-yet-valid')
    if (!(proof.validToMs >= signed.fromMs)) return fault('expired')
    return { trusted: true, signer: proof.signer }
  }

  private prove(chain: readonly Uint8Array[]): Proof | ChainFault {
    try {
      return prove(chain, this.root, this.role)
    } catch {
      // OpenSSL reads a certificate part by part: a bad one may show only when it is asked for.
      return 'unreadable'
    }
  }

  /** Last used last, so that the first is the one to forget. */
  private keep(digest: string, proof: Proof): void {
    this.proofs.delete(digest)
    this.proofs.set(digest, proof)
    if (this.proofs.size > CHAINS_MAX) this.proofs.delete(this.proofs.keys().next().value as string)
  }
}

function digestOf(chain: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const der of chain) hash.update(`${der.length},`).update(der)
  return hash.digest('base64')
}

function prove(chain: readonly Uint8Array[], root: X509Certificate, role: SignerRole): Proof | ChainFault {
  const certificates: X509Certificate[] = []
  for (const der of chain) {
    const certificate = readCertificate(der)
    if (certificate === undefined) return 'unreadable'
    certificates.push(certificate)
  }
  let issuer = root
  for (const certificate of certificates.toReversed()) {
    const found = judgeIssue(certificate, issuer)
    if (found !== undefined) return found
    issuer = certificate
  }
  for (const [index, caRole] of intermediatesOf[role].entries()) {
    const found = judgeCa(certificates[index + 1], caRole)
    if (found !== undefined) return found
  }
  const leaf = certificates[0]
  const found = judgeLeaf(leaf, role)
  if (found !== undefined) return found
  const name = commonName(leaf)
  if (name === undefined) return 'name'
  const all = [...certificates, root]
  return {
    signer: {
      role,
      name,
      serialNumbers: certificates.map(({ serialNumber }) => serialNumber),
      publicKey: leaf.publicKey,
      certificate: leaf,
    },
    validFromMs: Math.max(...all.map(certificate => Date.parse(certificate.validFrom))),
    validToMs: Math.min(...all.map(certificate => Date.parse(certificate.validTo))),
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
  // Names, key identifiers, and that the issuer's key usage allows certificates; then the signature.
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return 'issuer'
  return certificate.publicKey.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? undefined : 'key-type'
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

function fault(found: ChainFault): ChainVerdict {
  return { trusted: false, fault: found }
}
