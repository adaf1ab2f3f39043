/**
 * 1:1 comparison. The recipe, from the cheap to the dear:
 *
 *     every minutia's surroundings against every other's ─▶ the best pairs ─▶ which of them go together
 *       ─▶ the other print laid over, stretching as skin does ─▶ fourteen numbers
 *
 * That is done up to three times: with one alignment of what is obvious at a quick look, with all of them, and
 * with all pairs that may be. After each of the first two a log-odds says whether it is worth going on; what
 * the last two found makes the final log-odds, and that the score. Chance pairs seldom look alike both ways.
 * Templates without texture, as other vendors make them, are looked at thoroughly from the start.
 *
 * A score is −10·log₁₀ of the estimated false match rate: 30 means that one in a thousand comparisons of
 * different fingers scores this or higher, 40 one in ten thousand. Beyond what was measured (about one in
 * 20,000) it is extrapolated. Finite, 0…200, the same whichever print comes first, and the same bit for
 * bit on every board.
 */
import type { Comparison } from '../engine.ts'
import { pow } from '../kernels/elementary.ts'
import type { Template } from '../template/template.ts'
import { FEATURES } from './features.ts'
import { kernels, memory } from './kernels.ts'
import { type Prepared, prepare } from './prepare.ts'
import { models, type Step, type Weights } from './weights.ts'

export { type Prepared, prepare } from './prepare.ts'

/** One threshold for every sensor, set for a false match rate of 1 in 10,000. */
export const THRESHOLD = 40
const SCORE_MAX = 200

export function compare(a: Template, b: Template): Comparison {
  return comparePrepared(prepare(a), prepare(b))
}

export function comparePrepared(a: Prepared, b: Prepared): Comparison {
  const score = scoreOf(a, b)
  return { score, alike: score >= THRESHOLD, falseMatchRate: pow(10, -score / 10) }
}

const slotA = kernels.slotA()
const slotB = kernels.slotB()
/** What a comparison finds after one alignment, after a quick look, and after a thorough one. */
const STEPS = 3
const features = new Float32Array(kernels.memory.buffer, kernels.featuresAt(), STEPS * FEATURES)
const lastTwo = features.subarray(FEATURES)
const exits = [models.plain.first, models.textured.first, models.textured.quick]
new Float32Array(kernels.memory.buffer, kernels.exitsAt(), exits.length * (2 + FEATURES)).set(
  exits.flatMap(({ logOddsMin, intercept, weights }) => [logOddsMin, intercept, ...weights]),
)

/** What stands in each slot: a probe that is compared with many is copied once. (`prepare` works elsewhere.) */
let inA: Prepared | undefined
let inB: Prepared | undefined

function put(a: Prepared, b: Prepared): void {
  if (inA !== a) memory.set(a.bytes, slotA)
  if (inB !== b) memory.set(b.bytes, slotB)
  inA = a
  inB = b
}

/** The score alone, without an object. */
export function scoreOf(a: Prepared, b: Prepared): number {
  put(a, b)
  const textured = a.textured && b.textured
  const { first, last } = textured ? models.textured : models.plain
  const steps = kernels.measure(slotA, slotB, 0)
  if (steps === 1) return calibrate(first, logOdds(first, features))
  const step = textured && steps === 2 ? models.textured.quick : last
  return calibrate(step, logOdds(step, lastTwo))
}

/**
 * The numbers of `features.ts` for two prints, three times: see the top of this file. With no early end. The
 * next call overwrites them; without texture, the third block is none of these prints'.
 */
export function measure(a: Prepared, b: Prepared): Float32Array {
  put(a, b)
  kernels.measure(slotA, slotB, 1)
  return features
}

/** `values` holds at least a number for each weight. */
export function logOdds({ intercept, weights }: Weights, values: ArrayLike<number>): number {
  let sum = intercept
  for (let k = 0; k < weights.length; k++) sum += weights[k] * values[k]
  return sum
}

function calibrate({ calibration }: Step, value: number): number {
  let k = 1
  while (k < calibration.length - 1 && value > calibration[k].logOdds) k++
  const low = calibration[k - 1]
  const high = calibration[k]
  const slope = (high.score - low.score) / (high.logOdds - low.logOdds)
  return Math.min(SCORE_MAX, Math.max(0, low.score + slope * (value - low.logOdds)))
}
