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
import { newComparisonKernels } from '../kernels/comparison.ts'
import { pow } from '../kernels/elementary.ts'
import type { Template } from '../template/template.ts'
import { FEATURES } from './features.ts'
import { type Prepared, prepare } from './prepare.ts'
import { calibration, logOdds } from './weights.ts'

export { type Prepared, prepare } from './prepare.ts'

/** One threshold for every sensor, set for a false match rate of 1 in 10,000. */
export const THRESHOLD = 40

export function compare(a: Template, b: Template): Comparison {
  return comparePrepared(prepare(a), prepare(b))
}

export function comparePrepared(a: Prepared, b: Prepared): Comparison {
  const score = scoreOf(a, b)
  return { score, alike: score >= THRESHOLD, falseMatchRate: pow(10, -score / 10) }
}

/** The score alone, without an object. */
export function scoreOf(a: Prepared, b: Prepared): number {
  return calibrate(sumUp(measure(a, b)))
}

const kernels = newComparisonKernels()
const memory = new Uint8Array(kernels.memory.buffer)
const slotA = kernels.slotA()
const slotB = kernels.slotB()
const features = new Float32Array(kernels.memory.buffer, kernels.featuresAt(), FEATURES)
/** What stands in each slot: a probe that is compared with many is copied once. */
let inA: Prepared | undefined
let inB: Prepared | undefined

/**
 * The numbers of `features.ts` for two prints; the next call overwrites them. With `relaxedMin`, only
 * `bestLocal` and `relaxed` where support stays below it.
 */
export function measure(a: Prepared, b: Prepared, relaxedMin = 0): Float32Array {
  if (inA !== a) memory.set((inA = a).bytes, slotA)
  if (inB !== b) memory.set((inB = b).bytes, slotB)
  kernels.measure(slotA, slotB, relaxedMin)
  return features
}

function sumUp(values: Float32Array): number {
  let sum = logOdds[0]
  for (let k = 0; k < FEATURES; k++) sum += logOdds[k + 1] * values[k]
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
