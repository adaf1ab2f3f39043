import type { Slanted } from './slanted-block.ts'

/** Rounded so that a level profile is not split by the last bits of its own mean. */
const ROUNDING = 1e10

/** Ridges and valleys across a block whose ridges stand upright: a value a column. */
export interface RidgeProfile {
  /** The straight line through the columns' mean levels: what is darker is ridge. */
  readonly threshold: Float64Array
  readonly isRidge: readonly boolean[]
}

export function ridgeProfile({ widthPx, heightPx, levels }: Slanted): RidgeProfile {
  const means = new Float64Array(widthPx)
  for (let i = 0; i < levels.length; i++) means[i % widthPx] += levels[i] / heightPx
  const middle = (widthPx + 1) / 2
  const mean = means.reduce((sum, level) => sum + level, 0) / widthPx
  let along = 0
  let squares = 0
  for (let x = 0; x < widthPx; x++) {
    along += (x + 1 - middle) * (means[x] - mean)
    squares += (x + 1 - middle) * (x + 1 - middle)
  }
  const slope = Math.round((along / squares) * ROUNDING) / ROUNDING
  const start = Math.round((mean - (along / squares) * middle) * ROUNDING) / ROUNDING
  const threshold = Float64Array.from(means, (_, x) => (x + 1) * slope + start)
  return { threshold, isRidge: Array.from(means, (level, x) => level < threshold[x]) }
}

/** The last column of each ridge and valley but the last, within the first `end` columns. */
export function changesOf({ isRidge }: RidgeProfile, end: number): number[] {
  const changes: number[] = []
  for (let x = 1; x < end; x++) if (isRidge[x] !== isRidge[x - 1]) changes.push(x - 1)
  return changes
}
