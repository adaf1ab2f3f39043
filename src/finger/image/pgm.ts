/**
 * Portable grey map: 'P5' (bytes; two a pixel, big-endian, above 255 levels) and 'P2' (text).
 *
 *     P5 | blank | width | blank | height | blank | highest level (1…65535) | one blank | pixels
 *
 * '#' to the end of a line is a comment, in the header of both and anywhere in P2.
 */
import { checkSize, type Raster, unreadable } from './limits.ts'

const LEVELS_MAX = 65535

/** Throws `image/unreadable`, `image/too-large` or `image/too-small`. */
export function readPgm(bytes: Uint8Array): Raster {
  const isText = bytes[1] === 0x32
  const reader = { bytes, at: 2 }
  const widthPx = nextNumber(reader)
  const heightPx = nextNumber(reader)
  checkSize(widthPx, heightPx)
  const highest = nextNumber(reader)
  if (highest < 1 || highest > LEVELS_MAX) throw unreadable('the PGM has an unknown number of grey levels')
  const to8 = (level: number) => Math.floor((Math.min(level, highest) * 255) / highest + 0.5)
  // A digit and a blank are the least that a pixel takes as text.
  const bytesMin = isText ? 2 * widthPx * heightPx - 1 : widthPx * heightPx
  if (reader.at + bytesMin > bytes.length) throw unreadable('the PGM ends too early')
  const pixels = new Uint8Array(widthPx * heightPx)
  if (isText) {
    for (let i = 0; i < pixels.length; i++) pixels[i] = to8(nextNumber(reader))
    return { widthPx, heightPx, pixels }
  }
  const start = reader.at + 1
  const levelBytes = highest > 255 ? 2 : 1
  if (start + pixels.length * levelBytes > bytes.length) throw unreadable('the PGM ends too early')
  for (let i = 0; i < pixels.length; i++) {
    const at = start + i * levelBytes
    pixels[i] = to8(levelBytes === 1 ? bytes[at] : (bytes[at] << 8) | bytes[at + 1])
  }
  return { widthPx, heightPx, pixels }
}

/** The next whole number, past blanks and comments. */
function nextNumber(reader: { readonly bytes: Uint8Array; at: number }): number {
  const { bytes } = reader
  while (isBlank(bytes[reader.at]) || bytes[reader.at] === 0x23) {
    if (bytes[reader.at] === 0x23) while (reader.at < bytes.length && bytes[reader.at] !== 0x0a) reader.at++
    else reader.at++
  }
  let value = 0
  const start = reader.at
  while (bytes[reader.at] >= 0x30 && bytes[reader.at] <= 0x39) {
    value = value * 10 + bytes[reader.at] - 0x30
    if (reader.at++ - start >= 9) throw unreadable('a number in the PGM is too long')
  }
  if (reader.at >= bytes.length && reader.at === start) throw unreadable('the PGM ends too early')
  if (reader.at === start) throw unreadable('the PGM has no number where one must stand')
  return value
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)
}
