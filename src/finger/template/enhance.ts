import { ln } from '../kernels/elementary.ts'
import type { Canvas } from './canvas.ts'
import { CELL_PX, type Field } from './field.ts'
import { type GaborBank, PERIODS } from './gabor-bank.ts'
import type { Orientation } from './orientation.ts'
import { PERIOD_PX_MAX, PERIOD_PX_MIN } from './period.ts'
import { extendBorder, LEVEL, type Plane } from './plane.ts'
import type { Buffer } from './workspace.ts'

/**
 * What the ridge filter saw at each pixel: `even` + i·`odd` is the ridge wave with its phase, 0 outside
 * the finger.
 */
export interface Ridges {
  readonly even: Plane
  readonly odd: Plane
  /** Which orientation's filter was used: direction of its normal, 0…31 for 0…π clockwise, × 2048. */
  readonly turn: Plane
  readonly classes: Buffer<Uint8Array>
}

/** Room for the ridges of both passes. */
export function newRidges({ workspace, columns, rows }: Canvas): Ridges {
  return {
    even: workspace.plane(columns, rows),
    odd: workspace.plane(columns, rows),
    turn: workspace.plane(columns, rows),
    classes: workspace.bytes(8 * columns * rows + columns * rows),
  }
}

/**
 * Filters each 2 × 2 pixels of the finger with the complex Gabor filter of their own orientation and
 * period.
 *
 * With the phase of the wave at hand (atan2(odd, even): 0 in the middle of a valley, growing along the
 * normal), nothing later needs a binary image.
 */
export function enhance(
  canvas: Canvas,
  orientation: Orientation,
  logPeriod: Field,
  bank: GaborBank,
  ridges: Ridges,
): void {
  const { plane, rough, columns, rows } = canvas
  const { kernels } = canvas.workspace
  const cells = columns * rows
  const periods = ridges.classes.view.subarray(8 * cells)
  for (let i = 0; i < cells; i++) {
    periods[i] = periodIndex(logPeriod.values[i])
    bank.prepare(periods[i])
  }
  bank.setStride(plane.stride)
  kernels.classify(
    orientation.cosine.pointer,
    orientation.sine.pointer,
    columns,
    rows,
    ridges.classes.pointer + 8 * cells,
    rough.pointer,
    ridges.classes.pointer,
    canvas.lines,
  )
  kernels.gabor(
    plane.pointer,
    plane.stride,
    columns,
    rows,
    ridges.classes.pointer,
    bank.pointer,
    ridges.even.pointer,
    ridges.odd.pointer,
    ridges.turn.pointer,
  )
}

const LOG_MIN = ln(PERIOD_PX_MIN)
const STEPS_PER_LOG = (PERIODS - 1) / (ln(PERIOD_PX_MAX) - LOG_MIN)

function periodIndex(logPeriod: number): number {
  return Math.min(Math.max(Math.round((logPeriod - LOG_MIN) * STEPS_PER_LOG), 0), PERIODS - 1)
}

const CLARITY_BLUR_PX = 7
/** A tenth of the energy of a deviation of 1, in the unit of the kernel `clarity`. */
const ENERGY_FLOOR = (0.1 * CELL_PX * CELL_PX * LEVEL * LEVEL) / 8

/** Share of the local contrast that the ridges explain, 0…1, averaged over about a ridge period. */
export function clarityOf(canvas: Canvas, ridges: Ridges): Field {
  const { workspace, plane, columns, rows } = canvas
  const clarity = workspace.field(columns, rows)
  const [total] = canvas.fields
  workspace.kernels.clarity(
    plane.pointer,
    ridges.even.pointer,
    ridges.odd.pointer,
    plane.stride,
    columns,
    rows,
    clarity.pointer,
    total.pointer,
  )
  canvas.blur.apply(CLARITY_BLUR_PX, [clarity, total])
  for (let i = 0; i < clarity.values.length; i++)
    clarity.values[i] = Math.min(clarity.values[i] / (total.values[i] + ENERGY_FLOOR), 1)
  return clarity
}

/** The ridges with their contrast made even, weighted by how clear they are: input of the second pass. */
export function evenContrast(canvas: Canvas, ridges: Ridges, clarity: Field): Plane {
  const { workspace, columns, rows } = canvas
  const plane = workspace.plane(columns, rows)
  workspace.kernels.evenContrast(
    ridges.even.pointer,
    ridges.odd.pointer,
    plane.stride,
    columns,
    rows,
    clarity.pointer,
    plane.pointer,
    canvas.lines,
  )
  extendBorder(plane, canvas.inside.widthPx, canvas.inside.heightPx)
  return plane
}
