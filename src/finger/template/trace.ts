import { atan2, exp } from '../kernels/elementary.ts'
import type { Canvas } from './canvas.ts'
import type { Ridges } from './enhance.ts'
import { CELL_PX, type Field } from './field.ts'
import type { Orientation } from './orientation.ts'
import { ridgeAngle } from './orientation-map.ts'
import { LEVEL, type Plane } from './plane.ts'
import type { Template } from './template.ts'

/**
 * Every intermediate result of an extraction, in the order in which they arise, for whoever wants to
 * look at them (`tunggal finger show`). Silent unless a `trace` is passed. The receiver may keep the data.
 *
 * Fields are `columns × rows` numbers, one per cell of `cellPx` pixels at 500 dpi; planes are
 * `widthPx × heightPx` numbers. All go row by row from the top left.
 */
export type Trace = (step: TraceStep, data: TraceData) => void

export const traceSteps = [
  /** Plane: local mean 0, local deviation about 1. Ridges negative. */
  'normalised',
  /** Fields `angle` (of the ridge, radians 0…π anticlockwise) and `coherence` (0…1). Once per pass. */
  'orientation',
  /** Field: ridge period in pixels. Once per pass. */
  'period',
  /** Plane: the response of the ridge filter, ridges negative. Once per pass. */
  'enhanced',
  /** Field: share of the local contrast that the ridges explain, 0…1. Once per pass. */
  'clarity',
  /** Field: 1 where there is a finger, else 0. */
  'mask',
  /** Plane: phase of the ridges in radians, -π…π; ±π on a ridge, 0 in a valley; 0 outside the mask. */
  'phase',
  'minutiae',
] as const
export type TraceStep = (typeof traceSteps)[number]

type Pass = 1 | 2

export type TraceData =
  | { type: 'plane'; pass: Pass; widthPx: number; heightPx: number; values: Float32Array }
  | {
      type: 'field'
      pass: Pass
      cellPx: number
      columns: number
      rows: number
      values: Float32Array
      /** Only with `orientation`. */
      coherence?: Float32Array
    }
  | { type: 'minutiae'; template: Template }

export interface Tracer {
  plane(step: TraceStep, pass: Pass, plane: Plane): void
  field(step: TraceStep, pass: Pass, field: Field): void
  pass(pass: Pass, orientation: Orientation, logPeriod: Field, ridges: Ridges, clarity: Field): void
  phase(ridges: Ridges, mask: Field): void
  minutiae(template: Template): void
}

const silent: Tracer = { plane() {}, field() {}, pass() {}, phase() {}, minutiae() {} }

/**
 * Turns the pipeline's own forms into what a `Trace` receives: the canvas is put back into the whole
 * image, with 0 around it.
 */
export function tracer(trace: Trace | undefined, canvas: Canvas): Tracer {
  if (trace === undefined) return silent
  const plane = (valueAt: (at: number, cell: number) => number) => wholePlane(canvas, valueAt)
  const field = (pass: Pass, values: Float32Array) => wholeField(canvas, pass, values)
  return {
    plane: (step, pass, { values }) => trace(step, { ...plane(at => values[at] / LEVEL), pass }),
    field: (step, pass, { values }) => trace(step, field(pass, values)),
    pass(pass, { cosine, sine }, logPeriod, { even }, clarity) {
      const angle = cosine.values.map((c, i) => ridgeAngle(c, sine.values[i]))
      const coherence = cosine.values.map((c, i) => Math.sqrt(c * c + sine.values[i] * sine.values[i]))
      trace('orientation', { ...field(pass, angle), coherence: field(pass, coherence).values })
      trace('period', field(pass, logPeriod.values.map(exp)))
      trace('enhanced', { ...plane(at => even.values[at] / LEVEL), pass })
      trace('clarity', field(pass, clarity.values))
    },
    phase({ even, odd }, mask) {
      const phaseAt = (at: number, cell: number) =>
        mask.values[cell] === 0 ? 0 : atan2(odd.values[at], even.values[at])
      trace('phase', { ...plane(phaseAt), pass: 2 })
    },
    minutiae: template => trace('minutiae', { type: 'minutiae', template }),
  }
}

function wholePlane(canvas: Canvas, valueAt: (at: number, cell: number) => number) {
  const { imageWidthPx: widthPx, imageHeightPx: heightPx, leftPx, topPx, columns, inside, plane } = canvas
  const values = new Float32Array(widthPx * heightPx)
  for (let y = 0; y < inside.heightPx; y++) {
    for (let x = 0; x < inside.widthPx; x++) {
      const cell = Math.floor(y / CELL_PX) * columns + Math.floor(x / CELL_PX)
      values[(y + topPx) * widthPx + x + leftPx] = valueAt(plane.origin + y * plane.stride + x, cell)
    }
  }
  return { type: 'plane' as const, widthPx, heightPx, values }
}

function wholeField(canvas: Canvas, pass: Pass, from: Float32Array) {
  const columns = Math.ceil(canvas.imageWidthPx / CELL_PX)
  const rows = Math.ceil(canvas.imageHeightPx / CELL_PX)
  const values = new Float32Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = column - canvas.leftPx / CELL_PX
      const y = row - canvas.topPx / CELL_PX
      if (x >= 0 && y >= 0 && x < canvas.columns && y < canvas.rows)
        values[row * columns + column] = from[y * canvas.columns + x]
    }
  }
  return { type: 'field' as const, pass, cellPx: CELL_PX, columns, rows, values }
}
