/**
 * A PKCS #10 certificate request, byte by byte: all that is in it is a name and a P-256 key, so that a kiosk needs
 * no certificate library for it, and the key may be one that only signs (a TPM, a secure element).
 *
 *     SEQUENCE
 *       SEQUENCE                      what is signed
 *         INTEGER 0                   version
 *         SEQUENCE SET SEQUENCE       CN=<name>
 *         SubjectPublicKeyInfo
 *         [0]                         no attributes
 *       SEQUENCE OID                  ecdsa-with-SHA256
 *       BIT STRING                    SEQUENCE { INTEGER r, INTEGER s }
 */
import type { SigningKeys } from './key-store.ts'

const TAG = { integer: 0x02, bitString: 0x03, utf8String: 0x0c, sequence: 0x30, set: 0x31, attributes: 0xa0 }
const VERSION_1 = Uint8Array.of(0)
const OID_COMMON_NAME = Buffer.from('0603550403', 'hex')
const OID_ECDSA_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex')
const BASE64_LINE = /.{1,64}/g

export interface RequestKey extends Pick<SigningKeys, 'sign'> {
  /** DER of a SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array
}

/** The request as PEM. */
export async function makeRequest(name: string, { publicKey, sign }: RequestKey): Promise<string> {
  const attribute = der(TAG.sequence, OID_COMMON_NAME, der(TAG.utf8String, Buffer.from(name)))
  const subject = der(TAG.sequence, der(TAG.set, attribute))
  const info = der(TAG.sequence, der(TAG.integer, VERSION_1), subject, publicKey, der(TAG.attributes))
  const signature = await sign(info)
  const half = signature.length / 2
  const pair = der(
    TAG.sequence,
    unsignedInteger(signature.subarray(0, half)),
    unsignedInteger(signature.subarray(half)),
  )
  const request = der(
    TAG.sequence,
    info,
    der(TAG.sequence, OID_ECDSA_SHA256),
    der(TAG.bitString, VERSION_1, pair),
  )
  const lines = request.toString('base64').match(BASE64_LINE) ?? []
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join('\n')}\n-----END CERTIFICATE REQUEST-----\n`
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Uint8Array.of(tag), lengthOf(content.length), content])
}

function lengthOf(bytes: number): Uint8Array {
  if (bytes < 0x80) return Uint8Array.of(bytes)
  return bytes < 0x100 ? Uint8Array.of(0x81, bytes) : Uint8Array.of(0x82, bytes >> 8, bytes & 0xff)
}

/** Shortest form: no leading zeros but the one that keeps it positive. */
function unsignedInteger(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex(byte => byte !== 0)
  const digits = bytes.subarray(first < 0 ? bytes.length - 1 : first)
  return digits[0] >= 0x80 ? der(TAG.integer, Uint8Array.of(0), digits) : der(TAG.integer, digits)
}
