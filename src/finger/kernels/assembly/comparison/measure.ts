/** What is known about two prints once one lies over the other, as the numbers that the score is made of. */
import { align, alignedColumn, at32, loadPairs } from './alignment'
import { carryAll, carryOne, landCos, landSin, landX, landY } from './carry'
import { forgetLikeness, likenessOf, localPairs, pairA, pairB, pairLocal } from './local'
import { at, column, countOf, digestOf, hasTexture, isInside } from './print'
import { growSeed, relax, seedSupport, weight } from './relaxation'

const SEEDS = 4
/** Rounds of an alignment: in the first one, at a quick look, and at a thorough one. */
const FIRST_ROUNDS = 1
const QUICK_ROUNDS = 2
const THOROUGH_ROUNDS = 3
const BEST_LOCAL_PAIRS = 12
const OVERLAP_STEP_PX: f32 = 16
const FEATURES = 14
const BLOCK_BYTES: usize = 4 * 14

const features: usize = memory.data(3 * 4 * 14, 16)
/** Where `setFeature` writes: one of the three blocks. */
let block: usize = features
const EXIT_BYTES: usize = 4 * (2 + 14)
const exits: usize = memory.data(3 * 4 * (2 + 14), 16)
const bestAlignment: usize = memory.data(2016, 16)
const trialAlignment: usize = memory.data(2016, 16)
const seeded: usize = memory.data(64)
const pairedA: usize = memory.data(100)
const pairedB: usize = memory.data(100)
const printA: usize = memory.data(65536, 16)
const printB: usize = memory.data(65536, 16)
const printNew: usize = memory.data(65536, 16)

/** Where a caller puts its two prints, 64 KiB each. */
export function slotA(): usize {
  return printA
}

export function slotB(): usize {
  return printB
}

/** Where a print is made ready, as large. */
export function workbench(): usize {
  return printNew
}

/**
 * Where `measure` leaves its numbers: three blocks of f32 in the order of `compare/features.ts`, after the
 * first alignment, after the quick look, and after the thorough one.
 */
export function featuresAt(): usize {
  return features
}

/**
 * When to end early: after the first alignment without and with texture, then after the quick look; f32 each of
 * logOddsMin, intercept, and a weight a feature. The caller fills them in.
 */
export function exitsAt(): usize {
  return exits
}

@inline
function setFeature(which: usize, value: f32): void {
  store<f32>(block + (which << 2), value)
}

/** Whether the features of the block are so poor that no closer look is worth it. */
function isHopeless(exit: usize): bool {
  let sum = load<f32>(exit, 4)
  for (let k = 0; k < FEATURES; k++) sum += at(exit + 8, k) * at(block, k)
  return sum < load<f32>(exit)
}

/**
 * Compares two prints and fills the features. Most prints are of different fingers, and most of those need no
 * more than one alignment of what is obvious at a quick look. Gives back how many blocks of features are filled:
 * 1, 2, or 3, and all where `exhaustive`. Without texture the first look is the thorough one, and 2 are all:
 * templates of others have few obvious pairs.
 */
export function measure(first: usize, second: usize, exhaustive: bool): i32 {
  // The same way round whichever comes first, so that the score is the same.
  const swap =
    countOf(second) < countOf(first) ||
    (countOf(second) === countOf(first) && digestOf(second) < digestOf(first))
  const a = swap ? second : first
  const b = swap ? first : second
  const textured = hasTexture(a) && hasTexture(b)
  forgetLikeness(a, b)
  const pairs = localPairs(a, b, textured)
  relax(a, b, pairs)
  block = features
  alignBest(a, b, pairs, 1, FIRST_ROUNDS)
  if (!exhaustive && isHopeless(exits + (textured ? EXIT_BYTES : 0))) return 1
  block += BLOCK_BYTES
  alignBest(a, b, pairs, SEEDS, textured ? QUICK_ROUNDS : THOROUGH_ROUNDS)
  if (!textured || (!exhaustive && isHopeless(exits + 2 * EXIT_BYTES))) return 2
  block += BLOCK_BYTES
  const allPairs = localPairs(a, b, false)
  relax(a, b, allPairs)
  alignBest(a, b, allPairs, SEEDS, THOROUGH_ROUNDS)
  return 3
}

/** Aligns the prints from the most promising seeds, and fills the block with what the best alignment shows. */
function alignBest(a: usize, b: usize, pairs: i32, seeds: i32, rounds: i32): void {
  let bestLocal: f32 = 0
  for (let p = 0; p < min(pairs, BEST_LOCAL_PAIRS); p++) bestLocal += at(pairLocal, p)
  setFeature(5, bestLocal / <f32>BEST_LOCAL_PAIRS)
  memory.fill(seeded, 0, 64)
  let best = bestAlignment
  let trial = trialAlignment
  store<i32>(best, 0)
  store<f32>(best, 0, 4)
  let secondStrength: f32 = 0
  let relaxed: f32 = 0
  for (let k = 0; k < seeds; k++) {
    const seed = strongestSeed(pairs)
    if (seed < 0) break
    store<u8>(seeded + seed, 1)
    growSeed(seed, pairs)
    relaxed = max(relaxed, sqrt<f32>(seedSupport))
    align(a, b, trial, rounds)
    markSeeded(trial, pairs)
    const strength = load<f32>(trial, 4)
    if (strength > load<f32>(best, 4)) {
      secondStrength = load<f32>(best, 4)
      const swapped = best
      best = trial
      trial = swapped
    } else secondStrength = max(secondStrength, strength)
  }
  setFeature(12, relaxed)
  fillFeatures(a, b, best, secondStrength)
}

