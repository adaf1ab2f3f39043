import { KioskError } from '../../base/errors.ts'

/** No scanner of whole prints is outside these; a file that claims otherwise is not believed. */
export const DPI_MIN = 200
export const DPI_MAX = 2000
export const DPI_DEFAULT = 500

/** A side of an image: eight inches at 500 dpi, the width of a ten-print card. */
export const SIDE_PX_MAX = 4000
/** A four-finger scan, 3.2 × 3 inches, at 1000 dpi has 9.6 million. */
export const PIXELS_MAX = 10_000_000
/** At 500 dpi; 3.3 mm. Nothing smaller holds a minutia and its neighbours. */
export const SIDE_PX_MIN = 64

/** Bytes of the largest image file: four channels of 16 bits a pixel, or seven characters of text. */
export const IMAGE_BYTES_MAX = PIXELS_MAX * 8 + 1_000_000

/** What a decoder found: grey levels, and the resolution if the file has one worth believing. */
export interface Raster {
  readonly widthPx: number
  readonly heightPx: number
  readonly pixels: Uint8Array
  readonly resolutionDpi?: number
}

/**
 * Refuses sizes that no decoder may allocate memory for. Decoders call it with what the header says,
 * before they look at a pixel.
 */
export function checkSize(widthPx: number, heightPx: number): void {
  if (widthPx < 1 || heightPx < 1) throw new KioskError('image/too-small', { widthPx, heightPx })
  if (widthPx > SIDE_PX_MAX || heightPx > SIDE_PX_MAX || widthPx * heightPx > PIXELS_MAX)
    throw new KioskError('image/too-large', { widthPx, heightPx })
}

/** The resolution in dots an inch, or undefined where nobody could have meant it (72, 96, 0). */
export function believableDpi(dotsPerMetre: number): number | undefined {
  // Whole dots a metre cannot say 500 dpi exactly (19685.04), so the result is rounded.
  const dpi = Math.round(dotsPerMetre * 0.0254)
  return dpi >= DPI_MIN && dpi <= DPI_MAX ? dpi : undefined
}

/** `why` completes "The image cannot be read: …". Never holds bytes of the file. */
export function unreadable(why: string): KioskError {
  return new KioskError('image/unreadable', { why })
}
