/**
 * Keys and certificates as a scanner has them, for simulated ones: roots, the provider's certificate, the device's
 * and the chip's (FTM). X.509 version 3 in DER (RFC 5280), as little of it as these need:
 *
 *     SEQUENCE { SEQUENCE { [0] 2, serial, algorithm, issuer, SEQUENCE { from, to }, subject, key, [3] extensions },
 *                algorithm, BIT STRING signature }
 */
import { createPublicKey, generateKeyPair, type KeyObject, randomBytes, sign } from 'node:crypto'
import { promisify } from 'node:util'

const KEY_BITS = 2048
const DAY_MS = 86_400_000
const SHA256_WITH_RSA = '300d06092a864886f70d01010b0500'
const COMMON_NAME = '0603550403'
const BASIC_CONSTRAINTS = '0603551d13'

/** A key and the certificate for it, in DER. */
export interface Certified {
  readonly name: string
  readonly key: KeyObject
  readonly certificate: Uint8Array
}

export interface Validity {
  readonly fromMs: number
  readonly toMs: number
}

export interface CertificateOptions {
  readonly validity: Validity
  /** Itself if left out. */
  readonly issuer?: Certified
  readonly ca: boolean
}

/** A new RSA key with its certificate. */
export async function certified(name: string, options: CertificateOptions): Promise<Certified> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS })
  return recertified({ name, key: privateKey }, options)
}

/** Another certificate for a key that there is. */
export function recertified(
  { name, key }: Omit<Certified, 'certificate'>,
  options: CertificateOptions,
): Certified {
  const { validity, issuer, ca } = options
  const algorithm = Buffer.from(SHA256_WITH_RSA, 'hex')
  const serial = randomBytes(8)
  serial[0] = (serial[0] & 0x3f) | 0x40
  const body = sequence(
    der(0xa0, der(0x02, [2])),
    der(0x02, serial),
    algorithm,
    nameOf(issuer?.name ?? name),
    sequence(time(validity.fromMs), time(validity.toMs)),
    nameOf(name),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(basicConstraints(ca))),
  )
  const signature = sign('sha256', body, issuer?.key ?? key)
  return { name, key, certificate: sequence(body, algorithm, der(0x03, [0, ...signature])) }
}

function basicConstraints(ca: boolean): Uint8Array {
  const isTrue = der(0x01, [0xff])
  const value = sequence(...(ca ? [isTrue] : []))
  return sequence(Buffer.from(BASIC_CONSTRAINTS, 'hex'), isTrue, der(0x04, value))
}

function nameOf(commonName: string): Uint8Array {
  const pair = sequence(Buffer.from(COMMON_NAME, 'hex'), der(0x0c, Buffer.from(commonName)))
  return sequence(der(0x31, pair))
}

/** UTCTime to 2049, GeneralizedTime from then on. */
function time(ms: number): Uint8Array {
  const text = `${new Date(ms).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
  return text < '2050' ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text))
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return der(0x30, Buffer.concat(parts))
}

function der(tag: number, content: ArrayLike<number>): Uint8Array {
  const { length } = content
  const header =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Uint8Array.of(tag, ...header, ...Array.from(content))
}

/** Everything that a simulated scanner signs with, and what a board has to trust for it. */
export interface DeviceKeys {
  /** Signs captures and device information: the device's certificate, then its provider's. */
  readonly device: Certified
  readonly provider: Certified
  /** Signs the digital id of an L1 device. */
  readonly chip: Certified
  readonly roots: readonly Certified[]
}

/** As a provider hands them out: a device key for thirty days, a chip for twenty years. */
export async function makeDeviceKeys(nowMs: number): Promise<DeviceKeys> {
  const from = (days: number) => ({ fromMs: nowMs - DAY_MS, toMs: nowMs + days * DAY_MS })
  const root = await certified('Simulated MOSIP root', { validity: from(3650), ca: true })
  const chipRoot = await certified('Simulated FTM root', { validity: from(7300), ca: true })
  const provider = await certified('Simulated device provider', {
    validity: from(730),
    issuer: root,
    ca: true,
  })
  const device = await certified('Simulated device', { validity: from(30), issuer: provider, ca: false })
  const chip = await certified('Simulated chip', { validity: from(7300), issuer: chipRoot, ca: false })
  return { device, provider, chip, roots: [root, chipRoot] }
}

/** For a board's trust file. */
export function pemOf(certified: readonly Certified[]): string {
  const block = ({ certificate }: Certified) =>
    `-----BEGIN CERTIFICATE-----\n${(
      Buffer.from(certificate)
        .toString('base64')
        .match(/.{1,64}/g) ?? []
    ).join('\n')}\n-----END CERTIFICATE-----\n`
  return certified.map(block).join('')
}
