/**
 * How much the bags of very many fingers have in common with a probe's. A bag is a set of 8,192 bits, stored for
 * 512 fingers at a time bit by bit: 64 bytes hold one bit of all of them. Sums are kept bit-sliced too, by
 * carry-save adders (Harley and Seal; Warren, "Hacker's Delight", 2nd ed., § 5-1).
 */

import { COUNTS_AT, PLANES_AT, ROWS_AT, work } from './work'

const ROW_BYTES: usize = 64
const PLANES: usize = 16

/**
 * Writes the weight in common with each of the 512 fingers of the block at `bag`: u16 each, at `out`.
 * At ROWS_AT stands where in a block the rows of the probe's bits begin, u32 each, at most 4,096, sorted by weight; at
 * COUNTS_AT how many of them weigh 1, 2, 4 and 8, i32 each.
 */
export function scan(bag: usize, out: usize): void {
  for (let part: usize = 0; part < ROW_BYTES; part += 16) {
    memory.fill(work + PLANES_AT, 0, PLANES * 16)
    let row = work + ROWS_AT
    for (let level: usize = 0; level < 4; level++)
      row = addRows(bag + part, row, load<i32>(work + COUNTS_AT + (level << 2)), level)
    spread(out + (part << 4))
  }
}

@inline
function rowOf(bag: usize, row: usize, offset: usize): v128 {
  return v128.load(bag + <usize>load<u32>(row + offset))
}

@inline
function majority(a: v128, b: v128, c: v128): v128 {
  return v128.or(v128.and(a, b), v128.and(c, v128.xor(a, b)))
}

@inline
function sum3(a: v128, b: v128, c: v128): v128 {
  return v128.xor(v128.xor(a, b), c)
}

/** Adds `count` rows, each with the weight 2^level, sixteen at a time. */
function addRows(bag: usize, first: usize, count: i32, level: usize): usize {
  let row = first
  const sums = work + PLANES_AT + (level << 4)
  let ones = v128.load(sums)
  let twos = v128.load(sums, 16)
  let fours = v128.load(sums, 32)
  let eights = v128.load(sums, 48)
  let left = count
  for (; left >= 16; left -= 16, row += 64) {
    const r0 = rowOf(bag, row, 0)
    const r1 = rowOf(bag, row, 4)
    const twosA = majority(ones, r0, r1)
    ones = sum3(ones, r0, r1)
    const r2 = rowOf(bag, row, 8)
    const r3 = rowOf(bag, row, 12)
    const twosB = majority(ones, r2, r3)
    ones = sum3(ones, r2, r3)
    const foursA = majority(twos, twosA, twosB)
    twos = sum3(twos, twosA, twosB)
    const r4 = rowOf(bag, row, 16)
    const r5 = rowOf(bag, row, 20)
    const twosC = majority(ones, r4, r5)
    ones = sum3(ones, r4, r5)
    const r6 = rowOf(bag, row, 24)
    const r7 = rowOf(bag, row, 28)
    const twosD = majority(ones, r6, r7)
    ones = sum3(ones, r6, r7)
    const foursB = majority(twos, twosC, twosD)
    twos = sum3(twos, twosC, twosD)
    const eightsA = majority(fours, foursA, foursB)
    fours = sum3(fours, foursA, foursB)
    const r8 = rowOf(bag, row, 32)
    const r9 = rowOf(bag, row, 36)
    const twosE = majority(ones, r8, r9)
    ones = sum3(ones, r8, r9)
    const r10 = rowOf(bag, row, 40)
    const r11 = rowOf(bag, row, 44)
    const twosF = majority(ones, r10, r11)
    ones = sum3(ones, r10, r11)
    const foursC = majority(twos, twosE, twosF)
    twos = sum3(twos, twosE, twosF)
    const r12 = rowOf(bag, row, 48)
    const r13 = rowOf(bag, row, 52)
    const twosG = majority(ones, r12, r13)
    ones = sum3(ones, r12, r13)
    const r14 = rowOf(bag, row, 56)
    const r15 = rowOf(bag, row, 60)
    const twosH = majority(ones, r14, r15)
    ones = sum3(ones, r14, r15)
    const foursD = majority(twos, twosG, twosH)
    twos = sum3(twos, twosG, twosH)
    const eightsB = majority(fours, foursC, foursD)
    fours = sum3(fours, foursC, foursD)
    const sixteens = majority(eights, eightsA, eightsB)
    eights = sum3(eights, eightsA, eightsB)
    carry(level + 4, sixteens)
  }
  v128.store(sums, ones)
  v128.store(sums, twos, 16)
  v128.store(sums, fours, 32)
  v128.store(sums, eights, 48)
  for (; left > 0; left--, row += 4) carry(level, rowOf(bag, row, 0))
  return row
}

@inline
function carry(plane: usize, bits: v128): void {
  let at = work + PLANES_AT + (plane << 4)
  let rest = bits
  while (v128.any_true(rest)) {
    const old = v128.load(at)
    v128.store(at, v128.xor(old, rest))
    rest = v128.and(old, rest)
    at += 16
  }
}

/** From 16 planes of 128 bits to 128 numbers. */
function spread(out: usize): void {
  const bitOf = i16x8(1, 2, 4, 8, 16, 32, 64, 128)
  for (let group: usize = 0; group < 16; group++) {
    let value = i16x8.splat(0)
    for (let plane: usize = 0; plane < PLANES; plane++) {
      const byte = <i16>load<u8>(work + PLANES_AT + (plane << 4) + group)
      if (byte === 0) continue
      const set = i16x8.eq(v128.and(i16x8.splat(byte), bitOf), bitOf)
      value = v128.or(value, v128.and(set, i16x8.splat(<i16>(<i32>1 << <i32>plane))))
    }
    v128.store(out + (group << 4), value)
  }
}
