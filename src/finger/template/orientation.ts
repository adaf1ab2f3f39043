import type { Canvas } from './canvas.ts'
import type { Field } from './field.ts'
import type { Plane } from './plane.ts'

/**
 * Direction across the ridges, as the unit vector of the doubled angle (so that opposite directions,
 * which are the same ridge, agree), times the coherence 0…1. Angles clockwise from the x axis, as
 * image rows grow downwards.
 */
export interface Orientation {
  readonly cosine: Field
  readonly sine: Field
}

/** Relative weights of the three scales: fine where ridges are clear, coarse where they are not. */
const SCALE_WEIGHTS = [1, 0.7, 0.35]
const WEIGHTS_SUM = 2.05

/**
 * Squared gradients averaged at three scales (Kass and Witkin 1987; Rao 1990). Each scale is divided by
 * its own energy, so that where the fine scale is incoherent the coarse ones decide.
 */
export function orient(canvas: Canvas, plane: Plane, sigmasPx: readonly number[]): Orientation {
  const { workspace, columns, rows, blur } = canvas
  const { kernels } = workspace
  const [first, second] = canvas.spare
  const [cosine, sine, energy] = canvas.fields
  const sum: Orientation = { cosine: workspace.field(columns, rows), sine: workspace.field(columns, rows) }
  kernels.tensor(
    plane.pointer,
    plane.stride,
    columns,
    rows,
    first.pointer,
    second.pointer,
    cosine.pointer,
    sine.pointer,
    energy.pointer,
  )
  let variance = 0
  sigmasPx.forEach((sigmaPx, scale) => {
    // Blurring what is blurred already adds variances.
    blur.apply(Math.sqrt(sigmaPx * sigmaPx - variance), [cosine, sine, energy])
    variance = sigmaPx * sigmaPx
    kernels.addScaled(
      cosine.pointer,
      sine.pointer,
      energy.pointer,
      SCALE_WEIGHTS[scale] / WEIGHTS_SUM,
      columns * rows,
      sum.cosine.pointer,
      sum.sine.pointer,
    )
  })
  return sum
}
