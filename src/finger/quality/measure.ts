import { ln } from '../kernels/elementary.ts'
import type { Seen } from '../template/extract.ts'
import { CELL_PX } from '../template/field.ts'
import { periodPxOf } from '../template/period.ts'
import { LEVEL } from '../template/plane.ts'
import type { Selected } from '../template/select.ts'

/** What can be seen of a sample's worth. Shares are 0…1. */
export interface Measures {
  /** Skin whose ridges can be followed, square millimetres. */
  readonly areaMm2: number
  /** Mean share of the local contrast that ridges explain. */
  readonly clarity: number
  /** Share of the area whose ridges are clear. */
  readonly clearShare: number
  /** Area whose ridges are seen beyond doubt: what noise and other pictures do not have. */
  readonly certainMm2: number
  /** Mean agreement of the ridges' direction with their neighbours'. */
  readonly coherence: number
  /** Minutiae, each as far as it can be trusted. */
  readonly minutiae: number
  /** How many minutiae there are, at most MINUTIAE_MAX. */
  readonly minutiaeCount: number
  /** The same on a thousand square millimetres: noise has many. */
  readonly minutiaeDensity: number
  /** Mean grey level of ridges and of valleys, 0…255. */
  readonly ridgeLevel: number
  readonly valleyLevel: number
  /** Share of the area that is darker than its surroundings: below a half on a dry finger, above on a wet. */
  readonly darkShare: number
  /** How far the middle of the print is from the middle of the image, in halves of the image's sides. */
  readonly offCentre: number
  readonly periodPx: number
  /** Skin or smear whose contrast is a finger's, square millimetres, ridges or not. */
  readonly touchedMm2: number
  /** Area weighted by how clear and how steady its ridges are: what a matcher can use. */
  readonly usableMm2: number
  /** How far contrast depends on the direction of the ridges, 0…1: motion blurs what lies across it. */
  readonly directionality: number
  /** Deviation of the logarithm of the period within the area. */
  readonly periodSpread: number
  /** Mean deviation of grey levels, 0…128. */
  readonly contrast: number
  /** Share of the area, its border left out, which was touched and has less than half the contrast of the clearest parts. */
  readonly fadedShare: number
}

const MM_PER_PX = 25.4 / 500
const CELL_MM2 = CELL_PX * CELL_PX * MM_PER_PX * MM_PER_PX
const CLEAR = 0.45
const CERTAIN_COHERENCE = 0.8
const CERTAIN_CLARITY = 0.25
const CERTAIN_LOG_PERIOD = ln(15) // pixels: no skin is coarser

export function measure(seen: Seen, selected: readonly Selected[]): Measures {
  const { canvas, mask, clarity, orientation, logPeriod } = seen
  const sums = {
    cells: 0,
    certain: 0,
    clarity: 0,
    clear: 0,
    coherence: 0,
    mean: 0,
    spread: 0,
    logPeriod: 0,
    squaredLogPeriod: 0,
    usable: 0,
    x: 0,
    y: 0,
  }
  let touched = 0
  for (let i = 0; i < mask.values.length; i++) {
    touched += canvas.rough.view[i]
    if (mask.values[i] === 0) continue
    const cosine = orientation.cosine.values[i]
    const sine = orientation.sine.values[i]
    sums.cells++
    sums.clarity += clarity.values[i]
    if (clarity.values[i] > CLEAR) sums.clear++
    const coherence = Math.sqrt(cosine * cosine + sine * sine)
    sums.coherence += coherence
    const isRidge = logPeriod.values[i] < CERTAIN_LOG_PERIOD
    if (isRidge && coherence > CERTAIN_COHERENCE && clarity.values[i] > CERTAIN_CLARITY) sums.certain++
    sums.mean += canvas.mean.values[i]
    sums.spread += canvas.deviation.values[i]
    sums.logPeriod += logPeriod.values[i]
    sums.squaredLogPeriod += logPeriod.values[i] * logPeriod.values[i]
    sums.usable += Math.min(clarity.values[i] / 0.5, 1) * coherence * coherence
    sums.x += i % mask.columns
    sums.y += Math.floor(i / mask.columns)
  }
  const cells = Math.max(sums.cells, 1)
  const areaMm2 = sums.cells * CELL_MM2
  const minutiae = selected.reduce((sum, { reliability }) => sum + reliability, 0)
  return {
    areaMm2,
    certainMm2: sums.certain * CELL_MM2,
    clarity: sums.clarity / cells,
    clearShare: sums.clear / cells,
    coherence: sums.coherence / cells,
    minutiae,
    minutiaeCount: selected.length,
    minutiaeDensity: (1000 * selected.length) / Math.max(areaMm2, 1),
    ridgeLevel: (sums.mean - sums.spread) / cells,
    valleyLevel: (sums.mean + sums.spread) / cells,
    darkShare: darkShareOf(seen),
    offCentre: offCentreOf(seen, sums.x / cells, sums.y / cells),
    periodPx: periodPxOf(sums.logPeriod / cells),
    touchedMm2: touched * CELL_MM2,
    usableMm2: sums.usable * CELL_MM2,
    directionality: directionalityOf(seen, sums.spread / cells),
    periodSpread: Math.sqrt(
      Math.max(sums.squaredLogPeriod / cells - (sums.logPeriod / cells) * (sums.logPeriod / cells), 0),
    ),
    contrast: sums.spread / cells,
    fadedShare: fadedShareOf(seen, sums.mean / cells),
  }
}

