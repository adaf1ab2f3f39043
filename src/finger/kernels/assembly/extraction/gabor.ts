import { blendRows } from './fields'

const OUTSIDE: u16 = 0xffff
/** Kernels are scaled by 2^17, so that their sum of products fits 32 bits (see `template/gabor-bank.ts`). */
const KERNEL_SHIFT = 17

/**
 * Per block of 2 × 2 pixels, which filter to use: period × 32 + orientation of the normal, or 0xffff
 * outside the mask. `period` (0…) and `mask` are bytes by cell. `scratch` holds two lines of
 * columns + 8 floats.
 */
export function classify(
  cosine: usize,
  sine: usize,
  columns: i32,
  rows: i32,
  period: usize,
  mask: usize,
  classes: usize,
  scratch: usize,
): void {
  const cosines = scratch + 16
  const sines = cosines + (<usize>(columns + 8) << 2)
  for (let blockRow = 0; blockRow < rows * 2; blockRow++) {
    const lower = blockRow & 1
    const row = blockRow >> 1
    const share: f32 = lower ? 0.25 : 0.75
    blendRows(cosine, columns, rows, row - 1 + lower, share, cosines)
    blendRows(sine, columns, rows, row - 1 + lower, share, sines)
    let to = classes + <usize>(blockRow * columns * 2) * 2
    for (let column = 0; column < columns; column += 4) {
      const at = <usize>column << 2
      const left = orientationIndex(between(cosines + at, -4), between(sines + at, -4))
      const right = orientationIndex(between(cosines + at, 4), between(sines + at, 4))
      const cell = <usize>(row * columns + column)
      storeClasses(to, period + cell, mask + cell, i32x4.extract_lane(left, 0), i32x4.extract_lane(right, 0))
      storeClasses(to + 4, period + cell + 1, mask + cell + 1, i32x4.extract_lane(left, 1), i32x4.extract_lane(right, 1))
      storeClasses(to + 8, period + cell + 2, mask + cell + 2, i32x4.extract_lane(left, 2), i32x4.extract_lane(right, 2))
      storeClasses(to + 12, period + cell + 3, mask + cell + 3, i32x4.extract_lane(left, 3), i32x4.extract_lane(right, 3))
      to += 16
    }
  }
}

@inline
function between(at: usize, side: isize): v128 {
  return f32x4.add(
    f32x4.mul(v128.load(at), f32x4.splat(0.75)),
    f32x4.mul(v128.load(at + side), f32x4.splat(0.25)),
  )
}

@inline
function storeClasses(to: usize, period: usize, mask: usize, left: i32, right: i32): void {
  const inside = load<u8>(mask) !== 0
  const base = <i32>load<u8>(period) << 5
  store<u16>(to, inside ? <u16>(base + left) : OUTSIDE)
  store<u16>(to + 2, inside ? <u16>(base + right) : OUTSIDE)
}

/**
 * The nearest of 32 steps of half the angle. The arc tangent by (π/4)·t + 0.273·t·(1 - t), which is
 * right to 0.004 rad (Rajan et al. 2006); a step is 0.2 rad of the doubled angle.
 */
@inline
function orientationIndex(cosine: v128, sine: v128): v128 {
  const absCosine = f32x4.abs(cosine)
  const absSine = f32x4.abs(sine)
  const long = f32x4.max(f32x4.max(absCosine, absSine), f32x4.splat(1e-9))
  const t = f32x4.div(f32x4.min(absCosine, absSine), long)
  // In steps of π/16 of the doubled angle: a quarter turn is 8.
  const bend = f32x4.mul(f32x4.sub(f32x4.splat(1), t), f32x4.splat(1.3904))
  let angle = f32x4.mul(t, f32x4.add(f32x4.splat(4), bend))
  angle = v128.bitselect(f32x4.sub(f32x4.splat(8), angle), angle, f32x4.gt(absSine, absCosine))
  angle = v128.bitselect(f32x4.sub(f32x4.splat(16), angle), angle, f32x4.lt(cosine, f32x4.splat(0)))
  angle = v128.bitselect(f32x4.sub(f32x4.splat(32), angle), angle, f32x4.lt(sine, f32x4.splat(0)))
  return v128.and(i32x4.trunc_sat_f32x4_s(f32x4.nearest(angle)), i32x4.splat(31))
}

