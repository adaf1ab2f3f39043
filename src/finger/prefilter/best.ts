const HISTOGRAM_BINS = 4096

/** Indices of the `count` largest of `scores`, largest first, equal ones by index; infinitely small ones never. */
export function best(scores: Float32Array, count: number): number[] {
  const least = nthLargest(scores, count)
  const chosen: number[] = []
  for (let i = 0; i < scores.length; i++)
    if (scores[i] >= least && scores[i] !== Number.NEGATIVE_INFINITY) chosen.push(i)
  return chosen.sort((a, b) => scores[b] - scores[a] || a - b).slice(0, count)
}

/** By a histogram: near enough below the exact value for a handful too many. */
function nthLargest(scores: Float32Array, count: number): number {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < scores.length; i++) {
    if (scores[i] === Number.NEGATIVE_INFINITY) continue
    if (scores[i] < least) least = scores[i]
    if (scores[i] > most) most = scores[i]
  }
  if (!(most > least)) return least
  const bins = new Uint32Array(HISTOGRAM_BINS)
  const scale = (HISTOGRAM_BINS - 1) / (most - least)
  for (let i = 0; i < scores.length; i++)
    if (scores[i] !== Number.NEGATIVE_INFINITY) bins[Math.floor((scores[i] - least) * scale)]++
  let passed = 0
  for (let bin = HISTOGRAM_BINS - 1; bin >= 0; bin--) {
    passed += bins[bin]
    if (passed >= count) return least + bin / scale - 1e-6
  }
  return least
}
