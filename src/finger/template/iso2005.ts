/**
 * ISO/IEC 19794-2:2005, finger minutiae record. Big-endian.
 *
 *     header, 24 bytes                                view, 4 bytes + minutiae + extended data
 *      0 'FMR' 00                                      0 finger position
 *      4 ' 20' 00                                      1 view number << 4 | impression
 *      8 length of the record u32                      2 quality 0-100
 *     12 certified 1 bit, 000, device 12 bits          3 N
 *     14 width u16, height u16                         4 N minutiae of 6 bytes (minutiae-bytes.ts)
 *     18 pixels a centimetre, x u16, y u16               length of extended data u16, that many bytes
 *     22 views u8, 00
 *
 * Extended data (ridge counts, cores and deltas, vendors' own) are skipped as one block: writers disagree
 * whether the lengths inside count their own headers. We write none.
 */
import type { ByteReader } from '../image/byte-reader.ts'
import {
  fingerQuality,
  type ImageGeometry,
  type InterchangeView,
  ISO_ANGLES,
  PIXELS_PER_CM,
  readMinutiae,
  unreadable,
  writeMinutiae,
} from './minutiae-bytes.ts'

export const IMPRESSIONS_ISO2005 = [0, 1, 2, 3, 8]

/** `reader` stands at the length field. */
export function readIso2005(reader: ByteReader): InterchangeView[] {
  reader.endAt(0, reader.u32())
  reader.skip(2)
  return readViews2005(reader, ISO_ANGLES)
}

/** Size, resolution and views, which ANSI 378-2004 has byte for byte. */
export function readViews2005(reader: ByteReader, angles: number): InterchangeView[] {
  const image: ImageGeometry = {
    widthPx: reader.u16(),
    heightPx: reader.u16(),
    xPerCm: reader.u16(),
    yPerCm: reader.u16(),
  }
  const count = reader.u8()
  if (count === 0) throw unreadable('it holds no finger')
  reader.skip(1)
  const views: InterchangeView[] = []
  for (let i = 0; i < count; i++) {
    const position = reader.u8()
    const impression = reader.u8() & 0x0f
    const quality = fingerQuality(reader.u8())
    const format = { count: reader.u8(), angles, minutiaBytes: 6, quality }
    const template = readMinutiae(reader, format, image)
    reader.skip(reader.u16())
    views.push({ position, impression, quality, template })
  }
  return views
}

export function writeIso2005(views: readonly InterchangeView[]): Uint8Array {
  const body = writeViews2005(views, ISO_ANGLES, IMPRESSIONS_ISO2005)
  const bytes = new Uint8Array(14 + body.length)
  const view = new DataView(bytes.buffer)
  bytes.set([0x46, 0x4d, 0x52, 0, 0x20, 0x32, 0x30, 0])
  view.setUint32(8, bytes.length)
  bytes.set(body, 14)
  return bytes
}

/** From the width on. The header has one size for all: the largest. */
export function writeViews2005(
  views: readonly InterchangeView[],
  angles: number,
  impressions: readonly number[],
): Uint8Array {
  const header = new DataView(new ArrayBuffer(10))
  header.setUint16(0, Math.max(...views.map(({ template }) => template.widthPx)))
  header.setUint16(2, Math.max(...views.map(({ template }) => template.heightPx)))
  header.setUint16(4, PIXELS_PER_CM)
  header.setUint16(6, PIXELS_PER_CM)
  header.setUint8(8, views.length)
  const parts: Uint8Array[] = [new Uint8Array(header.buffer)]
  views.forEach(({ position, impression, quality, template }, index) => {
    // Views of one finger are numbered from 0.
    const number = views.slice(0, index).filter(other => other.position === position).length
    const kind = impressions.includes(impression) ? impression : 0
    parts.push(Uint8Array.of(position, ((number & 0x0f) << 4) | kind, quality ?? 0, template.count))
    parts.push(writeMinutiae(template, angles), Uint8Array.of(0, 0))
  })
  return concatenated(parts)
}

/** Not `Buffer.concat`: small ones would lie in memory that all buffers share, and live as long. */
function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
