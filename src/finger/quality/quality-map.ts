/**
 * Where a sample is good: a value for each block of it. For a technician who asks why a score is low, and for
 * whoever draws the finger on a screen; the score itself is made of the same fields (`measure.ts`).
 */
import { KioskError } from '../../base/errors.ts'
import type { Frame } from '../image/frame.ts'
import { extract } from '../template/extract.ts'
import type { TraceData, TraceStep } from '../template/trace.ts'

const BLOCK_PX = 16
const RESOLUTION_DPI = 500
/** A block of the finger has at least this, however poor; 0 means that there is no finger. */
const FINGER_MIN = 1
/** Clarity from which on more is no better, as `usableMm2` counts it. */
const CLARITY_FULL = 0.5

export interface QualityMap {
  /** Side of a block in pixels at `resolutionDpi`; the last column and row may reach beyond the image. */
  readonly blockPx: number
  readonly resolutionDpi: number
  readonly columns: number
  readonly rows: number
  /** Row by row from the top left: 0 where there is no finger, else 1 (worst) to 100 (best). */
  readonly values: Uint8Array
}

type Field = Extract<TraceData, { type: 'field' }>

/**
 * The map of one sample, of any resolution; another extraction's time. All 0 where there is no finger. Throws
 * `image/too-large` as `extract` does.
 */
export function qualityMap(frame: Frame): QualityMap {
  const fields = new Map<TraceStep, Field>()
  try {
    // Of steps that run twice the second pass is the last, and stays.
    extract(frame, { trace: (step, data) => data.type === 'field' && fields.set(step, data) })
  } catch (error) {
    if (!(error instanceof KioskError) || error.code !== 'finger/not-a-finger') throw error
    fields.clear()
  }
  const scale = RESOLUTION_DPI / frame.resolutionDpi
  const columns = Math.ceil(Math.round(frame.widthPx * scale) / BLOCK_PX)
  const rows = Math.ceil(Math.round(frame.heightPx * scale) / BLOCK_PX)
  const [mask, orientation, clarity] = (['mask', 'orientation', 'clarity'] as const).map(name =>
    fields.get(name),
  )
  const values = new Uint8Array(columns * rows)
  if (mask !== undefined && orientation?.coherence !== undefined && clarity !== undefined)
    fill(values, columns, { mask, coherence: orientation.coherence, clarity })
  return { blockPx: BLOCK_PX, resolutionDpi: RESOLUTION_DPI, columns, rows, values }
}

/** A block's value is the share of it that a matcher can use. */
function fill(
  values: Uint8Array,
  columns: number,
  { mask, coherence, clarity }: { mask: Field; coherence: Float32Array; clarity: Field },
): void {
  const side = BLOCK_PX / mask.cellPx
  const usable = new Float64Array(values.length)
  for (let cell = 0; cell < mask.values.length; cell++) {
    if (mask.values[cell] === 0) continue
    const column = Math.floor((cell % mask.columns) / side)
    const block = Math.floor(Math.floor(cell / mask.columns) / side) * columns + column
    usable[block] += Math.min(clarity.values[cell] / CLARITY_FULL, 1) * coherence[cell] * coherence[cell]
    values[block] = Math.max(Math.round((100 * usable[block]) / (side * side)), FINGER_MIN)
  }
}
