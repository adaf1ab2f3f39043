import type { Random } from './random.ts'

/**
 * Smooth random values over the plane: bell-shaped numbers on a square grid, blended between its points.
 * `sizePx` is the distance of two grid points, so bumps are about twice as wide.
 */
export class NoiseField {
  private readonly columns: number
  private readonly rows: number
  private readonly values: Float32Array

  constructor(
    random: Random,
    widthPx: number,
    heightPx: number,
    private readonly sizePx: number,
  ) {
    this.columns = Math.ceil(widthPx / sizePx) + 2
    this.rows = Math.ceil(heightPx / sizePx) + 2
    this.values = new Float32Array(this.columns * this.rows)
    for (let i = 0; i < this.values.length; i++) this.values[i] = random.bell()
  }

  /** Mean 0, deviation somewhat below 1. Outside the field its edge goes on. */
  at(xPx: number, yPx: number): number {
    const x = Math.min(Math.max(xPx / this.sizePx, 0), this.columns - 1.001)
    const y = Math.min(Math.max(yPx / this.sizePx, 0), this.rows - 1.001)
    const column = Math.floor(x)
    const row = Math.floor(y)
    const across = blend(x - column)
    const down = blend(y - row)
    const i = row * this.columns + column
    const { values, columns } = this
    const top = values[i] + (values[i + 1] - values[i]) * across
    const bottom = values[i + columns] + (values[i + columns + 1] - values[i + columns]) * across
    return top + (bottom - top) * down
  }
}

/** 0…1 with flat ends, so that the grid does not show. */
function blend(t: number): number {
  return t * t * (3 - 2 * t)
}