/** The pair of most weight that no alignment held yet; -1 where there is none. */
function strongestSeed(pairs: i32): i32 {
  let seed = -1
  for (let p = 0; p < pairs; p++)
    if (load<u8>(seeded + p) === 0 && (seed < 0 || at(weight, p) > at(weight, seed))) seed = p
  return seed
}

/** A pair that an alignment already holds starts no other. */
function markSeeded(alignment: usize, pairs: i32): void {
  const count = load<i32>(alignment)
  memory.fill(pairedA, 255, 100)
  for (let k = 0; k < count; k++)
    store<u8>(pairedA + at32(alignedColumn(alignment, 0), k), <u8>at32(alignedColumn(alignment, 1), k))
  for (let p = 0; p < pairs; p++)
    if (<i32>load<u8>(pairedA + at32(pairA, p)) === at32(pairB, p)) store<u8>(seeded + p, 1)
}

let unpaired: i32 = 0
let unpairedReliability: f32 = 0

function fillFeatures(a: usize, b: usize, alignment: usize, second: f32): void {
  const n = load<i32>(alignment)
  let reliable: f32 = 0
  let local: f32 = 0
  let residual: f32 = 0
  let sameKind: f32 = 0
  memory.fill(pairedA, 0, 100)
  memory.fill(pairedB, 0, 100)
  for (let k = 0; k < n; k++) {
    const i = at32(alignedColumn(alignment, 0), k)
    const j = at32(alignedColumn(alignment, 1), k)
    store<u8>(pairedA + i, 1)
    store<u8>(pairedB + j, 1)
    reliable += sqrt<f32>(at(column(a, 4), i) * at(column(b, 4), j))
    local += likenessOf(a, i, b, j)
    residual += at(alignedColumn(alignment, 2), k)
    const kindA = at(column(a, 5), i)
    const kindB = at(column(b, 5), j)
    if (kindA !== 0 && kindB !== 0) sameKind += kindA === kindB ? 1 : -1
  }
  unpaired = 0
  unpairedReliability = 0
  loadPairs(a, b, alignment, true)
  carryAll(b, n)
  countUnpaired(b, a, pairedB)
  loadPairs(a, b, alignment, false)
  carryAll(a, n)
  countUnpaired(a, b, pairedA)
  const pairs = <f32>n
  const each: f32 = n === 0 ? 0 : 1 / pairs
  const strength = load<f32>(alignment, 4)
  const reliableShare: f32 = reliable / (reliable + 0.5 * unpairedReliability + 0.5)
  setFeature(0, sqrt<f32>(strength))
  setFeature(1, sqrt<f32>(pairs))
  setFeature(2, (2 * pairs) / (2 * pairs + <f32>unpaired + 1))
  setFeature(3, local * each)
  setFeature(4, reliableShare)
  setFeature(6, residual * each)
  setFeature(7, sqrt<f32>(<f32>unpaired))
  setFeature(8, sqrt<f32>(reliable))
  setFeature(9, strength === 0 ? 1 : min<f32>(1, second / strength))
  setFeature(10, reliableShare * sqrt<f32>(strength))
  setFeature(11, sqrt<f32>(overlap(a, b, alignment)))
  setFeature(13, n === 0 ? 0 : sameKind / sqrt<f32>(pairs))
}

/** Minutiae without a mate where the other print shows finger. */
function countUnpaired(from: usize, to: usize, paired: usize): void {
  const count = countOf(from)
  for (let i = 0; i < count; i++) {
    if (load<u8>(paired + i) !== 0 || !isInside(to, at(landX, i), at(landY, i))) continue
    unpaired++
    unpairedReliability += at(column(from, 4), i)
  }
}

/** The area that both prints show, in squares of OVERLAP_STEP_PX. */
function overlap(a: usize, b: usize, alignment: usize): f32 {
  const n = load<i32>(alignment)
  if (n === 0) return 0
  let middleX: f32 = 0
  let middleY: f32 = 0
  for (let k = 0; k < n; k++) {
    middleX += at(column(a, 0), at32(alignedColumn(alignment, 0), k))
    middleY += at(column(a, 1), at32(alignedColumn(alignment, 0), k))
  }
  middleX /= <f32>n
  middleY /= <f32>n
  carryOne(middleX, middleY, n)
  const x0 = load<f32>(landX)
  const y0 = load<f32>(landY)
  const cos = load<f32>(landCos)
  const sin = load<f32>(landSin)
  const columns = load<i32>(a, 16)
  const rows = load<i32>(a, 20)
  const cellPx = load<f32>(a, 24)
  const cells = a + <usize>load<i32>(a, 12)
  const step = max(1, <i32>nearest<f32>(OVERLAP_STEP_PX / cellPx))
  let count = 0
  for (let row = step >> 1; row < rows; row += step) {
    for (let columnAt = step >> 1; columnAt < columns; columnAt += step) {
      if (load<u8>(cells + <usize>(row * columns + columnAt)) === 0) continue
      const dx: f32 = load<f32>(a, 28) + (<f32>columnAt + 0.5) * cellPx - middleX
      const dy: f32 = load<f32>(a, 32) + (<f32>row + 0.5) * cellPx - middleY
      if (isInside(b, x0 + cos * dx - sin * dy, y0 + sin * dx + cos * dy)) count++
    }
  }
  const side = <f32>step * cellPx
  return (<f32>count * side * side) / (OVERLAP_STEP_PX * OVERLAP_STEP_PX)
}
