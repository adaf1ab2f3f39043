/**
 * ANSI/INCITS 378-2007 and -2009, finger minutiae record. Read only. Big-endian.
 *
 *     header, 20 bytes                       view, 17 bytes + minutiae + extended data
 *      0 'FMR' 00                             0 finger position, view number, impression, quality
 *      4 '030' 00                             4 quality algorithm: owner u16, identity u16
 *      8 length of the record u32             8 width u16, height u16
 *     12 CBEFF owner u16, type u16           12 pixels a centimetre, x u16, y u16
 *     16 capture equipment u16               16 N, then N minutiae of 6 bytes, angles in 2 degrees
 *     18 views u8, 00                           length of extended data u16, that many bytes
 */
import type { ByteReader } from '../image/byte-reader.ts'
import {
  ANSI_ANGLES,
  fingerQuality,
  type InterchangeView,
  readMinutiae,
  unreadable,
} from './minutiae-bytes.ts'

/** `reader` stands at the length field. */
export function readAnsi2007(reader: ByteReader): InterchangeView[] {
  reader.endAt(0, reader.u32())
  reader.skip(6)
  const count = reader.u8()
  if (count === 0) throw unreadable('it holds no finger')
  reader.skip(1)
  const views: InterchangeView[] = []
  for (let i = 0; i < count; i++) {
    const position = reader.u8()
    reader.skip(1)
    const impression = reader.u8()
    const quality = fingerQuality(reader.u8())
    reader.skip(4)
    const image = {
      widthPx: reader.u16(),
      heightPx: reader.u16(),
      xPerCm: reader.u16(),
      yPerCm: reader.u16(),
    }
    const format = { count: reader.u8(), angles: ANSI_ANGLES, minutiaBytes: 6, quality }
    const template = readMinutiae(reader, format, image)
    reader.skip(reader.u16())
    views.push({ position, impression, quality, template })
  }
  return views
}
