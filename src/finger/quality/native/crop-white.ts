import type { Frame } from '../../image/frame.ts'

const WHITE_LEVEL = 250

/**
 * The image between its outermost rows and columns whose mean is not nearly white (over 250), and where it begins:
 * what the native measures of ISO/IEC 29794-4 are taken on. The image itself where all of it is white.
 */
export function cropWhite(frame: Frame): { frame: Frame; leftPx: number; topPx: number } {
  const { widthPx, heightPx, pixels } = frame
  const rows = new Float64Array(heightPx)
  const columns = new Float64Array(widthPx)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      rows[y] += pixels[y * widthPx + x] / widthPx
      columns[x] += pixels[y * widthPx + x] / heightPx
    }
  }
  const isPrint = (mean: number): boolean => mean <= WHITE_LEVEL
  const top = rows.findIndex(isPrint)
  const left = columns.findIndex(isPrint)
  if (top < 0 || left < 0) return { frame, leftPx: 0, topPx: 0 }
  const bottom = rows.findLastIndex(isPrint)
  const right = columns.findLastIndex(isPrint)
  const cropped = new Uint8Array((right - left + 1) * (bottom - top + 1))
  for (let y = top; y <= bottom; y++) {
    const from = y * widthPx
    cropped.set(pixels.subarray(from + left, from + right + 1), (y - top) * (right - left + 1))
  }
  return {
    frame: { ...frame, widthPx: right - left + 1, heightPx: bottom - top + 1, pixels: cropped },
    leftPx: left,
    topPx: top,
  }
}
