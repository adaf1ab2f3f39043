/**
 * Windows bitmap, uncompressed: 8 bits with a palette, 24 and 32 bits; rows upwards or downwards.
 * All little-endian:
 *
 *     0  'BM' | file size u32 | 0 u32 | offset of the pixels u32
 *     14 header size u32 (40 or more), width i32, height i32 (negative: rows downwards), planes u16 = 1,
 *        bits u16, compression u32 (0; 3 = with colour masks), bytes u32, dots per metre x i32, y i32,
 *        colours u32, … | blue green red 0, … (palette) | rows, each padded to four bytes
 *
 * The 12-byte header of OS/2 (sizes u16, palette of three bytes a colour) is read too.
 */
import { believableDpi, checkSize, type Raster, unreadable } from './limits.ts'
import { luminance } from './png.ts'

const MASKS_AT = 54
const USUAL_MASKS = [0x00ff0000, 0x0000ff00, 0x000000ff] as const

/** Throws `image/unreadable`, `image/too-large` or `image/too-small`. */
export function readBmp(bytes: Uint8Array): Raster {
  if (bytes.length < 26) throw unreadable('the BMP ends too early')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const pixelsAt = view.getUint32(10, true)
  const headerBytes = view.getUint32(14, true)
  const isOs2 = headerBytes === 12
  if (!isOs2 && (headerBytes < 40 || bytes.length < 54)) throw unreadable('the header of the BMP is unknown')
  const widthPx = isOs2 ? view.getUint16(18, true) : view.getInt32(18, true)
  const signedHeight = isOs2 ? view.getUint16(20, true) : view.getInt32(22, true)
  const heightPx = Math.abs(signedHeight)
  checkSize(widthPx, heightPx)
  const bits = view.getUint16(isOs2 ? 24 : 28, true)
  checkPacking(view, isOs2 ? 0 : view.getUint32(30, true), bits)

  const rowBytes = Math.ceil((widthPx * bits) / 32) * 4
  if (pixelsAt + rowBytes * heightPx > bytes.length) throw unreadable('the BMP ends too early')
  const greys = bits === 8 ? paletteGreys(view, 14 + headerBytes, pixelsAt, isOs2 ? 3 : 4) : undefined
  const pixels = new Uint8Array(widthPx * heightPx)
  for (let y = 0; y < heightPx; y++) {
    const row = pixelsAt + (signedHeight < 0 ? y : heightPx - 1 - y) * rowBytes
    const out = y * widthPx
    for (let x = 0; x < widthPx; x++) {
      const at = row + x * (bits >> 3)
      pixels[out + x] = greys ? greys[bytes[at]] : luminance(bytes[at + 2], bytes[at + 1], bytes[at])
    }
  }
  return {
    widthPx,
    heightPx,
    pixels,
    resolutionDpi: isOs2 ? undefined : believableDpi(view.getInt32(38, true)),
  }
}

function checkPacking(view: DataView, compression: number, bits: number): void {
  if (bits !== 8 && bits !== 24 && bits !== 32) throw unreadable('the BMP has an unknown kind of pixels')
  if (compression === 0) return
  const hasUsualMasks =
    compression === 3 &&
    bits === 32 &&
    view.byteLength >= MASKS_AT + 12 &&
    USUAL_MASKS.every((mask, i) => view.getUint32(MASKS_AT + 4 * i, true) === mask)
  if (!hasUsualMasks) throw unreadable('the BMP is compressed')
}

/** 256 grey levels; colours that the file leaves out are black. */
function paletteGreys(view: DataView, at: number, end: number, entryBytes: number): Uint8Array {
  const greys = new Uint8Array(256)
  const entries = Math.min(256, Math.floor((Math.min(end, view.byteLength) - at) / entryBytes))
  for (let i = 0; i < entries; i++) {
    const entry = at + i * entryBytes
    greys[i] = luminance(view.getUint8(entry + 2), view.getUint8(entry + 1), view.getUint8(entry))
  }
  return greys
}
