import { KioskError } from '../../base/errors.ts'
import { readBmp } from './bmp.ts'
import type { Frame } from './frame.ts'
import { checkSize, DPI_DEFAULT, DPI_MAX, DPI_MIN, type Raster, SIDE_PX_MIN, unreadable } from './limits.ts'
import { readPgm } from './pgm.ts'
import { PNG_SIGNATURE, readPng } from './png.ts'
import { scaledPx } from './resample.ts'
import { isWsq, readWsq } from './wsq.ts'

export interface DecodeOptions {
  /** Believed before what the file says. */
  readonly dpi?: number
  /** The bytes are grey levels without a header, row by row from the top left, this many. */
  readonly raw?: { readonly widthPx: number; readonly heightPx: number }
}

/**
 * An image file as a frame of 8-bit grey: PNG, PGM, BMP, WSQ (told apart by content, never by name), or raw.
 *
 * Resolution: `options.dpi`, else the file's own where it is between 200 and 2000 dpi (many carry a
 * meaningless 72 or 96), else 500. Bounds hold for the image as it is and at 500 dpi, and are
 * checked from the header, before memory is taken.
 *
 * Throws `image/unreadable`, `image/too-large`, `image/too-small`; `usage/bad-option` for a resolution that
 * no fingerprint scanner has.
 */
export function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Frame {
  const { dpi, raw } = options
  if (dpi !== undefined && !(dpi >= DPI_MIN && dpi <= DPI_MAX))
    throw new KioskError('usage/bad-option', { option: 'dpi', min: DPI_MIN, max: DPI_MAX })
  const raster = raw === undefined ? readAny(bytes) : readRaw(bytes, raw.widthPx, raw.heightPx)
  const resolutionDpi = dpi ?? raster.resolutionDpi ?? DPI_DEFAULT
  const { widthPx, heightPx, pixels } = raster
  checkFrameSize({ widthPx, heightPx, resolutionDpi })
  return { widthPx, heightPx, resolutionDpi, pixels }
}

/** The bounds again, at 500 dpi: an inch is an inch. */
export function checkFrameSize({ widthPx, heightPx, resolutionDpi }: Omit<Frame, 'pixels'>): void {
  const widthPx500 = scaledPx(widthPx, resolutionDpi, 500)
  const heightPx500 = scaledPx(heightPx, resolutionDpi, 500)
  checkSize(widthPx500, heightPx500)
  if (widthPx500 < SIDE_PX_MIN || heightPx500 < SIDE_PX_MIN)
    throw new KioskError('image/too-small', { widthPx, heightPx, resolutionDpi })
}

/** Whether the bytes begin as an image file does that `decodeImage` can tell by content. */
export function isImage(bytes: Uint8Array): boolean {
  return readerOf(bytes) !== undefined
}

function readAny(bytes: Uint8Array): Raster {
  const read = readerOf(bytes)
  if (read === undefined)
    throw unreadable(bytes.length === 0 ? 'it is empty' : 'it is no PNG, PGM, BMP or WSQ')
  return read(bytes)
}

function readerOf(bytes: Uint8Array): ((bytes: Uint8Array) => Raster) | undefined {
  if (PNG_SIGNATURE.every((byte, i) => bytes[i] === byte)) return readPng
  if (bytes[0] === 0x42 && bytes[1] === 0x4d) return readBmp
  if (isWsq(bytes)) return readWsq
  const isPgm = bytes[0] === 0x50 && (bytes[1] === 0x32 || bytes[1] === 0x35)
  return isPgm && bytes.length > 2 ? readPgm : undefined
}

function readRaw(bytes: Uint8Array, widthPx: number, heightPx: number): Raster {
  checkSize(widthPx, heightPx)
  if (bytes.length !== widthPx * heightPx)
    throw unreadable('raw pixels are not as many as the given size has')
  return { widthPx, heightPx, pixels: Uint8Array.from(bytes) }
}
