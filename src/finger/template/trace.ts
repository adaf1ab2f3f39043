import { atan2, exp } from '../kernels/elementary.ts'
import type { Ridges } from './enhance.ts'
import { CELL_PX, type Field } from './field.ts'
import type { Orientation } from './orientation.ts'
import { ridgeAngle } from './orientation-map.ts'
import type { Plane } from './plane.ts'
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

/** Turns the pipeline's own forms into what a `Trace` receives; does nothing where there is none. */
export function tracer(trace: Trace | undefined) {
  return {
    plane(step: TraceStep, pass: Pass, plane: Plane): void {
      trace?.(
        step,
        planeData(pass, plane, at => plane.values[at]),
      )
    },
    field(step: TraceStep, pass: Pass, field: Field): void {
      trace?.(step, fieldData(pass, field, field.values.slice()))
    },
    orientation(pass: Pass, { cosine, sine }: Orientation): void {
      if (trace === undefined) return
      const angle = cosine.values.map((c, i) => ridgeAngle(c, sine.values[i]))
      const coherence = cosine.values.map((c, i) => Math.sqrt(c * c + sine.values[i] * sine.values[i]))
      trace('orientation', { ...fieldData(pass, cosine, angle), coherence })
    },
    period(pass: Pass, logPeriod: Field): void {
      trace?.('period', fieldData(pass, logPeriod, logPeriod.values.map(exp)))
    },
    phase({ even, odd }: Ridges, mask: Field): void {
      trace?.(
        'phase',
        planeData(2, even, (at, x, y) => {
          const cell = Math.floor(y / CELL_PX) * mask.columns + Math.floor(x / CELL_PX)
          return mask.values[cell] === 0 ? 0 : atan2(odd.values[at], even.values[at])
        }),
      )
    },
    minutiae(template: Template): void {
      trace?.('minutiae', { type: 'minutiae', template })
    },
  }
}

function planeData(
  pass: Pass,
  { widthPx, heightPx, origin, stride }: Plane,
  valueAt: (at: number, x: number, y: number) => number,
): TraceData {
  const values = new Float32Array(widthPx * heightPx)
  for (let y = 0; y < heightPx; y++)
    for (let x = 0; x < widthPx; x++) values[y * widthPx + x] = valueAt(origin + y * stride + x, x, y)
  return { type: 'plane', pass, widthPx, heightPx, values }
}

function fieldData(pass: Pass, { columns, rows }: Field, values: Float32Array) {
  return { type: 'field' as const, pass, cellPx: CELL_PX, columns, rows, values }
}
