/** The surroundings of a minutia as 256 bits that differ little between two captures of one finger. */

const MINUTIAE_MAX = 100
const SIDE = 8
const DIRECTIONS = 6
const NEIGHBOURHOOD: usize = 384
/** Numbers that describe a minutia at most: its neighbourhood, then what the caller adds. */
const DIMENSIONS_MAX: usize = 480
const BITS: usize = 256
const BANDS: usize = 32
const HALF_FULL: f32 = 0.35

/** Six f32 a minutia: x, y, cosine, sine, direction in 256ths of a turn, and how much it counts. The caller's. */
const minutiae: usize = memory.data(100 * 24, 16)
/** exp(-d² / 2σ²) by half pixels, then exp(-Δ² / 2σ²) by 256ths of a turn; f32. The caller's. */
const tables: usize = memory.data((512 + 256) * 4, 16)
const TURN_TABLE: usize = 512 * 4
/** A row of i8 a bit, as many as describe a minutia; then a threshold a bit, i32. The caller's. */
const projection: usize = memory.data(256 * 480 + 256 * 4, 16)
/** Per minutia DIMENSIONS_MAX i16: NEIGHBOURHOOD of 0…255, then the caller's. */
const descriptors: usize = memory.data(100 * 480 * 2, 16)
/** 32 bytes a minutia: its bits. */
const codes: usize = memory.data(100 * 32, 16)
/** 32 bytes a minutia: the same with the least certain bit of each byte turned over. */
const flipped: usize = memory.data(100 * 32, 16)
const sums: usize = memory.data(384 * 4, 16)
const across: usize = memory.data(8 * 4, 16)

export function minutiaeAt(): usize {
  return minutiae
}
export function tablesAt(): usize {
  return tables
}
export function projectionAt(): usize {
  return projection
}
export function descriptorsAt(): usize {
  return descriptors
}
export function codesAt(): usize {
  return codes
}
export function flippedAt(): usize {
  return flipped
}

/**
 * Describes and codes the first `coded` of `count` minutiae; all of them are neighbours. `dimensions`: how many numbers
 * describe one, a multiple of 8. The cells of a neighbourhood are `cellPx` wide; beyond `reachPx` nobody is a neighbour.
 */
export function describeAll(count: i32, coded: i32, dimensions: usize, cellPx: f32, reachPx: f32): void {
  const all = min(count, MINUTIAE_MAX)
  const size = min(dimensions, DIMENSIONS_MAX)
  for (let i = 0; i < min(coded, all); i++) {
    sumNeighbours(i, all, cellPx, reachPx)
    const descriptor = descriptors + <usize>i * (DIMENSIONS_MAX * 2)
    for (let k: usize = 0; k < NEIGHBOURHOOD; k++) {
      const sum = load<f32>(sums + (k << 2))
      store<i16>(descriptor + (k << 1), <i16>(<i32>((<f32>255 * sum) / (sum + HALF_FULL) + <f32>0.5)))
    }
    project(descriptor, size, codes + <usize>i * BANDS, flipped + <usize>i * BANDS)
  }
}

@inline
function field(i: i32, which: usize): f32 {
  return load<f32>(minutiae + <usize>i * 24 + (which << 2))
}

@inline
function nearness(distancePx: f32): f32 {
  return load<f32>(tables + (<usize>min<i32>(511, <i32>(abs(distancePx) * 2 + 0.5)) << 2))
}

function sumNeighbours(i: i32, count: i32, cellPx: f32, reachPx: f32): void {
  memory.fill(sums, 0, NEIGHBOURHOOD * 4)
  const cos = field(i, 2)
  const sin = field(i, 3)
  for (let j = 0; j < count; j++) {
    const dx = field(j, 0) - field(i, 0)
    const dy = field(j, 1) - field(i, 1)
    if (j === i || dx * dx + dy * dy >= reachPx * reachPx) continue
    const x = dx * cos + dy * sin
    const y = dy * cos - dx * sin
    const turn = <i32>(field(j, 4) - field(i, 4))
    const weight = field(j, 5)
    for (let k = 0; k < SIDE; k++)
      store<f32>(across + (<usize>k << 2), nearness(x - (<f32>k - 3.5) * cellPx))
    const left = v128.load(across)
    const right = v128.load(across, 16)
    let sum = sums
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      // Centres at 0, 43, 85, 128, 171, 213 of 256.
      const away = (turn - (direction * 256 + 3) / DIRECTIONS) & 255
      const agreed = weight * load<f32>(tables + TURN_TABLE + (<usize>away << 2))
      for (let row = 0; row < SIDE; row++, sum += 32) {
        const share = f32x4.splat(agreed * nearness(y - (<f32>row - 3.5) * cellPx))
        v128.store(sum, f32x4.add(v128.load(sum), f32x4.mul(left, share)))
        v128.store(sum, f32x4.add(v128.load(sum, 16), f32x4.mul(right, share)), 16)
      }
    }
  }
}

function project(descriptor: usize, dimensions: usize, code: usize, flip: usize): void {
  const thresholds = projection + BITS * dimensions
  let row = projection
  for (let band: usize = 0; band < BANDS; band++) {
    let bits = 0
    let least = 0
    let leastMargin = i32.MAX_VALUE
    for (let bit = 0; bit < 8; bit++, row += dimensions) {
      let sum = i32x4.splat(0)
      for (let k: usize = 0; k < dimensions; k += 8)
        sum = i32x4.add(sum, i32x4.dot_i16x8_s(v128.load(descriptor + (k << 1)), v128.load8x8_s(row + k)))
      const pairs = i32x4.add(sum, v128.shuffle<i32>(sum, sum, 2, 3, 0, 1))
      const dot = i32x4.extract_lane(i32x4.add(pairs, v128.shuffle<i32>(pairs, pairs, 1, 0, 3, 2)), 0)
      const margin = dot - load<i32>(thresholds + ((band * 8 + <usize>bit) << 2))
      if (margin > 0) bits |= 1 << bit
      if (abs(margin) < leastMargin) {
        leastMargin = abs(margin)
        least = bit
      }
    }
    store<u8>(code + band, <u8>bits)
    store<u8>(flip + band, <u8>(bits ^ (1 << least)))
  }
}
