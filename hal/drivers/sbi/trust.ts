/**
 * Whose signatures a board believes: certificates of scanners, against the anchors that its operator named.
 *
 * A device's key is certified by its provider, a chip's (FTM) by its maker, and those by the country that runs MOSIP;
 * which of these an operator names is their choice. So there is no fixed shape: from the leaf on, each certificate
 * must be issued by the next one of the chain that the device sent, until one is issued by an anchor. Some devices
 * send the leaf alone.
 */
import { type KeyObject, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { KioskError } from '../../../src/base/errors.ts'

/** One certificate in DER; an RSA key of 4096 bits with every extension has about 2,000. */
const CERTIFICATE_BYTES_MAX = 8 * 1024
/** What a device may send. */
export const CHAIN_MAX = 8
const ANCHORS_MAX = 64
const ANCHOR_FILE_BYTES_MAX = 256 * 1024
const KEY_BITS_MIN = 2048
const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g

export type TrustFault = 'unreadable' | 'issuer' | 'not-yet-valid' | 'expired' | 'key-type'

/** Whose key it is, and until when. */
export interface Vouched {
  readonly publicKey: KeyObject
  /** The first of the chain's certificates to end, anchor included; milliseconds since 1970. */
  readonly validToMs: number
}

/** The anchors of a PEM file. Rejects with `io/unreadable`, or `config/bad-value` where it holds no certificates. */
export async function readAnchors(file: string): Promise<readonly X509Certificate[]> {
  let pem: string
  try {
    const { size } = await stat(file)
    if (size > ANCHOR_FILE_BYTES_MAX) throw new KioskError('io/unreadable', { file, bytes: size })
    pem = await readFile(file, 'latin1')
  } catch (cause) {
    if (cause instanceof KioskError) throw cause
    throw new KioskError('io/unreadable', { file }, { cause })
  }
  return anchorsOf(pem, file)
}

export function anchorsOf(pem: string, file: string): readonly X509Certificate[] {
  const blocks = pem.match(PEM) ?? []
  const anchors = blocks.map(readCertificate).filter(certificate => certificate !== undefined)
  if (anchors.length === 0 || anchors.length !== blocks.length || anchors.length > ANCHORS_MAX)
    throw new KioskError('config/bad-value', {
      where: 'trust',
      problem: `${file} must hold certificates in PEM, 1 to ${ANCHORS_MAX}, and nothing that is none`,
    })
  return anchors
}

/** Judges the chain of a signature, leaf first, each in DER. Never throws. */
export function judgeChain(
  chain: readonly Uint8Array[],
  anchors: readonly X509Certificate[],
  nowMs: number,
): Vouched | TrustFault {
  const certificates: X509Certificate[] = []
  for (const der of chain.slice(0, CHAIN_MAX)) {
    const certificate = readCertificate(der)
    if (certificate === undefined) return 'unreadable'
    certificates.push(certificate)
  }
  if (certificates.length === 0) return 'unreadable'
  try {
    return judge(certificates, anchors, nowMs)
  } catch {
    // OpenSSL reads a certificate part by part: a bad one may show only when it is asked for.
    return 'unreadable'
  }
}

function judge(
  certificates: readonly X509Certificate[],
  anchors: readonly X509Certificate[],
  nowMs: number,
): Vouched | TrustFault {
  const used: X509Certificate[] = []
  for (const [i, certificate] of certificates.entries()) {
    used.push(certificate)
    const anchor = anchors.find(anchor => isIssuedBy(certificate, anchor))
    if (anchor !== undefined) return datesOf([...used, anchor], nowMs)
    const next = certificates.at(i + 1)
    if (next === undefined || !next.ca || !isIssuedBy(certificate, next)) return 'issuer'
  }
  return 'issuer'
}

function datesOf(path: readonly X509Certificate[], nowMs: number): Vouched | TrustFault {
  const [{ publicKey }] = path
  if (publicKey.asymmetricKeyType !== 'rsa') return 'key-type'
  if ((publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < KEY_BITS_MIN) return 'key-type'
  const validFromMs = Math.max(...path.map(({ validFrom }) => Date.parse(validFrom)))
  const validToMs = Math.min(...path.map(({ validTo }) => Date.parse(validTo)))
  // A date that OpenSSL cannot print became NaN, which no comparison here lets through.
  if (!(validFromMs <= nowMs)) return 'not-yet-valid'
  if (!(nowMs <= validToMs)) return 'expired'
  return { publicKey, validToMs }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

/** One certificate, in DER or PEM; undefined where it is none. */
function readCertificate(bytes: Uint8Array | string): X509Certificate | undefined {
  if (bytes.length > CERTIFICATE_BYTES_MAX) return undefined
  try {
    return new X509Certificate(bytes)
  } catch {
    return undefined
  }
}
