import { cos, exp, sin } from '../kernels/elementary.ts'

const ORIENTATIONS = 32
const PERIODS = 10
/** Pixels at 500 dpi. */
const PERIOD_PX_MIN = 6.5
const PERIOD_PX_MAX = 12.5
const ENVELOPE_PERIODS = 0.48 // deviation of the window: three ridges are seen, no more
const GAIN = 1.6

/** What grows: the number of a filter for each pixel, and whether there is skin. */
export interface RidgePlan {
  readonly widthPx: number
  readonly heightPx: number
  readonly filter: Uint16Array
  readonly skin: Uint8Array
}

/** The filter for ridges of this direction (radians anticlockwise) and period (pixels at 500 dpi). */
export function filterNumber(ridgeRad: number, periodPx: number): number {
  const turn = Math.round((ridgeRad / Math.PI) * ORIENTATIONS)
  const orientation = ((turn % ORIENTATIONS) + ORIENTATIONS) % ORIENTATIONS
  const step = ((periodPx - PERIOD_PX_MIN) / (PERIOD_PX_MAX - PERIOD_PX_MIN)) * (PERIODS - 1)
  return Math.min(Math.max(Math.round(step), 0), PERIODS - 1) * ORIENTATIONS + orientation
}

/** A Gabor filter for each direction and period, one after the other, (2 · radius + 1)² weights each. */
interface FilterBank {
  readonly radius: number
  readonly weights: Float32Array
}

/**
 * `scale` is the size of a pixel of the image it is for, in pixels at 500 dpi. Without response to an
 * even grey; a wave of its own period and direction comes out as strong as it went in.
 */
function makeBank(scale: number, radius: number): FilterBank {
  const side = 2 * radius + 1
  const weights = new Float32Array(ORIENTATIONS * PERIODS * side * side)
  for (let period = 0; period < PERIODS; period++) {
    const periodPx = (PERIOD_PX_MIN + (period * (PERIOD_PX_MAX - PERIOD_PX_MIN)) / (PERIODS - 1)) / scale
    const deviation = ENVELOPE_PERIODS * periodPx
    for (let orientation = 0; orientation < ORIENTATIONS; orientation++) {
      const angle = (orientation * Math.PI) / ORIENTATIONS
      const kernel = weights.subarray((period * ORIENTATIONS + orientation) * side * side)
      fillKernel(kernel, radius, { normalX: sin(angle), normalY: cos(angle), periodPx, deviation })
    }
  }
  return { radius, weights }
}

function fillKernel(
  kernel: Float32Array,
  radius: number,
  wave: { normalX: number; normalY: number; periodPx: number; deviation: number },
): void {
  const side = 2 * radius + 1
  const carrier = new Float64Array(side * side)
  const window = new Float64Array(side * side)
  let windowSum = 0
  let sum = 0
  for (let i = 0, dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++, i++) {
      window[i] = exp(-(dx * dx + dy * dy) / (2 * wave.deviation * wave.deviation))
      carrier[i] = cos((2 * Math.PI * (dx * wave.normalX + dy * wave.normalY)) / wave.periodPx)
      windowSum += window[i]
      sum += window[i] * carrier[i]
    }
  }
  const mean = sum / windowSum
  let response = 0
  for (let i = 0; i < side * side; i++) response += window[i] * (carrier[i] - mean) * carrier[i]
  for (let i = 0; i < side * side; i++) kernel[i] = (window[i] * (carrier[i] - mean)) / response
}

let banks: { half: FilterBank; full: FilterBank } | undefined

/** Made at the first finger: 320 filters at half size and at full size. */
function bothBanks() {
  banks ??= { half: makeBank(2, 5), full: makeBank(1, 7) }
  return banks
}

/**
 * Grows ridges out of `start` (values around 0; one for each pixel of `plan`, which is at half size, 250 dpi).
 * Returns heights at twice the size: -1 bottom of a valley … 1 crest of a ridge.
 *
 * Filtering again and again with what the ridges are to look like here makes waves out of anything;
 * where waves that do not fit meet, a ridge ends or forks: minutiae are nobody's choice (Cappelli, Maio and
 * Maltoni, "Synthetic fingerprint-database generation", 2002). Half size is enough to decide how
 * ridges run, at a sixteenth of the work; one pass at full size gives them their form.
 */
export function growRidges(plan: RidgePlan, start: Float32Array, iterations: number): Float32Array {
  const { half, full } = bothBanks()
  let from = Float32Array.from(start)
  let to = new Float32Array(from.length)
  for (let i = 0; i < iterations; i++) {
    filterOnce(plan, half, from, to)
    ;[from, to] = [to, from]
  }
  const fine = doubled(plan)
  const heights = new Float32Array(fine.skin.length)
  filterOnce(fine, full, upsample(plan, from), heights)
  return heights
}

/** One pass: `to` becomes `from` under each pixel's own filter, amplified and cut at ±1. */
function filterOnce(plan: RidgePlan, bank: FilterBank, from: Float32Array, to: Float32Array): void {
  const { widthPx, heightPx, filter, skin } = plan
  const { radius, weights } = bank
  const side = 2 * radius + 1
  for (let y = radius; y < heightPx - radius; y++) {
    for (let x = radius; x < widthPx - radius; x++) {
      const pixel = y * widthPx + x
      if (skin[pixel] === 0) continue
      let weight = filter[pixel] * side * side
      let sum = 0
      for (let dy = -radius; dy <= radius; dy++) {
        const row = pixel + dy * widthPx
        for (let at = row - radius; at <= row + radius; at++) sum += weights[weight++] * from[at]
      }
      to[pixel] = Math.min(Math.max(GAIN * sum, -1), 1)
    }
  }
}

function doubled(plan: RidgePlan): RidgePlan {
  const widthPx = plan.widthPx * 2
  const heightPx = plan.heightPx * 2
  const filter = new Uint16Array(widthPx * heightPx)
  const skin = new Uint8Array(widthPx * heightPx)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const source = (y >> 1) * plan.widthPx + (x >> 1)
      filter[y * widthPx + x] = plan.filter[source]
      skin[y * widthPx + x] = plan.skin[source]
    }
  }
  return { widthPx, heightPx, filter, skin }
}

/** Bilinear, twice as wide and high. */
function upsample(plan: RidgePlan, small: Float32Array): Float32Array {
  const { widthPx, heightPx } = plan
  const large = new Float32Array(small.length * 4)
  for (let y = 0; y < heightPx * 2; y++) {
    const above = Math.max((y - 1) >> 1, 0)
    const below = Math.min(above + 1, heightPx - 1)
    const down = y % 2 === 0 ? 0.75 : 0.25
    for (let x = 0; x < widthPx * 2; x++) {
      const left = Math.max((x - 1) >> 1, 0)
      const right = Math.min(left + 1, widthPx - 1)
      const across = x % 2 === 0 ? 0.75 : 0.25
      const top = small[above * widthPx + left] * (1 - across) + small[above * widthPx + right] * across
      const bottom = small[below * widthPx + left] * (1 - across) + small[below * widthPx + right] * across
      large[y * widthPx * 2 + x] = top * (1 - down) + bottom * down
    }
  }
  return large
}
