import { strict as assert } from 'node:assert'
import type { Frame } from './frame.ts'
import { DPI_MAX, DPI_MIN } from './limits.ts'

/** For each target pixel: its first source pixel, how many it takes, and their weights, summing to 1. */
interface Taps {
  readonly first: Int32Array
  readonly count: Int32Array
  readonly weights: Float64Array
  /** Weights of target pixel i start at i × stride. */
  readonly stride: number
}

/**
 * The frame at `resolutionDpi`; the frame itself where it has that resolution already.
 *
 * Both directions by a triangle filter: linear interpolation when it grows; when it shrinks the triangle
 * widens to the distance of two target pixels, so that ridges too fine for the target turn grey
 * and do not come back as coarse false ones (aliasing). Pixel centres map to pixel centres: a point at
 * `x` pixels from the left edge is at `x × to / from` afterwards.
 */
export function resample(frame: Frame, resolutionDpi: number): Frame {
  assert(resolutionDpi >= DPI_MIN && resolutionDpi <= DPI_MAX)
  assert(frame.pixels.length === frame.widthPx * frame.heightPx)
  if (frame.resolutionDpi === resolutionDpi) return frame
  const widthPx = scaledPx(frame.widthPx, frame.resolutionDpi, resolutionDpi)
  const heightPx = scaledPx(frame.heightPx, frame.resolutionDpi, resolutionDpi)
  const ratio = frame.resolutionDpi / resolutionDpi
  const rows = stretchRows(frame, widthPx, triangleTaps(frame.widthPx, widthPx, ratio))
  const pixels = stretchColumns(rows, widthPx, heightPx, triangleTaps(frame.heightPx, heightPx, ratio))
  return { widthPx, heightPx, resolutionDpi, pixels }
}

/** A side of `sidePx` pixels at `fromDpi`, in pixels at `toDpi`; at least one. */
export function scaledPx(sidePx: number, fromDpi: number, toDpi: number): number {
  return Math.max(1, Math.round((sidePx * toDpi) / fromDpi))
}

function triangleTaps(sourcePx: number, targetPx: number, ratio: number): Taps {
  const reach = Math.max(1, ratio)
  const stride = 2 * Math.ceil(reach) + 1
  const first = new Int32Array(targetPx)
  const count = new Int32Array(targetPx)
  const weights = new Float64Array(targetPx * stride)
  for (let target = 0; target < targetPx; target++) {
    // The sides are rounded, so the last centre can fall just outside the source.
    const centre = Math.min(Math.max((target + 0.5) * ratio - 0.5, 0), sourcePx - 1)
    const from = Math.max(0, Math.floor(centre - reach) + 1)
    const to = Math.min(sourcePx - 1, Math.ceil(centre + reach) - 1)
    let sum = 0
    for (let source = from; source <= to; source++) {
      const weight = reach - Math.abs(source - centre)
      weights[target * stride + source - from] = weight
      sum += weight
    }
    for (let tap = 0; tap <= to - from; tap++) weights[target * stride + tap] /= sum
    first[target] = from
    count[target] = to - from + 1
  }
  return { first, count, weights, stride }
}

/** Every row stretched to `widthPx`. */
function stretchRows(frame: Frame, widthPx: number, taps: Taps): Float32Array {
  const { first, count, weights, stride } = taps
  const out = new Float32Array(widthPx * frame.heightPx)
  for (let y = 0; y < frame.heightPx; y++) {
    const row = y * frame.widthPx
    for (let x = 0; x < widthPx; x++) {
      let sum = 0
      for (let tap = 0; tap < count[x]; tap++) {
        sum += weights[x * stride + tap] * frame.pixels[row + first[x] + tap]
      }
      out[y * widthPx + x] = sum
    }
  }
  return out
}

/** Every column stretched to `heightPx`, and rounded to grey levels. */
function stretchColumns(rows: Float32Array, widthPx: number, heightPx: number, taps: Taps): Uint8Array {
  const { first, count, weights, stride } = taps
  const out = new Uint8Array(widthPx * heightPx)
  const sums = new Float64Array(widthPx)
  for (let y = 0; y < heightPx; y++) {
    sums.fill(0)
    for (let tap = 0; tap < count[y]; tap++) {
      const weight = weights[y * stride + tap]
      const row = (first[y] + tap) * widthPx
      for (let x = 0; x < widthPx; x++) sums[x] += weight * rows[row + x]
    }
    for (let x = 0; x < widthPx; x++) out[y * widthPx + x] = Math.floor(sums[x] + 0.5)
  }
  return out
}