/**
 * Filters each block of 2 × 2 pixels by the complex kernel of its class, 0 outside the mask.
 *
 * A kernel is a list of chunks: eight even and eight odd weights (i16) for eight neighbours in a row.
 * `shapes`: per period three u32: pointer to the chunks' distances from the pixel in bytes (i32), their
 * number, pointer to the kernel of the first orientation; kernels follow each other. `turn` receives the
 * orientation index of each pixel, shifted left by 11: its sign says which half turn it is in.
 */
export function gabor(
  plane: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  classes: usize,
  shapes: usize,
  even: usize,
  odd: usize,
  turn: usize,
): void {
  const rowBytes = <usize>stride << 1
  const blockColumns = columns * 2
  const round = i32x4.splat(1 << (KERNEL_SHIFT - 1))
  for (let blockRow = 0; blockRow < rows * 2; blockRow++) {
    let at = <usize>(blockRow * 2) * rowBytes
    let classAt = classes + <usize>(blockRow * blockColumns) * 2
    for (let block = 0; block < blockColumns; block++, at += 4, classAt += 2) {
      const kind = load<u16>(classAt)
      if (kind === OUTSIDE) {
        storeBlock(even + at, rowBytes, i32x4.splat(0))
        storeBlock(odd + at, rowBytes, i32x4.splat(0))
        continue
      }
      const shape = shapes + <usize>(kind >> 5) * 12
      let offset = <usize>load<u32>(shape)
      const count = <usize>load<u32>(shape + 4)
      let kernel = <usize>load<u32>(shape + 8) + <usize>(kind & 31) * (count << 5)
      const end = offset + (count << 2)
      let e0 = i32x4.splat(0)
      let e1 = i32x4.splat(0)
      let e2 = i32x4.splat(0)
      let e3 = i32x4.splat(0)
      let o0 = i32x4.splat(0)
      let o1 = i32x4.splat(0)
      let o2 = i32x4.splat(0)
      let o3 = i32x4.splat(0)
      const pixel = plane + at
      for (; offset < end; offset += 4, kernel += 32) {
        const source = pixel + <isize>load<i32>(offset)
        const evenWeights = v128.load(kernel)
        const oddWeights = v128.load(kernel, 16)
        const p0 = v128.load(source)
        e0 = i32x4.add(e0, i32x4.dot_i16x8_s(p0, evenWeights))
        o0 = i32x4.add(o0, i32x4.dot_i16x8_s(p0, oddWeights))
        const p1 = v128.load(source, 2)
        e1 = i32x4.add(e1, i32x4.dot_i16x8_s(p1, evenWeights))
        o1 = i32x4.add(o1, i32x4.dot_i16x8_s(p1, oddWeights))
        const p2 = v128.load(source + rowBytes)
        e2 = i32x4.add(e2, i32x4.dot_i16x8_s(p2, evenWeights))
        o2 = i32x4.add(o2, i32x4.dot_i16x8_s(p2, oddWeights))
        const p3 = v128.load(source + rowBytes, 2)
        e3 = i32x4.add(e3, i32x4.dot_i16x8_s(p3, evenWeights))
        o3 = i32x4.add(o3, i32x4.dot_i16x8_s(p3, oddWeights))
      }
      storeBlock(even + at, rowBytes, i32x4.shr_s(i32x4.add(sums(e0, e1, e2, e3), round), KERNEL_SHIFT))
      storeBlock(odd + at, rowBytes, i32x4.shr_s(i32x4.add(sums(o0, o1, o2, o3), round), KERNEL_SHIFT))
      const turned = <u32>(kind & 31) << 11
      store<u32>(turn + at, turned | (turned << 16))
      store<u32>(turn + at + rowBytes, turned | (turned << 16))
    }
  }
}

/** The four lanes of each of four vectors, summed. */
@inline
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7))
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7))
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7))
}

/** Top left, top right, bottom left, bottom right. */
@inline
function storeBlock(to: usize, rowBytes: usize, values: v128): void {
  const narrow = i16x8.narrow_i32x4_s(values, values)
  v128.store_lane<u32>(to, narrow, 0)
  v128.store_lane<u32>(to + rowBytes, narrow, 1)
}
