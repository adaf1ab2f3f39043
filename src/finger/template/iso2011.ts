/**
 * ISO/IEC 19794-2:2011, finger minutiae record. Read only. Big-endian.
 *
 *     header, 15 bytes                       representation
 *      0 'FMR' 00                             0 its length u32, these four included
 *      4 '030' 00                             4 date and time, 9 bytes; device technology u8, vendor u16, type u16
 *      8 length of the record u32            18 n u8, then n × { quality u8, vendor u16, algorithm u16 }
 *     12 representations u16                    if certified: n u8, then n × { authority u16, scheme u8 }
 *     14 has certification u8                   finger position u8, view number u8
 *                                               pixels a centimetre x u16, y u16; impression u8; width u16, height u16
 *                                               bytes a minutia << 4 | ending type; N u8; minutiae
 *                                               length of extended data u16, that many bytes
 */
import type { ByteReader } from '../image/byte-reader.ts'
import {
  fingerQuality,
  type InterchangeView,
  ISO_ANGLES,
  readMinutiae,
  unreadable,
} from './minutiae-bytes.ts'

/** Date, technology, vendor and type of the capture device. */
const CAPTURE_BYTES = 14

/** `reader` stands at the length field. */
export function readIso2011(reader: ByteReader): InterchangeView[] {
  reader.endAt(0, reader.u32())
  const count = reader.u16()
  const isCertified = reader.u8() !== 0
  if (count === 0) throw unreadable('it holds no finger')
  const views: InterchangeView[] = []
  const recordEnd = reader.end
  for (let i = 0; i < count; i++) {
    const start = reader.at
    reader.end = recordEnd
    reader.endAt(start, reader.u32())
    views.push(readRepresentation(reader, isCertified))
    reader.at = reader.end
  }
  return views
}

function readRepresentation(reader: ByteReader, isCertified: boolean): InterchangeView {
  reader.skip(CAPTURE_BYTES)
  const qualities = reader.slice(reader.u8() * 5)
  if (isCertified) reader.skip(reader.u8() * 3)
  const quality = qualities.length > 0 ? fingerQuality(qualities[0]) : undefined
  const position = reader.u8()
  reader.skip(1)
  const xPerCm = reader.u16()
  const yPerCm = reader.u16()
  const impression = reader.u8()
  const image = { xPerCm, yPerCm, widthPx: reader.u16(), heightPx: reader.u16() }
  const minutiaBytes = reader.u8() >> 4
  if (minutiaBytes !== 5 && minutiaBytes !== 6) throw unreadable('its minutiae have neither 5 nor 6 bytes')
  const format = { count: reader.u8(), angles: ISO_ANGLES, minutiaBytes, quality }
  const template = readMinutiae(reader, format, image)
  reader.skip(reader.u16())
  return { position, impression, quality, template }
}

/**
 * Whether a '030' record is of ISO, not of ANSI, which has the same first eight bytes: the lengths of its
 * representations must add up to the record's.
 */
export function looksLikeIso2011(bytes: Uint8Array): boolean {
  if (bytes.length < 19) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const total = view.getUint32(8)
  const count = view.getUint16(12)
  if (count === 0 || bytes[14] > 1) return false
  let at = 15
  for (let i = 0; i < count; i++) {
    if (at + 4 > Math.min(total, bytes.length)) return false
    const length = view.getUint32(at)
    if (length < CAPTURE_BYTES) return false
    at += length
  }
  return at === total
}
