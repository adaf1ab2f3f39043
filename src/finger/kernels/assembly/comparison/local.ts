/** How alike single minutiae are, judged from their surroundings alone, and the pairs worth a look. */
import {
  countOf,
  descriptor,
  hasTexture,
  MINUTIAE_MAX,
  quickTexture,
  texture,
} from './print'

export const PAIRS_MAX: i32 = 60
const PAIRS_PER_MINUTIA_MAX: u8 = 3
const POINTS_MIN: i32 = 45
const TEXTURE_POINTS_MIN: i32 = 17
const TEXTURE_WEIGHT: f32 = 0.25
/** Below this agreement of the ridges a pair is no candidate. */
const TEXTURE_MIN: f32 = 0.82
const QUICK_POINTS: usize = 16
const LEVELS: i32 = 256

/** Likeness of each pair, f32, 0…1, rows as long as the second print; negative where not looked at. */
export const likeness: usize = memory.data(100 * 100 * 4, 16)
/** The best pairs, best first: index in the first and second print (i32), likeness (f32). */
export const pairA: usize = memory.data(64 * 4, 16)
export const pairB: usize = memory.data(64 * 4, 16)
export const pairLocal: usize = memory.data(64 * 4, 16)

const levelStart: usize = memory.data((256 + 1) * 4, 16)
const found: usize = memory.data(100 * 100 * 2, 16)
const ordered: usize = memory.data(100 * 100 * 2, 16)
const usedA: usize = memory.data(100)
const usedB: usize = memory.data(100)

/** 255 exp(-6 Δ²) in 16 steps of the difference of two angles, up to a quarter turn. */
const agreement: usize = memory.data<u8>([254, 245, 230, 208, 183, 155, 127, 101, 78, 58, 42, 29, 20, 13, 8, 5])

/** 16 (exp(-6 Δ²) - 0.67) in the same steps: what a point says for (above 0) or against a pair. */
const quickAgreement: usize = memory.data<i8>([4, 4, 2, 1, -1, -3, -6, -8, -9, -11, -12, -13, -14, -15, -15, -15])

@inline
function agree(a: usize, b: usize, offset: usize, table: v128): v128 {
  const difference = i8x16.sub(v128.load(a + offset), v128.load(b + offset))
  const angle = i8x16.min_u(difference, i8x16.neg(difference))
  const step = i8x16.min_u(i8x16.shr_u(angle, 3), i8x16.splat(15))
  const both = v128.and(v128.load(a + offset, 48), v128.load(b + offset, 48))
  return v128.and(i8x16.swizzle(table, step), both)
}

@inline
function sumBytes(bytes: v128): v128 {
  return i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(bytes))
}

@inline
function sumLanes(lanes: v128): i32 {
  const pairs = i64x2.add(lanes, v128.shuffle<i32>(lanes, lanes, 2, 3, 0, 1))
  return i32x4.extract_lane(i32x4.add(pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2)), 0)
}

/**
 * A quick look at 16 points of 16 minutiae of `b` at once: a set bit for each that may be alike. Points
 * that are not on both fingers count neither way.
 */
@inline
function mayBeAlike(a: usize, quick: usize, quickBytes: usize, table: v128): i32 {
  let sum = i8x16.splat(0)
  for (let point: usize = 0; point < QUICK_POINTS; point++) {
    if (load<u8>(a + point, 48) !== 0) {
      const difference = i8x16.sub(v128.load_splat<u8>(a + point), v128.load(quick))
      const angle = i8x16.min_u(difference, i8x16.neg(difference))
      const step = i8x16.min_u(i8x16.shr_u(angle, 3), i8x16.splat(15))
      sum = i8x16.add_sat_s(sum, v128.and(i8x16.swizzle(table, step), v128.load(quick + quickBytes)))
    }
    quick += 2 * quickBytes
  }
  return i8x16.bitmask(i8x16.ge_s(sum, i8x16.splat(0)))
}

@inline
function blend(ridges: f32, bits: f32): f32 {
  return (1 - TEXTURE_WEIGHT) * bits + TEXTURE_WEIGHT * max<f32>(ridges, 0)
}

/** Mean agreement of the ridges around two minutiae, -1 where too few points are on both fingers. */
@inline
function textureLikeness(a: usize, b: usize, table: v128): f32 {
  const sum = i32x4.add(
    i32x4.add(sumBytes(agree(a, b, 0, table)), sumBytes(agree(a, b, 16, table))),
    sumBytes(agree(a, b, 32, table)),
  )
  const valid = i8x16.add(
    i8x16.add(v128.and(v128.load(a, 48), v128.load(b, 48)), v128.and(v128.load(a, 64), v128.load(b, 64))),
    v128.and(v128.load(a, 80), v128.load(b, 80)),
  )
  // Each valid byte is -1.
  const points = sumLanes(sumBytes(i8x16.neg(valid)))
  if (points < TEXTURE_POINTS_MIN) return -1
  return <f32>sumLanes(sum) / (255 * <f32>points)
}

