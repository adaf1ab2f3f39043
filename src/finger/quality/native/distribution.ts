/** What NFIQ 2 prints of a measure that has a value in each block: `…_0` to `…_9`, `…_Mean`, `…_StdDev`. */
export interface Distribution {
  readonly mean: number
  readonly deviation: number
  /** How many values lie below each limit but not below the one before; the last: below none. */
  readonly bins: readonly number[]
}

/** All 0 where there are no values. */
export function distributionOf(values: readonly number[], limits: readonly number[]): Distribution {
  const bins = new Array<number>(limits.length + 1).fill(0)
  let sum = 0
  for (const value of values) {
    const bin = limits.findIndex(limit => value < limit)
    bins[bin < 0 ? limits.length : bin]++
    sum += value
  }
  const count = Math.max(values.length, 1)
  const mean = sum / count
  const squares = values.reduce((total, value) => total + (value - mean) * (value - mean), 0)
  return { mean, deviation: Math.sqrt(squares / count), bins }
}
