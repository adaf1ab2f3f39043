import { cos, exp, ln, sin, TWO_PI } from '../kernels/elementary.ts'
import { blurField, CELL_PX, type Field, newField, sampleField } from './field.ts'
import type { Orientation } from './orientation.ts'
import { PERIOD_PX_MAX, PERIOD_PX_MIN } from './period.ts'
import { newPlane, type Plane } from './plane.ts'

/** Half a turn of ridge normals in steps of 5.6°. */
export const ORIENTATIONS = 32
const PERIODS = 12
const ACROSS_PERIODS = 0.36 // standard deviation of the filter's window across the ridges
const ALONG_PERIODS = 0.32
const ALONG_PX_MIN = 2.5

/** What the ridge filter saw at each pixel: `even` + i·`odd` is the ridge wave with its phase. */
export interface Ridges {
  readonly even: Plane
  readonly odd: Plane
  /** Which orientation's filter was used: direction of its normal, 0…ORIENTATIONS-1 for 0…π clockwise. */
  readonly orientationIndex: Uint8Array
}

interface Kernel {
  readonly radiusPx: number
  readonly even: Float32Array
  readonly odd: Float32Array
}

let bank: readonly Kernel[] | undefined

/** Complex Gabor filters (Daugman 1985), orientation by orientation within each period. */
function filterBank(): readonly Kernel[] {
  bank ??= Array.from({ length: PERIODS * ORIENTATIONS }, (_, i) =>
    gabor(periodOfIndex(Math.floor(i / ORIENTATIONS)), ((i % ORIENTATIONS) * Math.PI) / ORIENTATIONS),
  )
  return bank
}

function periodOfIndex(index: number): number {
  return PERIOD_PX_MIN * exp((index / (PERIODS - 1)) * ln(PERIOD_PX_MAX / PERIOD_PX_MIN))
}

/** The even part has no response to a constant; a wave of amplitude 1 gives an amplitude of 1. */
function gabor(periodPx: number, normalRad: number): Kernel {
  const across = ACROSS_PERIODS * periodPx
  const along = Math.max(ALONG_PERIODS * periodPx, ALONG_PX_MIN)
  const radiusPx = Math.ceil(2.5 * Math.max(across, along))
  const size = 2 * radiusPx + 1
  const even = new Float32Array(size * size)
  const odd = new Float32Array(size * size)
  const window = new Float32Array(size * size)
  const nx = cos(normalRad)
  const ny = sin(normalRad)
  let evenSum = 0
  let windowSum = 0
  for (let y = -radiusPx; y <= radiusPx; y++) {
    for (let x = -radiusPx; x <= radiusPx; x++) {
      const i = (y + radiusPx) * size + x + radiusPx
      const u = (x * nx + y * ny) / across
      const v = (y * nx - x * ny) / along
      window[i] = exp(-0.5 * (u * u + v * v))
      const phase = (TWO_PI * (x * nx + y * ny)) / periodPx
      even[i] = window[i] * cos(phase)
      odd[i] = window[i] * -sin(phase)
      evenSum += even[i]
      windowSum += window[i]
    }
  }
  let evenGain = 0
  let oddGain = 0
  for (let i = 0; i < even.length; i++) {
    const phase =
      (TWO_PI * (((i % size) - radiusPx) * nx + (Math.floor(i / size) - radiusPx) * ny)) / periodPx
    even[i] -= (window[i] * evenSum) / windowSum
    evenGain += even[i] * cos(phase)
    oddGain -= odd[i] * sin(phase)
  }
  for (let i = 0; i < even.length; i++) {
    even[i] /= evenGain
    odd[i] /= oddGain
  }
  return { radiusPx, even, odd }
}

/**
 * Filters each pixel of the finger with the complex Gabor filter of its own orientation and period.
 * Outside the mask the result is 0.
 *
 * With the phase of the wave at hand (atan2(odd, even): 0 in the middle of a valley, growing along the
 * normal), nothing later needs a binary image.
 */
