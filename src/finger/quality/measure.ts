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
    x: 0,
    y: 0,
  }
  for (let i = 0; i < mask.values.length; i++) {
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
    minutiaeDensity: (1000 * selected.length) / Math.max(areaMm2, 1),
    ridgeLevel: (sums.mean - sums.spread) / cells,
    valleyLevel: (sums.mean + sums.spread) / cells,
    darkShare: darkShareOf(seen),
    offCentre: offCentreOf(seen, sums.x / cells, sums.y / cells),
    periodPx: periodPxOf(sums.logPeriod / cells),
  }
}

const SLIGHT = 0.1 * LEVEL // nearer to the local mean than this is neither dark nor light

/** Every second pixel of every second row will do. */
function darkShareOf({ canvas: { plane }, mask }: Seen): number {
  let dark = 0
  let light = 0
  for (let y = 0; y < plane.heightPx; y += 2) {
    for (let x = 0; x < plane.widthPx; x += 2) {
      if (mask.values[Math.floor(y / CELL_PX) * mask.columns + Math.floor(x / CELL_PX)] === 0) continue
      const level = plane.values[plane.origin + y * plane.stride + x]
      if (level < -SLIGHT) dark++
      else if (level > SLIGHT) light++
    }
  }
  return dark / Math.max(dark + light, 1)
}

function offCentreOf({ canvas }: Seen, column: number, row: number): number {
  const x = canvas.leftPx + (column + 0.5) * CELL_PX
  const y = canvas.topPx + (row + 0.5) * CELL_PX
  const dx = (2 * x) / canvas.imageWidthPx - 1
  const dy = (2 * y) / canvas.imageHeightPx - 1
  return Math.sqrt(dx * dx + dy * dy)
}
