/**
 * 1:1 comparison. The recipe, from the cheap to the dear:
 *
 *     every minutia's surroundings against every other's ─▶ the best pairs ─▶ which of them go together
 *       ─▶ the other print laid over, stretching as skin does ─▶ fourteen numbers ─▶ one log-odds ─▶ score
 *
 * A score is −10·log₁₀ of the estimated false match rate: 30 means that one in a thousand comparisons of
 * different fingers scores this or higher, 40 one in ten thousand. Finite, never below 0, the same
 * whichever print comes first, and the same bit for bit on every board.
 */
import type { Comparison } from '../engine.ts'
import { pow } from '../kernels/elementary.ts'
import type { Template } from '../template/template.ts'
import { type Alignment, align, newAlignment } from './alignment.ts'
import { features, measure } from './features.ts'
import { localPairs, PAIRS_MAX } from './local.ts'
import { type Prepared, prepare } from './prepare.ts'
import { growSeed, relax, type Seed } from './relaxation.ts'
import { calibration, logOdds } from './weights.ts'

export { type Prepared, prepare } from './prepare.ts'

/** One threshold for every sensor, set for a false match rate of 1 in 10,000. */
export const THRESHOLD = 40

const SEEDS = 4

export function compare(a: Template, b: Template): Comparison {
  return comparePrepared(prepare(a), prepare(b))
}

export function comparePrepared(a: Prepared, b: Prepared): Comparison {
  const score = scoreOf(a, b)
  return { score, alike: score >= THRESHOLD, falseMatchRate: pow(10, -score / 10) }
}

/** The score alone, without an object. */
export function scoreOf(a: Prepared, b: Prepared): number {
  return calibrate(sumUp(measureAll(a, b)))
}

const seed: Seed = { count: 0, a: new Uint8Array(PAIRS_MAX), b: new Uint8Array(PAIRS_MAX), support: 0 }
let best = newAlignment()
let trial = newAlignment()
const seeded = new Uint8Array(PAIRS_MAX)

/** Fills and returns `features`. */
export function measureAll(first: Prepared, second: Prepared): Float64Array {
  const swap = second.count < first.count || (second.count === first.count && second.digest < first.digest)
  const a = swap ? second : first
  const b = swap ? first : second
  const pairs = localPairs(a, b)
  const relaxation = relax(a, b, pairs)
  best.count = 0
  best.strength = 0
  let secondStrength = 0
  let relaxed = 0
  seeded.fill(0)
  for (let round = 0; round < SEEDS; round++) {
    let first = -1
    for (let p = 0; p < pairs.count; p++) {
      if (seeded[p] === 0 && (first < 0 || relaxation.weight[p] > relaxation.weight[first])) first = p
    }
    if (first < 0) break
    seeded[first] = 1
    growSeed(pairs, relaxation, first, seed)
    relaxed = Math.max(relaxed, seed.support)
    align(a, b, seed, trial)
    for (let p = 0; p < pairs.count; p++) if (holds(trial, pairs.a[p], pairs.b[p])) seeded[p] = 1
    if (trial.strength > best.strength) {
      secondStrength = best.strength
      const swapped: Alignment = best
      best = trial
      trial = swapped
    } else if (trial.strength > secondStrength) secondStrength = trial.strength
  }
  measure(a, b, pairs, best, secondStrength, relaxed)
  return features
}

function holds({ count, a, b }: Alignment, i: number, j: number): boolean {
  for (let k = 0; k < count; k++) if (a[k] === i && b[k] === j) return true
  return false
}

export function sumUp(values: Float64Array): number {
  let sum = logOdds[0]
  for (let k = 0; k < values.length; k++) sum += logOdds[k + 1] * values[k]
  return sum
}

function calibrate(value: number): number {
  let k = 1
  while (k < calibration.length - 1 && value > calibration[k].logOdds) k++
  const low = calibration[k - 1]
  const high = calibration[k]
  const slope = (high.score - low.score) / (high.logOdds - low.logOdds)
  return Math.max(0, low.score + slope * (value - low.logOdds))
}
