import assert from 'node:assert'

/**
 * Frames of the PN532 (NXP UM0701-02, section 6.2), as they are on every kind of bus:
 *
 *     00 | 00 FF | length | -length | TFI | data, length - 1 | -(TFI + data) | 00
 *
 * The first and the last byte may be missing or several. TFI is D4 towards the part, D5 from it. The acknowledgement
 * is 00 00 FF 00 FF 00, "once more" 00 00 FF FF 00 00, and the error frame has the one byte 7F for TFI.
 */
export type Frame =
  | { readonly kind: 'ack' }
  | { readonly kind: 'nack' }
  | { readonly kind: 'error' }
  | { readonly kind: 'data'; readonly tfi: number; readonly data: Uint8Array }

export const TFI = { toPart: 0xd4, fromPart: 0xd5, error: 0x7f } as const
export const ACK = Uint8Array.of(0x00, 0x00, 0xff, 0x00, 0xff, 0x00)
export const NACK = Uint8Array.of(0x00, 0x00, 0xff, 0xff, 0x00, 0x00)

const DATA_BYTES_MAX = 254
/** Start code, length and its complement. */
const HEADER_BYTES = 4

export function encodeFrame(tfi: number, data: ArrayLike<number>): Uint8Array {
  assert(data.length <= DATA_BYTES_MAX, 'a normal frame')
  const length = data.length + 1
  const body = [tfi, ...Array.from(data)]
  return Uint8Array.of(0x00, 0x00, 0xff, length, -length & 0xff, ...body, -sum(body) & 0xff, 0x00)
}

/**
 * The first whole frame in `bytes`, with right sums; undefined where there is none. Whatever stands before it is
 * skipped, byte by byte.
 */
export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  for (let at = 0; at + HEADER_BYTES <= bytes.length; at++) {
    if (bytes[at] !== 0x00 || bytes[at + 1] !== 0xff) continue
    const frame = frameAt(bytes.subarray(at + 2))
    if (frame !== undefined) return frame
  }
  return undefined
}

/** `bytes` begin behind a start code. */
function frameAt(bytes: Uint8Array): Frame | undefined {
  const [length, complement] = bytes
  if (length === 0x00 && complement === 0xff) return { kind: 'ack' }
  if (length === 0xff && complement === 0x00) return { kind: 'nack' }
  if (((length + complement) & 0xff) !== 0 || length === 0) return undefined
  if (bytes.length < 2 + length + 1) return undefined
  const body = bytes.subarray(2, 2 + length)
  if (((sum(body) + bytes[2 + length]) & 0xff) !== 0) return undefined
  if (length === 1) return body[0] === TFI.error ? { kind: 'error' } : undefined
  return { kind: 'data', tfi: body[0], data: body.slice(1) }
}

function sum(bytes: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < bytes.length; i++) total += bytes[i]
  return total
}
