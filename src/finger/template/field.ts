/**
 * A slowly varying quantity of an image (mean, orientation, period, clarity) as one number per
 * square cell. Cell (0, 0) covers the pixels 0 … CELL_PX-1 in both directions, so its centre lies
 * at pixel (CELL_PX - 1) / 2. Row by row from the top left.
 */
import { exp } from '../kernels/elementary.ts'
import type { Workspace } from './workspace.ts'

/** About half a ridge period: small beside everything that varies slowly, large beside a pixel. */
export const CELL_PX = 4

export interface Field {
  readonly columns: number
  readonly rows: number
  /** In the workspace's memory. */
  readonly pointer: number
  readonly values: Float32Array
}

/**
 * Gaussian blurs of fields in place. Near the border the weights that fall outside are left out and the
 * others scaled up.
 */
export class Blur {
  private readonly scratch: number
  private readonly weights: { readonly pointer: number; readonly view: Float32Array }

  constructor(
    private readonly workspace: Workspace,
    columns: number,
    rows: number,
  ) {
    this.scratch = workspace.floats(Blur.scratchFloats(columns, rows)).pointer
    this.weights = workspace.floats(RADIUS_MAX + 1)
  }

  private static scratchFloats(columns: number, rows: number): number {
    return columns * rows + 2 * columns + rows + 2 * RADIUS_MAX
  }

  /** Room that a `Blur` takes, in numbers. */
  static floats(columns: number, rows: number): number {
    return Blur.scratchFloats(columns, rows) + 2 * RADIUS_MAX
  }

  apply(sigmaPx: number, fields: readonly Field[]): void {
    const weights = gaussian(sigmaPx / CELL_PX)
    this.weights.view.set(weights)
    for (const { pointer, columns, rows } of fields) {
      this.workspace.kernels.blur(
        pointer,
        columns,
        rows,
        this.weights.pointer,
        weights.length - 1,
        this.scratch,
      )
    }
  }
}

const RADIUS_MAX = 15

const gaussians = new Map<number, Float32Array>()

/** One half of a Gaussian, the middle first, cut at 2.5 deviations. */
export function gaussian(sigmaCells: number): Float32Array {
  let weights = gaussians.get(sigmaCells)
  if (weights === undefined) {
    const radius = Math.ceil(2.5 * sigmaCells)
    weights = Float32Array.from({ length: radius + 1 }, (_, i) =>
      exp((-0.5 * i * i) / (sigmaCells * sigmaCells)),
    )
    gaussians.set(sigmaCells, weights)
  }
  return weights
}

/** The value at a point in pixels, bilinear between cell centres, constant beyond the outermost. */
export function sampleField(field: Omit<Field, 'pointer'>, xPx: number, yPx: number): number {
  const { columns, rows, values } = field
  const u = Math.min(Math.max((xPx + 0.5) / CELL_PX - 0.5, 0), columns - 1.001)
  const v = Math.min(Math.max((yPx + 0.5) / CELL_PX - 0.5, 0), rows - 1.001)
  const column = Math.floor(u)
  const row = Math.floor(v)
  const at = row * columns + column
  const fx = u - column
  const fy = v - row
  const above = values[at] + fx * (values[at + 1] - values[at])
  const below = values[at + columns] + fx * (values[at + columns + 1] - values[at + columns])
  return above + fy * (below - above)
}
