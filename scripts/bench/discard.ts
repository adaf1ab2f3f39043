/** Error-versus-discard curves: how FNMR falls when the samples that a score calls worst are left out. */
import type { Pair } from './quality-samples.ts'

export const DISCARDED = [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3] as const

/**
 * FNMR at an FMR of at most 0.1 % of what remains, 0…1, for each share in DISCARDED. Equal scores are put
 * in `rounds` different orders and the curves averaged, so that a coarse score neither gains nor loses
 * by the order of the files.
 */
export function discardCurve(pairs: readonly Pair[], scores: readonly number[], rounds = 20): number[] {
  const sums: number[] = DISCARDED.map(() => 0)
  for (let round = 0; round < rounds; round++) {
    const order = scores
      .map((score, index) => ({ score, index, tie: shuffled(index, round) }))
      .sort((x, y) => x.score - y.score || x.tie - y.tie || x.index - y.index)
    DISCARDED.forEach((share, at) => {
      const gone = new Set(order.slice(0, Math.round(share * scores.length)).map(({ index }) => index))
      sums[at] += fnmrAtFmr1000(pairs.filter(({ a, b }) => !gone.has(a) && !gone.has(b))) / rounds
    })
  }
  return sums
}

/** A number that orders the indices differently in each round, the same in each run. */
function shuffled(index: number, round: number): number {
  let bits = Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(round + 1, 0x85ebca77)
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d)
  bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39)
  return bits ^ (bits >>> 15)
}

function fnmrAtFmr1000(pairs: readonly Pair[]): number {
  const impostors = Float64Array.from(
    pairs.filter(({ genuine }) => !genuine),
    ({ score }) => score,
  ).sort()
  const genuine = pairs.filter(pair => pair.genuine)
  const highest = impostors[impostors.length - 1 - Math.floor(impostors.length / 1000)]
  return genuine.filter(({ score }) => score <= highest).length / genuine.length
}

/** Mean height of a curve over the shares discarded (trapezium rule). */
export function areaUnder(curve: readonly number[]): number {
  let sum = 0
  for (let i = 1; i < curve.length; i++) sum += (curve[i - 1] + curve[i]) / 2
  return sum / (curve.length - 1)
}
