/**
 * Error rates of a comparison from its scores, by the conventions of the FVC competitions: a score of
 * `t` or more is a match at threshold `t`, so FMR(t) counts impostors at or above it and FNMR(t)
 * genuine pairs below it.
 */

/** Shares, 0…1. */
export interface Verification {
  /** Where FMR and FNMR meet: the mean of the two at the nearest operating point. */
  readonly eer: number
  /** FNMR at the lowest threshold whose FMR is at most 1 %, 0.1 %, 0. */
  readonly fmr100: number
  readonly fmr1000: number
  readonly zeroFmr: number
}

/** How many of the ascending `sorted` are `threshold` or more. */
function countAtOrAbove(sorted: Float64Array, threshold: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < threshold) low = middle + 1
    else high = middle
  }
  return sorted.length - low
}

/** Both lists hold at least one score. */
export function verification(genuine: readonly number[], impostor: readonly number[]): Verification {
  const genuineSorted = Float64Array.from(genuine).sort()
  const impostorSorted = Float64Array.from(impostor).sort()
  const thresholds = [...new Set([...genuineSorted, ...impostorSorted])].sort((a, b) => a - b)
  thresholds.push(thresholds[thresholds.length - 1] + 1)
  const points = thresholds.map(threshold => ({
    fmr: countAtOrAbove(impostorSorted, threshold) / impostor.length,
    fnmr: 1 - countAtOrAbove(genuineSorted, threshold) / genuine.length,
  }))
  const fnmrAt = (fmrMax: number): number => points.find(({ fmr }) => fmr <= fmrMax)!.fnmr
  const crossing = points.findIndex(({ fmr, fnmr }) => fnmr >= fmr)
  const after = points[crossing]
  const before = points[Math.max(0, crossing - 1)]
  const nearest = Math.abs(after.fmr - after.fnmr) <= Math.abs(before.fmr - before.fnmr) ? after : before
  return {
    eer: (nearest.fmr + nearest.fnmr) / 2,
    fmr100: fnmrAt(0.01),
    fmr1000: fnmrAt(0.001),
    zeroFmr: fnmrAt(0),
  }
}

/**
 * The rank of the mate among the scores of one search, 1 best. A tie counts against the probe.
 */
export function rankOf(mateScore: number, otherScores: readonly number[]): number {
  return 1 + otherScores.filter(score => score >= mateScore).length
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** The value that the share `fraction` of `values` does not exceed. */
export function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))]
}
