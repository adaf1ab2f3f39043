import { blendAtPixel, pixelsOfCell } from './fields'

const LEVEL: f32 = 2048

/**
 * (grey level - mean) × gain, limited to ±2.5, into a plane. `scratch` holds two lines of
 * columns + 8 floats.
 */
export function normalise(
  pixels: usize,
  pixelStride: i32,
  columns: i32,
  rows: i32,
  mean: usize,
  gain: usize,
  plane: usize,
  stride: i32,
  scratch: usize,
): void {
  const means = scratch + 16
  const gains = means + (<usize>(columns + 8) << 2)
  const limit = f32x4.splat(LEVEL * 2.5)
  const lower = f32x4.splat(LEVEL * -2.5)
  const scale = f32x4.splat(LEVEL)
  for (let y = 0; y < rows * 4; y++) {
    blendAtPixel(mean, columns, rows, y, means)
    blendAtPixel(gain, columns, rows, y, gains)
    let from = pixels + <usize>(y * pixelStride)
    let to = plane + (<usize>(y * stride) << 1)
    for (let cell: usize = 0; cell < <usize>columns << 2; cell += 8) {
      const levels = v128.load_ext<u8>(from)
      let first = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(levels))
      let second = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(levels))
      first = f32x4.mul(f32x4.sub(first, pixelsOfCell(means, cell)), pixelsOfCell(gains, cell))
      second = f32x4.mul(f32x4.sub(second, pixelsOfCell(means, cell + 4)), pixelsOfCell(gains, cell + 4))
      first = f32x4.max(f32x4.min(f32x4.mul(first, scale), limit), lower)
      second = f32x4.max(f32x4.min(f32x4.mul(second, scale), limit), lower)
      v128.store(to, narrow(first, second))
      from += 8
      to += 16
    }
  }
}

@inline
function narrow(first: v128, second: v128): v128 {
  return i16x8.narrow_i32x4_s(
    i32x4.trunc_sat_f32x4_s(f32x4.nearest(first)),
    i32x4.trunc_sat_f32x4_s(f32x4.nearest(second)),
  )
}

/**
 * Squared gradients of a plane, as complex numbers, summed by cell: cosine and sine of the doubled angle
 * and the energy. `first` and `second` are planes for intermediate results.
 */
export function tensor(
  plane: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  first: usize,
  second: usize,
  cosine: usize,
  sine: usize,
  energy: usize,
): void {
  const rowBytes = <usize>stride << 1
  const widthPx = columns * 4
  const heightPx = rows * 4
  // Twice 1-2-1 in both directions: a Gaussian of deviation 1.
  soften(plane, first, rowBytes, 2, widthPx, heightPx, 4)
  soften(first, second, rowBytes, rowBytes, widthPx, heightPx, 3)
  soften(second, first, rowBytes, 2, widthPx, heightPx, 3)
  soften(first, second, rowBytes, rowBytes, widthPx, heightPx, 2)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += 2) {
      let xx = i32x4.splat(0)
      let yy = i32x4.splat(0)
      let xy = i32x4.splat(0)
      let at = second + <usize>(row * 4) * rowBytes + (<usize>(column * 4) << 1)
      for (let y = 0; y < 4; y++) {
        const above = at - rowBytes
        const below = at + rowBytes
        const gx = i16x8.shr_s(
          i16x8.add(i16x8.add(across(above), across(below)), i16x8.shl(across(at), 1)),
          3,
        )
        const gy = i16x8.shr_s(i16x8.sub(along(below), along(above)), 2)
        xx = i32x4.add(xx, i32x4.dot_i16x8_s(gx, gx))
        yy = i32x4.add(yy, i32x4.dot_i16x8_s(gy, gy))
        xy = i32x4.add(xy, i32x4.dot_i16x8_s(gx, gy))
        at += rowBytes
      }
      const cell = <usize>(row * columns + column) << 2
      storeCells(cosine + cell, i32x4.sub(xx, yy))
      storeCells(sine + cell, i32x4.shl(xy, 1))
      storeCells(energy + cell, i32x4.add(xx, yy))
    }
  }
}

