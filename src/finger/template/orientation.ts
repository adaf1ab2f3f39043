import { blurField, CELL_PX, type Field, newField } from './field.ts'
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

/**
 * Squared gradients averaged at three scales (Kass and Witkin 1987; Rao 1990). Each scale is divided by
 * its own energy, so that where the fine scale is incoherent the coarse ones decide.
 */
export function orient(plane: Plane, sigmasPx: readonly number[]): Orientation {
  const { cosine, sine, energy } = squaredGradients(plane)
  const { columns, rows } = cosine
  const sum: Orientation = { cosine: newField(columns, rows), sine: newField(columns, rows) }
  let variance = 0
  sigmasPx.forEach((sigmaPx, scale) => {
    // Blurring what is blurred already adds variances.
    const sigmaCells = Math.sqrt(sigmaPx * sigmaPx - variance) / CELL_PX
    variance = sigmaPx * sigmaPx
    for (const field of [cosine, sine, energy]) blurField(field, sigmaCells)
    const weight = SCALE_WEIGHTS[scale] / 2.05
    for (let i = 0; i < energy.values.length; i++) {
      const share = weight / (energy.values[i] + 1e-6)
      sum.cosine.values[i] += share * cosine.values[i]
      sum.sine.values[i] += share * sine.values[i]
    }
  })
  return sum
}

/** Sobel gradients of the plane after a slight blur, squared as complex numbers, summed by cell. */
function squaredGradients(plane: Plane): { cosine: Field; sine: Field; energy: Field } {
  const { widthPx, heightPx, stride, origin } = plane
  const columns = Math.ceil(widthPx / CELL_PX)
  const rows = Math.ceil(heightPx / CELL_PX)
  const cosine = newField(columns, rows)
  const sine = newField(columns, rows)
  const energy = newField(columns, rows)
  const soft = blurred(plane)
  for (let y = 1; y < heightPx - 1; y++) {
    for (let x = 1; x < widthPx - 1; x++) {
      const at = origin + y * stride + x
      const above = at - stride
      const below = at + stride
      const gx =
        soft[above + 1] -
        soft[above - 1] +
        2 * (soft[at + 1] - soft[at - 1]) +
        soft[below + 1] -
        soft[below - 1]
      const gy =
        soft[below - 1] -
        soft[above - 1] +
        2 * (soft[below] - soft[above]) +
        soft[below + 1] -
        soft[above + 1]
      const cell = Math.floor(y / CELL_PX) * columns + Math.floor(x / CELL_PX)
      cosine.values[cell] += gx * gx - gy * gy
      sine.values[cell] += 2 * gx * gy
      energy.values[cell] += gx * gx + gy * gy
    }
  }
  return { cosine, sine, energy }
}

/** A 5 × 5 binomial-like kernel, σ 0.9. */
function blurred(plane: Plane): Float32Array {
  const { values, stride } = plane
  const side1 = 0.2412
  const side2 = 0.0379
  const middle = 1 - 2 * side1 - 2 * side2
  const first = new Float32Array(values.length)
  const second = new Float32Array(values.length)
  for (let i = 2; i < values.length - 2; i++)
    first[i] =
      middle * values[i] + side1 * (values[i - 1] + values[i + 1]) + side2 * (values[i - 2] + values[i + 2])
  for (let i = 2 * stride; i < values.length - 2 * stride; i++)
    second[i] =
      middle * first[i] +
      side1 * (first[i - stride] + first[i + stride]) +
      side2 * (first[i - 2 * stride] + first[i + 2 * stride])
  return second
}
