import { atan2, cos, exp, ln, sin, TWO_PI } from '../kernels/elementary.ts'
import { blurField, CELL_PX, type Field, newField, sampleField } from './field.ts'
import type { Orientation } from './orientation.ts'
import type { Plane } from './plane.ts'

/** Ridge periods in pixels at 500 dpi: a small child's to a large, stretched adult's. */
export const PERIOD_PX_MIN = 4.5
export const PERIOD_PX_MAX = 16

const STEP_CELLS = 2 // one estimate every 8 pixels
const ACROSS_PX = 24 // a signature reaches this far on either side: two to five ridges
const ALONG_PX = 8
const SPECTRUM_STEPS = 36
const SPECTRUM_PX_MIN = 4
const SPECTRUM_PX_MAX = 18
const BLUR_PX = 20
const OUTLIER_LOG = 0.5
const TYPICAL_PX = 9

const SAMPLES = 2 * ACROSS_PX + 1
const window = Float32Array.from(
  { length: SAMPLES },
  (_, i) => 0.5 - 0.5 * cos((TWO_PI * (i + 1)) / (SAMPLES + 1)),
)
const logStep = ln(SPECTRUM_PX_MAX / SPECTRUM_PX_MIN) / (SPECTRUM_STEPS - 1)
const spectrumCosine = spectrumTable(cos)
const spectrumSine = spectrumTable(sin)

function spectrumTable(wave: (angle: number) => number): Float32Array {
  const table = new Float32Array(SPECTRUM_STEPS * SAMPLES)
  for (let step = 0; step < SPECTRUM_STEPS; step++) {
    const periodPx = SPECTRUM_PX_MIN * exp(step * logStep)
    for (let i = 0; i < SAMPLES; i++)
      table[step * SAMPLES + i] = wave((TWO_PI * (i - ACROSS_PX)) / periodPx) * window[i]
  }
  return table
}

/**
 * Natural logarithm of the ridge period in pixels, everywhere: measured where ridges are clear, blurred
 * from the neighbours where they are not.
 *
 * Each measurement is the strongest period in the spectrum of a signature: grey levels averaged along
 * the ridge, taken across it (Hong, Wan and Jain 1998, with a spectrum in place of peak distances, which
 * survives noise).
 */
export function estimateLogPeriod(plane: Plane, orientation: Orientation, rough: Field): Field {
  const { columns, rows } = rough
  const logPeriod = newField(columns, rows)
  const weight = newField(columns, rows)
  const signature = new Float32Array(SAMPLES)
  for (let row = 0; row < rows; row += STEP_CELLS) {
    for (let column = 0; column < columns; column += STEP_CELLS) {
      const cell = row * columns + column
      if (rough.values[cell] === 0) continue
      const xPx = column * CELL_PX + (CELL_PX - 1) / 2
      const yPx = row * CELL_PX + (CELL_PX - 1) / 2
      const normal = 0.5 * atan2(orientation.sine.values[cell], orientation.cosine.values[cell])
      takeSignature(plane, xPx, yPx, cos(normal), sin(normal), signature)
      const peak = strongestPeriod(signature)
      logPeriod.values[cell] = peak.logPeriod
      weight.values[cell] = peak.share * peak.share
    }
  }
  discountOutliers(logPeriod, weight)
  return spread(logPeriod, weight)
}

/** Mean grey level along the ridge at each step across it. (nx, ny) is the unit normal. */
function takeSignature(
  plane: Plane,
  xPx: number,
  yPx: number,
  nx: number,
  ny: number,
  signature: Float32Array,
): void {
  const { values, stride, origin } = plane
  for (let i = 0; i < SAMPLES; i++) {
    let sum = 0
    for (let along = -ALONG_PX; along <= ALONG_PX; along++) {
      const x = xPx + (i - ACROSS_PX) * nx - along * ny
      const y = yPx + (i - ACROSS_PX) * ny + along * nx
      const column = Math.floor(x)
      const row = Math.floor(y)
      const fx = x - column
      const at = origin + row * stride + column
      const above = values[at] + fx * (values[at + 1] - values[at])
      const below = values[at + stride] + fx * (values[at + stride + 1] - values[at + stride])
      sum += above + (y - row) * (below - above)
    }
    signature[i] = sum / (2 * ALONG_PX + 1)
  }
}

/** The peak of the spectrum, and its share of the signature's energy (1 for a pure wave). */
function strongestPeriod(signature: Float32Array): { logPeriod: number; share: number } {
  let sum = 0
  let windowSum = 0
  let windowEnergy = 0
  for (let i = 0; i < SAMPLES; i++) {
    sum += signature[i] * window[i]
    windowSum += window[i]
    windowEnergy += window[i] * window[i]
  }
  const mean = sum / windowSum
  let energy = 1e-6
  for (let i = 0; i < SAMPLES; i++) {
    signature[i] -= mean
    energy += signature[i] * signature[i] * window[i] * window[i]
  }
  const power = new Float32Array(SPECTRUM_STEPS)
  let best = 0
  for (let step = 0; step < SPECTRUM_STEPS; step++) {
    let real = 0
    let imaginary = 0
    for (let i = 0; i < SAMPLES; i++) {
      real += signature[i] * spectrumCosine[step * SAMPLES + i]
      imaginary += signature[i] * spectrumSine[step * SAMPLES + i]
    }
    power[step] = real * real + imaginary * imaginary
    if (power[step] > power[best]) best = step
  }
  const share = (2 * windowEnergy * power[best]) / (windowSum * windowSum * energy)
  let position = best
  if (best > 0 && best < SPECTRUM_STEPS - 1) {
    const curvature = power[best - 1] - 2 * power[best] + power[best + 1]
    if (curvature < 0) position += (0.5 * (power[best - 1] - power[best + 1])) / curvature
  }
  return { logPeriod: ln(SPECTRUM_PX_MIN) + position * logStep, share: Math.min(share, 1) }
}

/** A period far from the finger's own is a crease, text or noise more often than skin. */
function discountOutliers(logPeriod: Field, weight: Field): void {
  const cells: number[] = []
  let total = 0
  for (let i = 0; i < weight.values.length; i++) {
    if (weight.values[i] === 0) continue
    cells.push(i)
    total += weight.values[i]
  }
  cells.sort((a, b) => logPeriod.values[a] - logPeriod.values[b] || a - b)
  let passed = 0
  const middle = cells.find(cell => (passed += weight.values[cell]) >= total / 2)
  if (middle === undefined) return
  const median = logPeriod.values[middle]
  for (const cell of cells)
    if (Math.abs(logPeriod.values[cell] - median) > OUTLIER_LOG) weight.values[cell] *= 0.1
}

function spread(logPeriod: Field, weight: Field): Field {
  const prior = 1e-6 // where nothing is near
  for (let i = 0; i < weight.values.length; i++) logPeriod.values[i] *= weight.values[i]
  blurField(logPeriod, BLUR_PX / CELL_PX)
  blurField(weight, BLUR_PX / CELL_PX)
  for (let i = 0; i < weight.values.length; i++) {
    const mean = (logPeriod.values[i] + prior * ln(TYPICAL_PX)) / (weight.values[i] + prior)
    logPeriod.values[i] = Math.min(Math.max(mean, ln(PERIOD_PX_MIN)), ln(PERIOD_PX_MAX))
  }
  return logPeriod
}

/** The ridge period at a point, pixels. */
export function periodAt(logPeriod: Field, xPx: number, yPx: number): number {
  return exp(sampleField(logPeriod, xPx, yPx))
}
