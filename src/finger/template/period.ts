import { cos, exp, ln, sin, TWO_PI } from '../kernels/elementary.ts'
import type { Canvas } from './canvas.ts'
import { CELL_PX, type Field, gaussian, sampleField } from './field.ts'
import type { Orientation } from './orientation.ts'

/** Ridge periods in pixels at 500 dpi: a small child's to a large, stretched adult's. */
export const PERIOD_PX_MIN = 4.5
export const PERIOD_PX_MAX = 16

const STEP_CELLS = 4 // one estimate every 16 pixels
const STEP_PX = STEP_CELLS * CELL_PX
const SAMPLES = 49 // a signature is this long, in pixels across the ridges: two to ten of them
const PADDED = 52
const SPECTRUM_STEPS = 36
const SPECTRUM_PX_MIN = 4
const SPECTRUM_PX_MAX = 18
const BLUR_PX = 20
const OUTLIER_LOG = 0.5
const TYPICAL_PX = 9

const logStep = ln(SPECTRUM_PX_MAX / SPECTRUM_PX_MIN) / (SPECTRUM_STEPS - 1)
const SPECTRUM_LOG_MIN = ln(SPECTRUM_PX_MIN)
const LOG_MIN = ln(PERIOD_PX_MIN)
const LOG_MAX = ln(PERIOD_PX_MAX)

export const SPECTRUM_BYTES = 4 * PADDED * (1 + 2 * SPECTRUM_STEPS)

/** Writes the tables that the kernel `periods` reads, once. */
export function writeSpectrum(tables: Float32Array): void {
  const half = (SAMPLES - 1) / 2
  for (let i = 0; i < SAMPLES; i++) tables[i] = 0.5 - 0.5 * cos((TWO_PI * (i + 1)) / (SAMPLES + 1))
  for (let step = 0; step < SPECTRUM_STEPS; step++) {
    const periodPx = SPECTRUM_PX_MIN * exp(step * logStep)
    for (let i = 0; i < SAMPLES; i++) {
      const angle = (TWO_PI * (i - half)) / periodPx
      tables[PADDED * (1 + 2 * step) + i] = cos(angle) * tables[i]
      tables[PADDED * (2 + 2 * step) + i] = sin(angle) * tables[i]
    }
  }
}

/** A coarse grid of measurements: what was measured, and how much it can be trusted. */
interface Measured {
  readonly columns: number
  readonly rows: number
  readonly logPeriod: Float32Array
  readonly weight: Float32Array
}

/**
 * Natural logarithm of the ridge period in pixels, everywhere: measured where ridges are clear, blurred
 * from the neighbours where they are not.
 *
 * Each measurement is the strongest period in the spectrum of a signature: grey levels averaged along
 * the ridge, taken across it (Hong, Wan and Jain 1998, with a spectrum in place of peak distances, which
 * survives noise).
 */
export function estimateLogPeriod(canvas: Canvas, orientation: Orientation, spectrum: number): Field {
  const measured = measure(canvas, orientation, spectrum)
  const median = discountOutliers(measured)
  spread(measured, median)
  return refine(canvas, measured)
}

function measure(canvas: Canvas, orientation: Orientation, spectrum: number): Measured {
  const { workspace, plane } = canvas
  const columns = canvas.columns / STEP_CELLS
  const rows = canvas.rows / STEP_CELLS
  const points = workspace.floats(4 * columns * rows)
  const places = new Int32Array(columns * rows)
  let count = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      // The four cells round the middle of the step.
      const cell = (row * STEP_CELLS + 1) * canvas.columns + column * STEP_CELLS + 1
      const below = cell + canvas.columns
      const rough = canvas.rough.view
      if (rough[cell] + rough[cell + 1] + rough[below] + rough[below + 1] < 2) continue
      const { cosine, sine } = orientation
      writeNormal(
        sumOfFour(cosine.values, cell, below),
        sumOfFour(sine.values, cell, below),
        points.view,
        count,
      )
      points.view[4 * count] = column * STEP_PX + (STEP_PX - 1) / 2
      points.view[4 * count + 1] = row * STEP_PX + (STEP_PX - 1) / 2
      places[count++] = row * columns + column
    }
  }
  const found = workspace.floats(2 * Math.max(count, 1))
  const scratch = workspace.floats(PADDED + SPECTRUM_STEPS)
  workspace.kernels.periods(
    plane.pointer,
    plane.stride,
    points.pointer,
    count,
    spectrum,
    SPECTRUM_STEPS,
    found.pointer,
    scratch.pointer,
  )
  const logPeriod = new Float32Array(columns * rows)
  const weight = new Float32Array(columns * rows)
  for (let i = 0; i < count; i++) {
    const share = found.view[2 * i + 1]
    logPeriod[places[i]] = SPECTRUM_LOG_MIN + found.view[2 * i] * logStep
    weight[places[i]] = share * share
  }
  return { columns, rows, logPeriod, weight }
}

