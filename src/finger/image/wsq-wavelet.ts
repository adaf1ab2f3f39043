/**
 * The wavelet of WSQ (IAFIS-IC-0110 v3.1, Part 1, Annex A.1): where the 64 subbands lie, and back from them to
 * an image.
 *
 * An image is split into four by a low-pass and a high-pass filter in each direction, the parts again, and so
 * on. Subbands stand in the order of their frequencies: low at the left and top. Filtering and
 * leaving out every other sample turns a high band's frequencies round, so within the right (or lower) part of
 * a split the high-pass half comes first.
 *
 *      ┌────┬────┬────────┬────────────────┐    0-3 are the first sixteenth of 3-18, split once more.
 *      │3-18│19- │   52   │                │    19-34 and 35-50 are four by four, like 3-18: quarter by
 *      ├────┼────┤        │  53, 54, 55    │    quarter, each left to right and down.
 *      │35- │ 51 │        │                │    56-59 and 60-63 like 52-55, below and at the lower right.
 *      └────┴────┴────────┴────────────────┘    (not to scale: 52-55 are the whole upper right quarter)
 */

/** A rectangle of the plane of coefficients; a split one has four parts: left and right, then below. */
export interface Band {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Frequencies run backwards: the high-pass half of a split is the first. */
  readonly flippedX: boolean
  readonly flippedY: boolean
  parts?: readonly Band[]
}

/** Synthesis filters around their middle: `low(n) = low[n + reach]`, likewise `high`. */
export interface Synthesis {
  readonly reach: number
  readonly low: Float64Array
  readonly high: Float64Array
}

/** The splits of an image, from the whole down, and its 64 subbands. */
export function subbands(width: number, height: number): { whole: Band; bands: readonly Band[] } {
  const bands: Band[] = []
  const whole: Band = { x: 0, y: 0, width, height, flippedX: false, flippedY: false }
  const quarters = split(whole)
  const sixteenths = split(quarters[0])
  putFour(quarters[1], 52)
  putFour(quarters[2], 56)
  putFour(quarters[3], 60)
  bands[51] = sixteenths[3]
  putSixteen(sixteenths[1], 19)
  putSixteen(sixteenths[2], 35)
  putSixteen(sixteenths[0], 3)
  putFour(bands[3], 0)
  return { whole, bands }

  function putFour(band: Band, first: number): void {
    split(band).forEach((part, i) => {
      bands[first + i] = part
    })
  }
  function putSixteen(band: Band, first: number): void {
    split(band).forEach((part, i) => {
      // The lowest of all takes its number back from its own first part.
      putFour(part, first + 4 * i)
    })
  }
}

/** The low-pass half has the odd sample, wherever it stands. */
function split(band: Band): readonly Band[] {
  const { x, y, width, height, flippedX, flippedY } = band
  const left = flippedX ? width >> 1 : (width + 1) >> 1
  const top = flippedY ? height >> 1 : (height + 1) >> 1
  const part = (isRight: boolean, isBelow: boolean): Band => ({
    x: isRight ? x + left : x,
    y: isBelow ? y + top : y,
    width: isRight ? width - left : left,
    height: isBelow ? height - top : top,
    flippedX: isRight,
    flippedY: isBelow,
  })
  band.parts = [part(false, false), part(true, false), part(false, true), part(true, true)]
  return band.parts
}

/**
 * Synthesis from analysis filters, given by their right halves from the middle on (both have odd lengths): each
 * is the other's mirror in frequency, h(n) becomes (−1)ⁿ·h(n), which cancels what the subsampling folded over.
 */
export function synthesisOf(analysisLow: readonly number[], analysisHigh: readonly number[]): Synthesis {
  const reach = Math.max(analysisLow.length, analysisHigh.length) - 1
  const mirrored = (half: readonly number[]): Float64Array =>
    Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
      const n = Math.abs(i - reach)
      return (n % 2 === 0 ? 1 : -1) * (half[n] ?? 0)
    })
  return { reach, low: mirrored(analysisHigh), high: mirrored(analysisLow) }
}

/** Puts the parts of `band` together, and their parts before; in place, in the plane of `stride` columns. */
export function synthesise(plane: Float32Array, stride: number, band: Band, filters: Synthesis): void {
  if (band.parts === undefined) return
  for (const part of band.parts) synthesise(plane, stride, part, filters)
  const kernels = kernelsOf(filters)
  const { x, y, width, height } = band
  const columns = orderOf(width, band.flippedX, filters.reach)
  const line = new Float64Array(columns.length)
  for (let row = y; row < y + height; row++) {
    const at = row * stride + x
    for (let i = 0; i < columns.length; i++) line[i] = plane[at + columns[i]]
    for (let n = 0; n < width; n++) {
      const kernel = kernels[n & 1]
      let sum = 0
      for (let tap = 0; tap < kernel.length; tap++) sum += kernel[tap] * line[n + tap]
      plane[at + n] = sum
    }
  }
  const rows = orderOf(height, band.flippedY, filters.reach)
  const whole = new Float32Array(width * height)
  const sums = new Float64Array(width)
  for (let n = 0; n < height; n++) {
    const kernel = kernels[n & 1]
    sums.fill(0)
    for (let tap = 0; tap < kernel.length; tap++) {
      const at = (y + rows[n + tap]) * stride + x
      for (let i = 0; i < width; i++) sums[i] += kernel[tap] * plane[at + i]
    }
    whole.set(sums, n * width)
  }
  for (let n = 0; n < height; n++) plane.set(whole.subarray(n * width, (n + 1) * width), (y + n) * stride + x)
}

/**
 * Where the samples of a line stand in its two halves, low and high in turn, with `reach` more at each end,
 * mirrored at the first and the last.
 */
function orderOf(length: number, isFlipped: boolean, reach: number): Int32Array {
  const lowLength = (length + 1) >> 1
  const lowAt = isFlipped ? length - lowLength : 0
  const highAt = isFlipped ? 0 : lowLength
  const period = Math.max(2 * (length - 1), 1)
  return Int32Array.from({ length: length + 2 * reach }, (_, i) => {
    const folded = (((i - reach) % period) + period) % period
    const n = folded < length ? folded : period - folded
    return (n & 1) === 0 ? lowAt + (n >> 1) : highAt + (n >> 1)
  })
}

/** For even and odd samples: their even neighbours are low-pass, their odd ones high-pass. */
function kernelsOf({ reach, low, high }: Synthesis): readonly [Float64Array, Float64Array] {
  const kernel = (parity: number): Float64Array =>
    low.map((value, i) => ((parity + i - reach) % 2 === 0 ? value : high[i]))
  return [kernel(0), kernel(1)]
}
