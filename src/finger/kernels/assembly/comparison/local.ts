/** How alike single minutiae are, judged from their surroundings alone, and the pairs worth a look. */
import { countOf, DESCRIPTOR_BYTES, descriptor, hasTexture, MINUTIAE_MAX, texture } from './print'

export const PAIRS_MAX: i32 = 60
const PAIRS_PER_MINUTIA_MAX: u8 = 3
const POINTS_MIN: i32 = 45
const TEXTURE_POINTS_MIN: i32 = 17
const TEXTURE_WEIGHT: f32 = 0.25
/** At a quick look, a pair whose ridges agree less than this is no candidate. */
const TEXTURE_MIN: f32 = 0.82
/**
 * At a quick look, a pair is a candidate from this many common neighbours on, as a part of all that the two
 * have in the inner half of their cells: one in 120 chance pairs is.
 */
const COMMON_PART: i32 = 5
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

let foundCount: i32 = 0
/** Neighbours in the inner half of each minutia's cells, of the second print. */
const innerCount: usize = memory.data(100)

@inline
function keep(entry: i32, value: f32): void {
  if (value <= 0) return
  store<u16>(found + (<usize>foundCount << 1), <u16>entry)
  foundCount++
}

@inline
function innerBits(bits: usize): i32 {
  return <i32>(
    popcnt(load<u64>(bits)) +
    popcnt(load<u64>(bits, 16)) +
    popcnt(load<u64>(bits, 32)) +
    popcnt(load<u64>(bits, 48)) +
    popcnt(load<u64>(bits, 64))
  )
}

/** Candidates by the inner half of their bits, and, where there is texture, by their ridges: few, and soon found. */
function lookQuickly(a: usize, b: usize): void {
  const countA = countOf(a)
  const countB = countOf(b)
  const textured = hasTexture(a) && hasTexture(b)
  for (let j = 0; j < countB; j++) store<u8>(innerCount + j, <u8>min(255, innerBits(descriptor(b, j))))
  for (let i = 0; i < countA; i++) {
    const bitsA = descriptor(a, i)
    const a0 = load<u64>(bitsA)
    const a1 = load<u64>(bitsA, 16)
    const a2 = load<u64>(bitsA, 32)
    const a3 = load<u64>(bitsA, 48)
    const a4 = load<u64>(bitsA, 64)
    const countInner = innerBits(bitsA)
    let bitsB = descriptor(b, 0)
    for (let j = 0; j < countB; j++, bitsB += DESCRIPTOR_BYTES) {
      const common = <i32>(
        popcnt(a0 & load<u64>(bitsB)) +
        popcnt(a1 & load<u64>(bitsB, 16)) +
        popcnt(a2 & load<u64>(bitsB, 32)) +
        popcnt(a3 & load<u64>(bitsB, 48)) +
        popcnt(a4 & load<u64>(bitsB, 64))
      )
      if (common * COMMON_PART < countInner + <i32>load<u8>(innerCount + j)) continue
      if (textured && ridgesOf(a, i, b, j) < TEXTURE_MIN) continue
      keep(i * countB + j, likenessOf(a, i, b, j))
    }
  }
}

function lookAtAll(a: usize, b: usize): void {
  const countA = countOf(a)
  const countB = countOf(b)
  for (let i = 0; i < countA; i++)
    for (let j = 0; j < countB; j++) keep(i * countB + j, likenessOf(a, i, b, j))
}

@inline
function ridgesOf(a: usize, i: i32, b: usize, j: i32): f32 {
  return textureLikeness(texture(a, i), texture(b, j), v128.load(agreement))
}

/** No pair of two prints was looked at yet. */
export function forgetLikeness(a: usize, b: usize): void {
  // Any negative number: this byte four times is about -1.5.
  memory.fill(likeness, 0xbf, <usize>(countOf(a) * countOf(b)) << 2)
}

/** The likeness of one pair, looked at now if it was not. */
export function likenessOf(a: usize, i: i32, b: usize, j: i32): f32 {
  const at = likeness + (<usize>(i * countOf(b) + j) << 2)
  let value = load<f32>(at)
  if (value < 0) {
    value = bitLikeness(descriptor(a, i), descriptor(b, j))
    if (hasTexture(a) && hasTexture(b)) value = blend(ridgesOf(a, i, b, j), value)
    store<f32>(at, value)
  }
  return value
}

@inline
function levelOf(entry: usize): i32 {
  return LEVELS - 1 - <i32>(load<f32>(likeness + (entry << 2)) * <f32>(LEVELS - 1))
}

/**
 * Finds the best pairs, no minutia in more than a few of them; gives back how many. A quick look finds the
 * obvious ones alone.
 */
export function localPairs(a: usize, b: usize, quick: bool): i32 {
  foundCount = 0
  if (quick) lookQuickly(a, b)
  else lookAtAll(a, b)
  const total = foundCount
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