function sumOfFour(values: Float32Array, cell: number, below: number): number {
  return values[cell] + values[cell + 1] + values[below] + values[below + 1]
}

/** The unit normal from its doubled angle, by the half-angle formulas. */
function writeNormal(cosine: number, sine: number, points: Float32Array, at: number): void {
  const length = Math.sqrt(cosine * cosine + sine * sine)
  const double = length > 0 ? cosine / length : 1
  points[4 * at + 2] = Math.sqrt(Math.max(0, (1 + double) / 2))
  points[4 * at + 3] = Math.sqrt(Math.max(0, (1 - double) / 2)) * (sine < 0 ? -1 : 1)
}

/** A period far from the finger's own is a crease, text or noise more often than skin. Gives the median. */
function discountOutliers({ logPeriod, weight }: Measured): number {
  const places: number[] = []
  let total = 0
  for (let i = 0; i < weight.length; i++) {
    if (weight[i] === 0) continue
    places.push(i)
    total += weight[i]
  }
  places.sort((a, b) => logPeriod[a] - logPeriod[b] || a - b)
  let passed = 0
  const middle = places.find(place => (passed += weight[place]) >= total / 2)
  if (middle === undefined) return ln(TYPICAL_PX)
  const median = logPeriod[middle]
  for (const place of places) if (Math.abs(logPeriod[place] - median) > OUTLIER_LOG) weight[place] *= 0.1
  return median
}

/** Weighted Gaussian mean of the measurements round each; the median where none is near. */
function spread({ columns, rows, logPeriod, weight }: Measured, median: number): void {
  const prior = 1e-4
  const kernel = gaussian(BLUR_PX / STEP_PX)
  const weighted = logPeriod.map((value, i) => value * weight[i])
  const sums = blurred(blurred(weighted, columns, rows, 1, kernel), columns, rows, columns, kernel)
  const weights = blurred(blurred(weight, columns, rows, 1, kernel), columns, rows, columns, kernel)
  for (let i = 0; i < sums.length; i++) {
    const mean = (sums[i] + prior * median) / (weights[i] + prior)
    logPeriod[i] = Math.min(Math.max(mean, LOG_MIN), LOG_MAX)
  }
}

/** Along rows (`step` 1) or columns (`step` the row's length); nothing is outside. */
function blurred(
  values: Float32Array,
  columns: number,
  rows: number,
  step: number,
  kernel: Float32Array,
): Float32Array {
  const out = new Float32Array(values.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column
      const place = step === 1 ? column : row
      const last = (step === 1 ? columns : rows) - 1
      let sum = 0
      for (let i = Math.max(-place, 1 - kernel.length); i <= Math.min(last - place, kernel.length - 1); i++)
        sum += kernel[Math.abs(i)] * values[at + i * step]
      out[at] = sum
    }
  }
  return out
}

/** From the coarse grid to the canvas's cells, bilinear. */
function refine(canvas: Canvas, { columns, rows, logPeriod }: Measured): Field {
  const field = canvas.workspace.field(canvas.columns, canvas.rows)
  for (let y = 0; y < field.rows; y++) {
    const v = Math.min(Math.max((y + 0.5) / STEP_CELLS - 0.5, 0), rows - 1)
    const row = Math.floor(v)
    const upper = row * columns
    const lower = Math.min(row + 1, rows - 1) * columns
    const fy = v - row
    for (let x = 0; x < field.columns; x++) {
      const u = Math.min(Math.max((x + 0.5) / STEP_CELLS - 0.5, 0), columns - 1)
      const left = Math.floor(u)
      const right = Math.min(left + 1, columns - 1)
      const fx = u - left
      const above = logPeriod[upper + left] + fx * (logPeriod[upper + right] - logPeriod[upper + left])
      const below = logPeriod[lower + left] + fx * (logPeriod[lower + right] - logPeriod[lower + left])
      field.values[y * field.columns + x] = above + fy * (below - above)
    }
  }
  return field
}

/** The ridge period at a point, pixels. */
export function periodAt(logPeriod: Field, xPx: number, yPx: number): number {
  return periodPxOf(sampleField(logPeriod, xPx, yPx))
}

export function periodPxOf(logPeriod: number): number {
  return exp(logPeriod)
}
