/**
 * ANSI/INCITS 378-2004, finger minutiae record. As ISO/IEC 19794-2:2005, which grew from it, but for
 *
 *      8 length of the record u16, or 0 and then u32     where ISO has u32
 *        CBEFF owner u16, CBEFF type u16                 where ISO has nothing
 *        capture equipment u16, and on as ISO            so 26 or 30 bytes before the first view
 *
 * and angles in units of 2 degrees.
 */
import type { ByteReader } from '../image/byte-reader.ts'
import { IMPRESSIONS_ISO2005, readViews2005, writeViews2005 } from './iso2005.ts'
import { ANSI_ANGLES, type InterchangeView } from './minutiae-bytes.ts'

/** Bytes from the CBEFF owner to the capture equipment. */
const OWNER_BYTES = 6
const SHORT_LENGTH_MAX = 0xffff

/** `reader` stands at the length field. */
export function readAnsi2004(reader: ByteReader): InterchangeView[] {
  const short = reader.u16()
  reader.endAt(0, short === 0 ? reader.u32() : short)
  reader.skip(OWNER_BYTES)
  return readViews2005(reader, ANSI_ANGLES)
}

export function writeAnsi2004(views: readonly InterchangeView[]): Uint8Array {
  const body = writeViews2005(views, ANSI_ANGLES, [...IMPRESSIONS_ISO2005, 9])
  const isShort = 10 + OWNER_BYTES + body.length <= SHORT_LENGTH_MAX
  const bodyAt = (isShort ? 10 : 14) + OWNER_BYTES
  const bytes = new Uint8Array(bodyAt + body.length)
  const view = new DataView(bytes.buffer)
  bytes.set([0x46, 0x4d, 0x52, 0, 0x20, 0x32, 0x30, 0])
  if (isShort) view.setUint16(8, bytes.length)
  else view.setUint32(10, bytes.length)
  bytes.set(body, bodyAt)
  return bytes
}