export function enhance(plane: Plane, orientation: Orientation, logPeriod: Field, mask: Field): Ridges {
  const { widthPx, heightPx, stride, origin, values } = plane
  const even = newPlane(widthPx, heightPx)
  const odd = newPlane(widthPx, heightPx)
  const orientationIndex = new Uint8Array(values.length)
  const kernels = filterBank()
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      if (sampleField(mask, x, y) === 0) continue
      const at = origin + y * stride + x
      const index = indexOf(sampleField(orientation.cosine, x, y), sampleField(orientation.sine, x, y))
      const period = periodIndex(sampleField(logPeriod, x, y))
      const kernel = kernels[period * ORIENTATIONS + index]
      const size = 2 * kernel.radiusPx + 1
      let evenSum = 0
      let oddSum = 0
      for (let v = 0; v < size; v++) {
        const line = at + (v - kernel.radiusPx) * stride - kernel.radiusPx
        for (let u = 0; u < size; u++) {
          evenSum += values[line + u] * kernel.even[v * size + u]
          oddSum += values[line + u] * kernel.odd[v * size + u]
        }
      }
      even.values[at] = evenSum
      odd.values[at] = oddSum
      orientationIndex[at] = index
    }
  }
  return { even, odd, orientationIndex }
}

const INDEX_STEPS = 64
/** Orientation index by sine / cosine of the doubled angle, first octant to full turn by symmetry. */
const octant = Uint8Array.from({ length: INDEX_STEPS + 1 }, (_, i) => {
  let index = 0
  while (
    index < 4 &&
    sin(((index + 0.5) * TWO_PI) / 32) / cos(((index + 0.5) * TWO_PI) / 32) < i / INDEX_STEPS
  )
    index++
  return index
})

/** The nearest of ORIENTATIONS steps, from the doubled angle's cosine and sine, without an arc tangent. */
function indexOf(cosine: number, sine: number): number {
  const absCosine = Math.abs(cosine)
  const absSine = Math.abs(sine)
  const steep = absSine > absCosine
  const long = steep ? absSine : absCosine
  if (long === 0) return 0
  const step = octant[Math.round(((steep ? absCosine : absSine) / long) * INDEX_STEPS)]
  const quarter = steep ? ORIENTATIONS / 4 - step : step
  const half = cosine < 0 ? ORIENTATIONS / 2 - quarter : quarter
  return (sine < 0 ? ORIENTATIONS - half : half) % ORIENTATIONS
}

function periodIndex(logPeriod: number): number {
  const position = ((logPeriod - ln(PERIOD_PX_MIN)) / ln(PERIOD_PX_MAX / PERIOD_PX_MIN)) * (PERIODS - 1)
  return Math.min(Math.max(Math.round(position), 0), PERIODS - 1)
}

/** Share of the local contrast that the ridges explain, 0…1, averaged over about a ridge period. */
export function clarityOf(plane: Plane, ridges: Ridges): Field {
  const { widthPx, heightPx, stride, origin } = plane
  const clarity = newField(Math.ceil(widthPx / CELL_PX), Math.ceil(heightPx / CELL_PX))
  const energy = newField(clarity.columns, clarity.rows)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const at = origin + y * stride + x
      const cell = Math.floor(y / CELL_PX) * clarity.columns + Math.floor(x / CELL_PX)
      const even = ridges.even.values[at]
      const odd = ridges.odd.values[at]
      clarity.values[cell] += 0.5 * (even * even + odd * odd)
      energy.values[cell] += plane.values[at] * plane.values[at]
    }
  }
  blurField(clarity, CLARITY_BLUR_PX / CELL_PX)
  blurField(energy, CLARITY_BLUR_PX / CELL_PX)
  const pixels = CELL_PX * CELL_PX
  for (let i = 0; i < clarity.values.length; i++)
    clarity.values[i] = Math.min(clarity.values[i] / (energy.values[i] + 0.1 * pixels), 1)
  return clarity
}

const CLARITY_BLUR_PX = 7

/** The ridges with their contrast made even, weighted by how clear they are: input of the second pass. */
export function evenContrast(ridges: Ridges, clarity: Field): Plane {
  const { widthPx, heightPx, stride, origin } = ridges.even
  const plane = newPlane(widthPx, heightPx)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const at = origin + y * stride + x
      const even = ridges.even.values[at]
      const odd = ridges.odd.values[at]
      if (even === 0 && odd === 0) continue
      plane.values[at] = (even / (Math.sqrt(even * even + odd * odd) + 0.15)) * sampleField(clarity, x, y)
    }
  }
  return plane
}