/** (a + 2b + c) / 4 along one direction; `step` is the distance in bytes. Covers `extra` rows beyond. */
function soften(
  from: usize,
  to: usize,
  rowBytes: usize,
  step: usize,
  widthPx: i32,
  heightPx: i32,
  extra: i32,
): void {
  for (let y = -extra; y < heightPx + extra; y++) {
    const line = <isize>y * <isize>rowBytes
    for (let x = -8; x < widthPx + 8; x += 8) {
      const offset = line + (<isize>x << 1)
      const at = from + offset
      const sides = i16x8.add(v128.load(at - step), v128.load(at + step))
      v128.store(to + offset, i16x8.shr_s(i16x8.add(sides, i16x8.shl(v128.load(at), 1)), 2))
    }
  }
}

/** Half the difference of the right and the left neighbour. */
@inline
function across(at: usize): v128 {
  return i16x8.shr_s(i16x8.sub(v128.load(at + 2), v128.load(at - 2)), 1)
}

/** Half of left + 2 × middle + right, so that its difference over rows is on the scale of `across`. */
@inline
function along(at: usize): v128 {
  const sides = i16x8.add(v128.load(at + 2), v128.load(at - 2))
  return i16x8.shr_s(i16x8.add(sides, i16x8.shl(v128.load(at), 1)), 2)
}

/** Four sums of pairs of pixels are two cells. */
@inline
function storeCells(to: usize, pairs: v128): void {
  store<f32>(to, <f32>(i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1)))
  store<f32>(to + 4, <f32>(i32x4.extract_lane(pairs, 2) + i32x4.extract_lane(pairs, 3)))
}

/** Per cell, the sums of the ridge wave's energy and of the plane's, on one scale. */
export function clarity(
  plane: usize,
  even: usize,
  odd: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  wave: usize,
  total: usize,
): void {
  const rowBytes = <usize>stride << 1
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += 2) {
      let waveSum = i32x4.splat(0)
      let totalSum = i32x4.splat(0)
      let at = <usize>(row * 4) * rowBytes + (<usize>(column * 4) << 1)
      for (let y = 0; y < 4; y++) {
        const e = v128.load(even + at)
        const o = v128.load(odd + at)
        const p = v128.load(plane + at)
        const energy = i32x4.add(i32x4.dot_i16x8_s(e, e), i32x4.dot_i16x8_s(o, o))
        waveSum = i32x4.add(waveSum, i32x4.shr_s(energy, 4))
        totalSum = i32x4.add(totalSum, i32x4.shr_s(i32x4.dot_i16x8_s(p, p), 3))
        at += rowBytes
      }
      const cell = <usize>(row * columns + column) << 2
      storeCells(wave + cell, waveSum)
      storeCells(total + cell, totalSum)
    }
  }
}

/**
 * The ridge wave with its amplitude made even, times a field of weights, into a plane.
 * `scratch` holds a line of columns + 8 floats.
 */
export function evenContrast(
  even: usize,
  odd: usize,
  stride: i32,
  columns: i32,
  rows: i32,
  weight: usize,
  plane: usize,
  scratch: usize,
): void {
  const weights = scratch + 16
  for (let y = 0; y < rows * 4; y++) {
    blendAtPixel(weight, columns, rows, y, weights)
    const line = <usize>(y * stride) << 1
    for (let cell: usize = 0; cell < <usize>columns << 2; cell += 8) {
      const at = line + (cell << 1)
      const e = v128.load(even + at)
      const o = v128.load(odd + at)
      const first = evened(
        f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(e)),
        f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(o)),
        pixelsOfCell(weights, cell),
      )
      const second = evened(
        f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(e)),
        f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(o)),
        pixelsOfCell(weights, cell + 4),
      )
      v128.store(plane + at, narrow(first, second))
    }
  }
}

@inline
function evened(e: v128, o: v128, weight: v128): v128 {
  const amplitude = f32x4.sqrt(f32x4.add(f32x4.mul(e, e), f32x4.mul(o, o)))
  const share = f32x4.div(e, f32x4.add(amplitude, f32x4.splat(LEVEL * 0.15)))
  return f32x4.mul(f32x4.mul(share, weight), f32x4.splat(LEVEL * 2))
}