const SLIGHT = 0.1 * LEVEL // nearer to the local mean than this is neither dark nor light

/** Every second pixel of every second row will do. */
function darkShareOf({ canvas: { plane }, mask }: Seen): number {
  const { values, stride, origin } = plane
  let dark = 0
  let light = 0
  for (let cell = 0, row = 0; row < mask.rows; row++) {
    for (let column = 0; column < mask.columns; column++, cell++) {
      if (mask.values[cell] === 0) continue
      const first = origin + row * CELL_PX * stride + column * CELL_PX
      for (let at = first; at < first + CELL_PX * stride; at += 2 * stride) {
        for (let x = 0; x < CELL_PX; x += 2) {
          const level = values[at + x]
          if (level < -SLIGHT) dark++
          else if (level > SLIGHT) light++
        }
      }
    }
  }
  return dark / Math.max(dark + light, 1)
}

const FADED = 0.5
const CLEAREST = 0.85 // a quantile
/** Of the clearest parts' deviation: what is lighter than the mean by more was hardly touched. */
const TOUCHED = 0.4
const BORDER_CELLS = 4
const EVERY_CELLS = 2

/** Where a finger slid, its ridges blur into an even grey: they are still there, but pale beside the others. */
function fadedShareOf({ canvas, mask }: Seen, meanLevel: number): number {
  const { columns, rows, values } = mask
  const inner: number[] = []
  for (let row = BORDER_CELLS; row < rows - BORDER_CELLS; row += EVERY_CELLS) {
    for (let column = BORDER_CELLS; column < columns - BORDER_CELLS; column += EVERY_CELLS) {
      const cell = row * columns + column
      const around = [cell - BORDER_CELLS, cell + BORDER_CELLS]
      around.push(cell - BORDER_CELLS * columns, cell + BORDER_CELLS * columns)
      if (values[cell] !== 0 && around.every(other => values[other] !== 0)) inner.push(cell)
    }
  }
  if (inner.length === 0) return 0
  const spreads = canvas.deviation.values
  const sorted = Float32Array.from(inner, cell => spreads[cell]).sort()
  const clearest = sorted[Math.floor(CLEAREST * sorted.length)]
  const faded = inner.filter(
    cell => spreads[cell] < FADED * clearest && canvas.mean.values[cell] < meanLevel + TOUCHED * clearest,
  )
  return faded.length / inner.length
}

function offCentreOf({ canvas }: Seen, column: number, row: number): number {
  const x = canvas.leftPx + (column + 0.5) * CELL_PX
  const y = canvas.topPx + (row + 0.5) * CELL_PX
  const dx = (2 * x) / canvas.imageWidthPx - 1
  const dy = (2 * y) / canvas.imageHeightPx - 1
  return Math.sqrt(dx * dx + dy * dy)
}

function directionalityOf({ canvas, mask, orientation }: Seen, meanSpread: number): number {
  let x = 0
  let y = 0
  let cells = 0
  for (let i = 0; i < mask.values.length; i++) {
    if (mask.values[i] === 0) continue
    const cosine = orientation.cosine.values[i]
    const sine = orientation.sine.values[i]
    const coherence = Math.sqrt(cosine * cosine + sine * sine)
    if (coherence < 0.5) continue
    const excess = canvas.deviation.values[i] - meanSpread
    x += (excess * cosine) / coherence
    y += (excess * sine) / coherence
    cells++
  }
  return Math.sqrt(x * x + y * y) / Math.max(cells * meanSpread, 1)
}
