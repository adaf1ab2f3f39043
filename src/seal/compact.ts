import { createHash } from 'node:crypto'
import { KioskError } from '../base/errors.ts'
import { SEALED_BYTES_MAX } from '../record/submission.ts'
import type { Sealed } from './seal.ts'

/** A header with three certificates has about 3,000 characters. */
const HEADER_CHARS_MAX = 8192
const DOT = 0x2e

/** The value of each base64url digit by its ASCII code; 255 for every other byte. */
const digits = new Uint8Array(256).fill(255)
for (const [value, digit] of [
  ...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
].entries())
  digits[digit.charCodeAt(0)] = value

/** Checked before anything else is done with a body. */
export function checkSize(bytes: number): void {
  if (bytes > SEALED_BYTES_MAX) throw new KioskError('seal/too-large', { bytes, most: SEALED_BYTES_MAX })
}

/**
 * The header of a compact JWS (three parts) or JWE (five), as base64url, and how many characters each
 * part has. Every part must be canonical base64url or empty: no other text stands for the same bytes,
 * as the unused bits of a last digit are zero. Else whoever carries a body could change its hash and
 * not its content.
 */
export function splitCompact(
  body: Uint8Array,
  parts: 3 | 5,
): { readonly header: string; readonly lengths: readonly number[] } {
  const lengths: number[] = []
  let start = 0
  for (let index = 0; index <= body.length; index++) {
    if (index < body.length && body[index] !== DOT) {
      if (digits[body[index]] === 255) throw malformed('character')
      continue
    }
    if (lengths.length === parts) throw malformed('parts')
    if (!isCanonical(body, start, index)) throw malformed('base64url')
    lengths.push(index - start)
    start = index + 1
  }
  if (lengths.length !== parts) throw malformed('parts')
  if (lengths[0] > HEADER_CHARS_MAX) throw malformed('header')
  return { header: Buffer.from(body.subarray(0, lengths[0])).toString('latin1'), lengths }
}

/** A header as JSON, not yet checked against a schema. */
export function readHeader(header: string): unknown {
  try {
    return JSON.parse(Buffer.from(header, 'base64url').toString())
  } catch {
    throw malformed('header')
  }
}

export function sealed(compact: string): Sealed {
  const body = new Uint8Array(Buffer.from(compact, 'latin1'))
  checkSize(body.length)
  return { body, sha256: createHash('sha256').update(body).digest('hex') }
}

export function malformed(reason: string, cause?: unknown): KioskError {
  return new KioskError('seal/malformed', { reason }, cause === undefined ? undefined : { cause })
}

function isCanonical(body: Uint8Array, start: number, end: number): boolean {
  const over = (end - start) % 4
  if (over === 0) return true
  if (over === 1) return false
  const unusedBits = over === 2 ? 0b1111 : 0b11
  return (digits[body[end - 1]] & unusedBits) === 0
}
