/**
 * What all four interchange formats share: a header's size and resolution, and minutiae of six bytes
 * (five in ISO/IEC 19794-2:2011, without quality).
 *
 *      0               1               2               3               4               5
 *     ┌──┬────────────┬───────────────┬──┬────────────┬───────────────┬───────────────┬───────────────┐
 *     │k │     x, 14 bits, big-endian │0 │     y, 14 bits             │ angle         │ quality 1-100 │
 *     └──┴────────────┴───────────────┴──┴────────────┴───────────────┴───────────────┴───────────────┘
 *      kind: 0 other, 1 ending, 2 bifurcation      ISO: 256, ANSI: 180 to a turn     0: not reported
 */
import { KioskError } from '../../base/errors.ts'
import type { ByteReader } from '../image/byte-reader.ts'
import { DPI_MAX, DPI_MIN, SIDE_PX_MAX } from '../image/limits.ts'
import { TWO_PI } from '../kernels/elementary.ts'
import { KIND, MINUTIAE_MAX, type Template } from './template.ts'

/** One finger of an interchange record. */
export interface InterchangeView {
  /** Finger position: 0 unknown, 1-5 right thumb…little, 6-10 left thumb…little. */
  readonly position: number
  /** How it was taken: 0 live plain, 1 live rolled, 2 non-live plain, 3 non-live rolled, 8 swipe. */
  readonly impression: number
  /** 0-100; undefined where the record does not say. */
  readonly quality: number | undefined
  readonly template: Template
}

/** Steps of a whole turn in the angle byte. */
export const ISO_ANGLES = 256
export const ANSI_ANGLES = 180

/** Pixels a centimetre of what we write: 500 dpi. */
export const PIXELS_PER_CM = 197

const COORDINATE_MAX = 0x3fff

export function unreadable(why: string): KioskError {
  return new KioskError('template/unreadable', { why })
}

/** Of the image that a record's minutiae were found in. */
export interface ImageGeometry {
  readonly widthPx: number
  readonly heightPx: number
  readonly xPerCm: number
  readonly yPerCm: number
}

/**
 * The factor from a record's pixels to pixels at 500 dpi. Whole pixels a centimetre cannot say 500 dpi
 * (196.85), so what rounds to a usual resolution, up or down, is taken as that resolution.
 */
function scaleOf(pixelsPerCm: number): number {
  const dpi = pixelsPerCm * 2.54
  if (dpi < DPI_MIN || dpi > DPI_MAX) throw unreadable(`no scanner has ${pixelsPerCm} pixels a centimetre`)
  const usual = [250, 500, 1000].find(usualDpi => Math.abs(usualDpi / 2.54 - pixelsPerCm) < 1)
  return 500 / (usual ?? dpi)
}

/** `count` minutiae from `reader` as a template at 500 dpi. `minutiaBytes` is 5 or 6. */
export function readMinutiae(
  reader: ByteReader,
  format: { count: number; angles: number; minutiaBytes: number; quality: number | undefined },
  image: ImageGeometry,
): Template {
  const { count, angles, minutiaBytes, quality } = format
  const xScale = scaleOf(image.xPerCm)
  const yScale = scaleOf(image.yPerCm)
  const bytes = reader.slice(count * minutiaBytes)
  const kept = mostReliable(bytes, count, minutiaBytes)
  const template = {
    count: kept.length,
    widthPx: Math.round(image.widthPx * xScale),
    heightPx: Math.round(image.heightPx * yScale),
    xPx: new Float32Array(kept.length),
    yPx: new Float32Array(kept.length),
    directionRad: new Float32Array(kept.length),
    kind: new Uint8Array(kept.length),
    reliability: new Float32Array(kept.length),
    quality,
  }
  kept.forEach((index, i) => {
    const at = index * minutiaBytes
    const kind = bytes[at] >> 6
    const angle = bytes[at + 4]
    if (angle >= angles) throw unreadable('a minutia has an angle beyond a whole turn')
    template.xPx[i] = (((bytes[at] << 8) | bytes[at + 1]) & COORDINATE_MAX) * xScale
    template.yPx[i] = (((bytes[at + 2] << 8) | bytes[at + 3]) & COORDINATE_MAX) * yScale
    template.directionRad[i] = (angle * TWO_PI) / angles
    template.kind[i] = kind > KIND.bifurcation ? KIND.other : kind
    template.reliability[i] = qualityByte(bytes, index, minutiaBytes) / 100
    // Real records declare sizes that their minutiae do not keep to; a template's always lie inside.
    template.widthPx = Math.max(template.widthPx, Math.ceil(template.xPx[i]) + 1)
    template.heightPx = Math.max(template.heightPx, Math.ceil(template.yPx[i]) + 1)
  })
  if (template.widthPx > SIDE_PX_MAX || template.heightPx > SIDE_PX_MAX)
    throw unreadable('its image is larger than any fingerprint scan')
  return template
}

/** 1-100; what the record does not report, or reports as failed, counts as sure. */
function qualityByte(bytes: Uint8Array, index: number, minutiaBytes: number): number {
  const quality = minutiaBytes === 6 ? bytes[index * 6 + 5] : 0
  return quality === 0 || quality > 100 ? 100 : quality
}

/** Indexes of at most `MINUTIAE_MAX` minutiae, those of highest quality, in the record's order. */
function mostReliable(bytes: Uint8Array, count: number, minutiaBytes: number): number[] {
  const indexes = Array.from({ length: count }, (_, index) => index)
  if (count <= MINUTIAE_MAX) return indexes
  return indexes
    .sort((a, b) => qualityByte(bytes, b, minutiaBytes) - qualityByte(bytes, a, minutiaBytes) || a - b)
    .slice(0, MINUTIAE_MAX)
    .sort((a, b) => a - b)
}

/** The finger quality byte: 0 is what writers put who do not know it; above 100 it is "failed" or "not tried". */
export function fingerQuality(byte: number): number | undefined {
  return byte === 0 || byte > 100 ? undefined : byte
}

/** The minutiae of `template` as bytes: positions in whole pixels at 500 dpi, reliability in hundredths. */
export function writeMinutiae(template: Template, angles: number): Uint8Array {
  const bytes = new Uint8Array(template.count * 6)
  const view = new DataView(bytes.buffer)
  const coordinate = (px: number) => Math.min(Math.max(Math.round(px), 0), COORDINATE_MAX)
  for (let i = 0; i < template.count; i++) {
    view.setUint16(6 * i, (template.kind[i] << 14) | coordinate(template.xPx[i]))
    view.setUint16(6 * i + 2, coordinate(template.yPx[i]))
    const turns = template.directionRad[i] / TWO_PI
    view.setUint8(6 * i + 4, Math.round((turns - Math.floor(turns)) * angles) % angles)
    view.setUint8(6 * i + 5, Math.min(Math.max(1, Math.round(100 * template.reliability[i])), 100))
  }
  return bytes
}
