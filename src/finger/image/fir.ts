/**
 * ISO/IEC 19794-4:2011, finger image record: what certified scanners deliver. Big-endian.
 *
 *     header, 16 bytes                       representation
 *      0 'FIR' 00                             0 its length u32, these four included
 *      4 '020' 00                             4 date and time, 9 bytes; device technology u8, vendor u16, type u16
 *      8 length of the record u32            18 n u8, then n × { quality u8, vendor u16, algorithm u16 }
 *     12 representations u16                    if certified: n u8, then n × { authority u16, scheme u8 }
 *     14 has certification u8                   finger position u8, representation number u8
 *     15 finger positions u8                    unit of resolution u8 (1 inch, 2 cm)
 *                                               scanned x u16, y u16; image x u16, y u16, dots a unit
 *                                               bits a pixel u8, compression u8, impression u8
 *                                               width u16, height u16, length of the image u32, the image
 *                                               extended data to the end
 */
import { strict as assert } from 'node:assert'
import { KioskError } from '../../base/errors.ts'
import { ByteReader } from './byte-reader.ts'
import { encodePng } from './encode-png.ts'
import type { Frame } from './frame.ts'
import { checkSize, DPI_MAX, DPI_MIN, unreadable } from './limits.ts'

/** Numbers of the standard; packed 8-bit grey is the same as unpacked. */
export const COMPRESSION = {
  none: 0,
  packed: 1,
  wsq: 2,
  jpeg: 3,
  jpeg2000Lossy: 4,
  jpeg2000: 5,
  png: 6,
} as const

/** One image of a record, still compressed. */
export interface FirRepresentation {
  /** 0 unknown, 1-5 right thumb…little, 6-10 left thumb…little; 13-15 several fingers at once. */
  readonly position: number
  /** 0 live plain, 1 live rolled, 2 non-live plain, 3 non-live rolled, 8 swipe, 24 contactless, 29 unknown… */
  readonly impression: number
  /** 0-100; undefined where the record does not say. */
  readonly quality: number | undefined
  readonly widthPx: number
  readonly heightPx: number
  readonly resolutionDpi: number
  readonly compression: number
  readonly data: Uint8Array
}

/** Date, technology, vendor and type of the capture device. */
const CAPTURE_BYTES = 14
/** Ten fingers, a few times each. */
const REPRESENTATIONS_MAX = 64
/** Of all images of a record together: ten rolled fingers at 1000 dpi, 1.6 × 1.5 inches each, have 24 million. */
const RECORD_PIXELS_MAX = 40_000_000

/** Whether the bytes begin as a finger image record does. */
export function isFir(bytes: Uint8Array): boolean {
  return bytes[0] === 0x46 && bytes[1] === 0x49 && bytes[2] === 0x52 && bytes[3] === 0
}

/** Throws `image/unreadable`, `image/too-large` or `image/too-small`. At least one representation. */
export function readFir(bytes: Uint8Array): readonly FirRepresentation[] {
  if (!isFir(bytes)) throw unreadable('it does not begin as a finger image record does')
  const reader = new ByteReader(bytes, why => unreadable(`the finger image record: ${why}`), 4)
  const version = String.fromCharCode(...reader.slice(4)).slice(0, 3)
  if (version !== '020') throw unreadable('it is a finger image record of another version than 2011')
  reader.endAt(0, reader.u32())
  const count = reader.u16()
  const isCertified = reader.u8() !== 0
  reader.skip(1)
  if (count === 0 || count > REPRESENTATIONS_MAX) throw unreadable('it holds no finger, or too many')
  const recordEnd = reader.end
  let pixels = 0
  return Array.from({ length: count }, () => {
    const start = reader.at
    reader.end = recordEnd
    reader.endAt(start, reader.u32())
    const representation = readRepresentation(reader, isCertified)
    reader.at = reader.end
    pixels += representation.widthPx * representation.heightPx
    if (pixels > RECORD_PIXELS_MAX) throw new KioskError('image/too-large', { pixels, images: count })
    return representation
  })
}

function readRepresentation(reader: ByteReader, isCertified: boolean): FirRepresentation {
  reader.skip(CAPTURE_BYTES)
  const qualities = reader.slice(reader.u8() * 5)
  if (isCertified) reader.skip(reader.u8() * 3)
  const position = reader.u8()
  reader.skip(1)
  const unit = reader.u8()
  reader.skip(4)
  const resolutionDpi = dpiOf(unit, reader.u16(), reader.u16())
  const depth = reader.u8()
  const compression = reader.u8()
  const impression = reader.u8()
  const widthPx = reader.u16()
  const heightPx = reader.u16()
  checkSize(widthPx, heightPx)
  if (depth !== 8) throw unreadable('its images do not have 8 bits a pixel')
  const data = reader.slice(reader.u32())
  // 255 is "failed", and so is anything else above 100.
  const quality = qualities.length > 0 && qualities[0] <= 100 ? qualities[0] : undefined
  return { position, impression, quality, widthPx, heightPx, resolutionDpi, compression, data }
}

function dpiOf(unit: number, x: number, y: number): number {
  const dpi = unit === 2 ? Math.round(x * 2.54) : x
  if ((unit !== 1 && unit !== 2) || x !== y || dpi < DPI_MIN || dpi > DPI_MAX)
    throw unreadable('no scanner has the resolution of its images')
  // Whole dots a centimetre cannot say 500 dpi: 196.85 is written as 196 or 197.
  return unit === 2 && Math.abs(dpi - 500) < 3 ? 500 : dpi
}

/** One image for a record. */
export interface FirView {
  readonly position: number
  readonly impression: number
  readonly quality: number | undefined
  readonly frame: Frame
}

/** A record of images as they are, or each as PNG; lossless both. Vendor and date are given as unknown. */
export function writeFir(views: readonly FirView[], compression: 'none' | 'png'): Uint8Array {
  assert(views.length > 0 && views.length <= REPRESENTATIONS_MAX)
  const header = new DataView(new ArrayBuffer(16))
  const parts = [new Uint8Array(header.buffer), ...views.map(view => representation(view, compression))]
  parts[0].set([0x46, 0x49, 0x52, 0, 0x30, 0x32, 0x30, 0])
  header.setUint32(
    8,
    parts.reduce((sum, part) => sum + part.length, 0),
  )
  header.setUint16(12, views.length)
  header.setUint8(15, new Set(views.map(({ position }) => position)).size)
  return new Uint8Array(Buffer.concat(parts))
}

function representation(
  { position, impression, quality, frame }: FirView,
  compression: 'none' | 'png',
): Uint8Array {
  const { widthPx, heightPx, resolutionDpi } = frame
  const data = compression === 'none' ? frame.pixels : encodePng(frame)
  const fixed = new DataView(new ArrayBuffer(18 + 1 + (quality === undefined ? 0 : 5) + 22))
  const bytes = new Uint8Array(fixed.buffer)
  fixed.setUint32(0, bytes.length + data.length)
  bytes.fill(0xff, 4, 13) // no date
  let at = 18
  fixed.setUint8(at++, quality === undefined ? 0 : 1)
  if (quality !== undefined) {
    fixed.setUint8(at, quality)
    at += 5
  }
  bytes.set([position, 0, 1], at)
  for (let i = 0; i < 4; i++) fixed.setUint16(at + 3 + 2 * i, Math.round(resolutionDpi))
  bytes.set([8, COMPRESSION[compression], impression], at + 11)
  fixed.setUint16(at + 14, widthPx)
  fixed.setUint16(at + 16, heightPx)
  fixed.setUint32(at + 18, data.length)
  return new Uint8Array(Buffer.concat([bytes, data]))
}
