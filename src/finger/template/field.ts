/**
 * A slowly varying quantity of an image (mean, orientation, period, quality) as one number per
 * square cell. Cell (0, 0) covers the pixels 0 … CELL_PX-1 in both directions, so its centre lies
 * at pixel (CELL_PX - 1) / 2. Row by row from the top left.
 */
import { exp } from '../kernels/elementary.ts'

/** About half a ridge period: small beside everything that varies slowly, large beside a pixel. */
export const CELL_PX = 4

export interface Field {
  readonly columns: number
  readonly rows: number
  readonly values: Float32Array
}

export function newField(columns: number, rows: number): Field {
  return { columns, rows, values: new Float32Array(columns * rows) }
}

/**
 * Gaussian blur of a field in place; `sigmaCells` is the standard deviation in cells. Near the border
 * the weights that fall outside are left out and the others scaled up.
 */
export function blurField(field: Field, sigmaCells: number): void {
  const { columns, rows, values } = field
  const radius = Math.ceil(2.5 * sigmaCells)
  const weights = new Float32Array(radius + 1)
  for (let i = 0; i <= radius; i++) weights[i] = exp((-0.5 * i * i) / (sigmaCells * sigmaCells))
  const line = new Float32Array(Math.max(columns, rows))
  for (let row = 0; row < rows; row++) blurLine(values, row * columns, 1, columns, weights, line)
  for (let column = 0; column < columns; column++) blurLine(values, column, columns, rows, weights, line)
}

function blurLine(
  values: Float32Array,
  start: number,
  step: number,
  length: number,
  weights: Float32Array,
  line: Float32Array,
): void {
  const radius = weights.length - 1
  for (let i = 0; i < length; i++) line[i] = values[start + i * step]
  for (let i = 0; i < length; i++) {
    const from = Math.max(0, i - radius)
    const to = Math.min(length - 1, i + radius)
    let sum = 0
    let total = 0
    for (let j = from; j <= to; j++) {
      const weight = weights[Math.abs(j - i)]
      sum += weight * line[j]
      total += weight
    }
    values[start + i * step] = sum / total
  }
}

/** The value at a point in pixels, bilinear between cell centres, constant beyond the outermost. */
export function sampleField(field: Field, xPx: number, yPx: number): number {
  const { columns, rows, values } = field
  const u = Math.min(Math.max((xPx + 0.5) / CELL_PX - 0.5, 0), columns - 1)
  const v = Math.min(Math.max((yPx + 0.5) / CELL_PX - 0.5, 0), rows - 1)
  const column = Math.min(Math.floor(u), Math.max(columns - 2, 0))
  const row = Math.min(Math.floor(v), Math.max(rows - 2, 0))
  const right = columns > 1 ? 1 : 0
  const below = rows > 1 ? columns : 0
  const at = row * columns + column
  const fx = u - column
  const fy = v - row
  const above = values[at] + fx * (values[at + right] - values[at])
  const beneath = values[at + below] + fx * (values[at + below + right] - values[at + below])
  return above + fy * (beneath - above)
}
