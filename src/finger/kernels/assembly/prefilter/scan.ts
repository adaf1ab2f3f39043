/**
 * How much the bags of very many fingers have in common with a probe's. A bag is a set of 8,192 bits, stored for
 * 512 fingers at a time bit by bit: 64 bytes hold one bit of all of them. Sums are kept bit-sliced too, by
 * carry-save adders (Harley and Seal; Warren, "Hacker's Delight", 2nd ed., § 5-1).
 */

const BLOCK_FINGERS = 512
const ROW_BYTES: usize = 64
const PLANES: usize = 16

/** The probe's bits: u16 each, sorted by weight. The caller's. */
const rows: usize = memory.data(4096 * 2, 16)
/** How many of the rows weigh 1, 2, 4 and 8: i32 each. The caller's. */
const counts: usize = memory.data(4 * 4, 16)
const planes: usize = memory.data(16 * 16, 16)

export function rowsAt(): usize {
  return rows
}
export function countsAt(): usize {
  return counts
}

/** Writes the weight in common with each of the 512 fingers of the block at `bag`: u16 each, at `out`. */
export function scan(bag: usize, out: usize): void {
  for (let part: usize = 0; part < ROW_BYTES; part += 16) {
    memory.fill(planes, 0, PLANES * 16)
    let row = rows
    for (let level: usize = 0; level < 4; level++) row = addRows(bag + part, row, load<i32>(counts + (level << 2)), level)
    spread(out + (part << 4))
  }
}

@inline
function rowOf(bag: usize, row: usize): v128 {
  return v128.load(bag + ((<usize>load<u16>(row)) << 6))
}

@inline
function majority(a: v128, b: v128, c: v128): v128 {
  return v128.or(v128.and(a, b), v128.and(c, v128.xor(a, b)))
}

@inline
function sum3(a: v128, b: v128, c: v128): v128 {
  return v128.xor(v128.xor(a, b), c)
}

/** Adds `count` rows, each with the weight 2^level. */
function addRows(bag: usize, first: usize, count: i32, level: usize): usize {
  let row = first
  let ones = v128.load(planes + (level << 4))
  let twos = v128.load(planes + (level << 4), 16)
  let fours = v128.load(planes + (level << 4), 32)
  let left = count
  for (; left >= 8; left -= 8, row += 16) {
    const a = rowOf(bag, row)
    const b = rowOf(bag, row + 2)
    const twosA = majority(ones, a, b)
    ones = sum3(ones, a, b)
    const c = rowOf(bag, row + 4)
    const d = rowOf(bag, row + 6)
    const twosB = majority(ones, c, d)
    ones = sum3(ones, c, d)
    const foursA = majority(twos, twosA, twosB)
    twos = sum3(twos, twosA, twosB)
    const e = rowOf(bag, row + 8)
    const f = rowOf(bag, row + 10)
    const twosC = majority(ones, e, f)
    ones = sum3(ones, e, f)
    const g = rowOf(bag, row + 12)
    const h = rowOf(bag, row + 14)
    const twosD = majority(ones, g, h)
    ones = sum3(ones, g, h)
    const foursB = majority(twos, twosC, twosD)
    twos = sum3(twos, twosC, twosD)
    const eights = majority(fours, foursA, foursB)
    fours = sum3(fours, foursA, foursB)
    carry(level + 3, eights)
  }
  v128.store(planes + (level << 4), ones)
  v128.store(planes + (level << 4), twos, 16)
  v128.store(planes + (level << 4), fours, 32)
  for (; left > 0; left--, row += 2) carry(level, rowOf(bag, row))
  return row
}

@inline
function carry(plane: usize, bits: v128): void {
  let at = planes + (plane << 4)
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
      const byte = <i16>load<u8>(planes + (plane << 4) + group)
      if (byte === 0) continue
      const set = i16x8.eq(v128.and(i16x8.splat(byte), bitOf), bitOf)
      value = v128.or(value, v128.and(set, i16x8.splat(<i16>(<i32>1 << <i32>plane))))
    }
    v128.store(out + (group << 4), value)
  }
}