/** 1 - √(different / all bits) over the points on both fingers, scaled so that chance is about 0.3. */
@inline
function bitLikeness(a: usize, b: usize): f32 {
  const low = load<u64>(a, 80) & load<u64>(b, 80)
  const high = load<u64>(a, 88) & load<u64>(b, 88)
  if (<i32>(popcnt(low) + popcnt(high)) < POINTS_MIN) return 0
  let different: u64 = 0
  let common: u64 = 0
  for (let plane: usize = 0; plane < 80; plane += 16) {
    const a0 = load<u64>(a + plane)
    const b0 = load<u64>(b + plane)
    const a1 = load<u64>(a + plane, 8)
    const b1 = load<u64>(b + plane, 8)
    different += popcnt((a0 ^ b0) & low) + popcnt((a1 ^ b1) & high)
    common += popcnt(a0 & b0) + popcnt(a1 & b1)
  }
  const all = <f32>(different + 2 * common)
  if (all === 0) return 0
  return 1 - sqrt<f32>(<f32>different / all) * 0.70710678
}

/** Fills `likeness`; gives back how many pairs were looked at closely (listed in `found`). */
function fillLikeness(a: usize, b: usize): i32 {
  found_ = 0
  if (hasTexture(a) && hasTexture(b)) lookAtRidgesFirst(a, b)
  else lookAtAll(a, b)
  return found_
}

let found_: i32 = 0

@inline
function keep(entry: i32, value: f32): void {
  store<f32>(likeness + (<usize>entry << 2), value)
  if (value <= 0) return
  store<u16>(found + (<usize>found_ << 1), <u16>entry)
  found_++
}

function lookAtRidgesFirst(a: usize, b: usize): void {
  const table = v128.load(agreement)
  const quickTable = v128.load(quickAgreement)
  const countA = countOf(a)
  const countB = countOf(b)
  const quickBytes = <usize>(countB + 15) & ~15
  // Any negative number: this byte four times is about -1.5.
  memory.fill(likeness, 0xbf, <usize>(countA * countB) << 2)
  for (let i = 0; i < countA; i++) {
    const bitsA = descriptor(a, i)
    const textureA = texture(a, i)
    for (let first = 0; first < countB; first += 16) {
      let lanes = mayBeAlike(textureA, quickTexture(b) + first, quickBytes, quickTable)
      while (lanes !== 0) {
        const j = first + ctz(lanes)
        lanes &= lanes - 1
        if (j >= countB) break
        const ridges = textureLikeness(textureA, texture(b, j), table)
        if (ridges < TEXTURE_MIN) continue
        keep(i * countB + j, blend(ridges, bitLikeness(bitsA, descriptor(b, j))))
      }
    }
  }
}

function lookAtAll(a: usize, b: usize): void {
  const countA = countOf(a)
  const countB = countOf(b)
  for (let i = 0; i < countA; i++) {
    const bitsA = descriptor(a, i)
    for (let j = 0; j < countB; j++) keep(i * countB + j, bitLikeness(bitsA, descriptor(b, j)))
  }
}

/** The likeness of one pair, looked at now if it was not. */
export function likenessOf(a: usize, i: i32, b: usize, j: i32): f32 {
  const at = likeness + (<usize>(i * countOf(b) + j) << 2)
  let value = load<f32>(at)
  if (value < 0) {
    const ridges = textureLikeness(texture(a, i), texture(b, j), v128.load(agreement))
    value = blend(ridges, bitLikeness(descriptor(a, i), descriptor(b, j)))
    store<f32>(at, value)
  }
  return value
}

@inline
function levelOf(entry: usize): i32 {
  return LEVELS - 1 - <i32>(load<f32>(likeness + (entry << 2)) * <f32>(LEVELS - 1))
}

/** Finds the best pairs, no minutia in more than a few of them; gives back how many. */
export function localPairs(a: usize, b: usize): i32 {
  const total = fillLikeness(a, b)
  memory.fill(levelStart, 0, (LEVELS + 1) * 4)
  for (let k = 0; k < total; k++) {
    const level = levelStart + (<usize>(levelOf(<usize>load<u16>(found + (<usize>k << 1))) + 1) << 2)
    store<i32>(level, load<i32>(level) + 1)
  }
  let sum = 0
  for (let level = 0; level <= LEVELS; level++) {
    const start = levelStart + (<usize>level << 2)
    sum += load<i32>(start)
    store<i32>(start, sum)
  }
  for (let k = 0; k < total; k++) {
    const entry = load<u16>(found + (<usize>k << 1))
    const start = levelStart + (<usize>levelOf(<usize>entry) << 2)
    const rank = load<i32>(start)
    store<i32>(start, rank + 1)
    store<u16>(ordered + (<usize>rank << 1), entry)
  }
  memory.fill(usedA, 0, MINUTIAE_MAX)
  memory.fill(usedB, 0, MINUTIAE_MAX)
  const countB = countOf(b)
  let count = 0
  for (let rank = 0; rank < total && count < PAIRS_MAX; rank++) {
    const entry = <i32>load<u16>(ordered + (<usize>rank << 1))
    const i = entry / countB
    const j = entry - i * countB
    const timesA = load<u8>(usedA + i)
    const timesB = load<u8>(usedB + j)
    if (timesA >= PAIRS_PER_MINUTIA_MAX || timesB >= PAIRS_PER_MINUTIA_MAX) continue
    store<u8>(usedA + i, timesA + 1)
    store<u8>(usedB + j, timesB + 1)
    const to = <usize>count << 2
    store<i32>(pairA + to, i)
    store<i32>(pairB + to, j)
    store<f32>(pairLocal + to, load<f32>(likeness + (<usize>entry << 2)))
    count++
  }
  return count
}
