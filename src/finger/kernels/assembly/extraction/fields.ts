/** Per cell, the mean of the 4 × 4 grey levels and of their squares. */
export function moments(pixels: usize, columns: i32, rows: i32, mean: usize, square: usize): void {
  const stride = <usize>(columns * 4)
  const scale = f32x4.splat(1.0 / 16.0)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column += 4) {
      let sum = i32x4.splat(0)
      let low = i32x4.splat(0)
      let high = i32x4.splat(0)
      let at = pixels + <usize>(row * 4) * stride + <usize>(column * 4)
      for (let y = 0; y < 4; y++) {
        const levels = v128.load(at)
        sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(levels)))
        low = i32x4.add(low, i32x4.extadd_pairwise_i16x8_u(i16x8.extmul_low_i8x16_u(levels, levels)))
        high = i32x4.add(high, i32x4.extadd_pairwise_i16x8_u(i16x8.extmul_high_i8x16_u(levels, levels)))
        at += stride
      }
      const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6)
      const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7)
      const cell = <usize>(row * columns + column) << 2
      v128.store(mean + cell, f32x4.mul(f32x4.convert_i32x4_s(sum), scale))
      v128.store(square + cell, f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(even, odd)), scale))
    }
  }
}

/**
 * Gaussian blur in place by `radius + 1` weights, the middle one first. Near the border the weights that
 * fall outside are left out and the others scaled up. `scratch` holds
 * columns × rows + 2 × columns + rows + 2 × radius floats.
 */
export function blur(
  field: usize,
  columns: i32,
  rows: i32,
  weights: usize,
  radius: i32,
  scratch: usize,
): void {
  const rowBytes = <usize>columns << 2
  const vertical = scratch
  const columnGains = vertical + <usize>rows * rowBytes
  const rowGains = columnGains + rowBytes
  const line = rowGains + (<usize>rows << 2)
  gains(columnGains, columns, weights, radius)
  gains(rowGains, rows, weights, radius)
  for (let row = 0; row < rows; row++) {
    const gain = v128.load_splat<f32>(rowGains + (<usize>row << 2))
    const out = vertical + <usize>row * rowBytes
    let column: usize = 0
    for (; column + 48 < rowBytes; column += 64)
      blurColumns(field + column, rowBytes, rows, row, weights, radius, gain, out + column)
    for (; column < rowBytes; column += 16)
      blurColumn(field + column, rowBytes, rows, row, weights, radius, gain, out + column)
  }
  const side = <usize>radius << 2
  memory.fill(line, 0, side)
  memory.fill(line + side + rowBytes, 0, side)
  for (let row = 0; row < rows; row++) {
    memory.copy(line + side, vertical + <usize>row * rowBytes, rowBytes)
    const out = field + <usize>row * rowBytes
    let column: usize = 0
    for (; column + 48 < rowBytes; column += 64)
      blurAlongFour(line + side + column, weights, side, columnGains + column, out + column)
    for (; column < rowBytes; column += 16)
      blurAlong(line + side + column, weights, side, columnGains + column, out + column)
  }
}

// Additions that wait for each other are what a blur costs: where there is room, four vectors at once.

function blurColumns(
  field: usize,
  rowBytes: usize,
  rows: i32,
  row: i32,
  weights: usize,
  radius: i32,
  gain: v128,
  out: usize,
): void {
  const to = min(rows - 1, row + radius)
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  let c = f32x4.splat(0)
  let d = f32x4.splat(0)
  for (let other = max(0, row - radius); other <= to; other++) {
    const weight = v128.load_splat<f32>(weights + (<usize>abs(other - row) << 2))
    const at = field + <usize>other * rowBytes
    a = f32x4.add(a, f32x4.mul(weight, v128.load(at)))
    b = f32x4.add(b, f32x4.mul(weight, v128.load(at, 16)))
    c = f32x4.add(c, f32x4.mul(weight, v128.load(at, 32)))
    d = f32x4.add(d, f32x4.mul(weight, v128.load(at, 48)))
  }
  v128.store(out, f32x4.mul(a, gain))
  v128.store(out, f32x4.mul(b, gain), 16)
  v128.store(out, f32x4.mul(c, gain), 32)
  v128.store(out, f32x4.mul(d, gain), 48)
}

function blurColumn(
  field: usize,
  rowBytes: usize,
  rows: i32,
  row: i32,
  weights: usize,
  radius: i32,
  gain: v128,
  out: usize,
): void {
  const to = min(rows - 1, row + radius)
  let sum = f32x4.splat(0)
  for (let other = max(0, row - radius); other <= to; other++) {
    const weight = v128.load_splat<f32>(weights + (<usize>abs(other - row) << 2))
    sum = f32x4.add(sum, f32x4.mul(weight, v128.load(field + <usize>other * rowBytes)))
  }
  v128.store(out, f32x4.mul(sum, gain))
}

function blurAlongFour(middle: usize, weights: usize, side: usize, gains: usize, out: usize): void {
  const first = v128.load_splat<f32>(weights)
  let a = f32x4.mul(first, v128.load(middle))
  let b = f32x4.mul(first, v128.load(middle, 16))
  let c = f32x4.mul(first, v128.load(middle, 32))
  let d = f32x4.mul(first, v128.load(middle, 48))
  for (let step: usize = 4; step <= side; step += 4) {
    const weight = v128.load_splat<f32>(weights + step)
    const left = middle - step
    const right = middle + step
    a = f32x4.add(a, f32x4.mul(weight, f32x4.add(v128.load(left), v128.load(right))))
    b = f32x4.add(b, f32x4.mul(weight, f32x4.add(v128.load(left, 16), v128.load(right, 16))))
    c = f32x4.add(c, f32x4.mul(weight, f32x4.add(v128.load(left, 32), v128.load(right, 32))))
    d = f32x4.add(d, f32x4.mul(weight, f32x4.add(v128.load(left, 48), v128.load(right, 48))))
  }
  v128.store(out, f32x4.mul(a, v128.load(gains)))
  v128.store(out, f32x4.mul(b, v128.load(gains, 16)), 16)
  v128.store(out, f32x4.mul(c, v128.load(gains, 32)), 32)
  v128.store(out, f32x4.mul(d, v128.load(gains, 48)), 48)
}

function blurAlong(middle: usize, weights: usize, side: usize, gains: usize, out: usize): void {
  let sum = f32x4.mul(v128.load_splat<f32>(weights), v128.load(middle))
  for (let step: usize = 4; step <= side; step += 4) {
    const pair = f32x4.add(v128.load(middle - step), v128.load(middle + step))
    sum = f32x4.add(sum, f32x4.mul(v128.load_splat<f32>(weights + step), pair))
  }
  v128.store(out, f32x4.mul(sum, v128.load(gains)))
}

/** At each place of a line, one over the sum of the weights that fall inside it. */
function gains(out: usize, length: i32, weights: usize, radius: i32): void {
  for (let i = 0; i < length; i++) {
    let sum: f32 = 0
    for (let j = max(0, i - radius); j <= min(length - 1, i + radius); j++)
      sum += load<f32>(weights + (<usize>abs(j - i) << 2))
    store<f32>(out + (<usize>i << 2), <f32>1 / sum)
  }
}

/** Adds `weight` × (cosine, sine) / energy to the sums; `count` is a multiple of 4. */
export function addScaled(
  cosine: usize,
  sine: usize,
  energy: usize,
  weight: f32,
  count: i32,
  cosineSum: usize,
  sineSum: usize,
): void {
  const bytes = <usize>count << 2
  for (let i: usize = 0; i < bytes; i += 16) {
    const share = f32x4.div(f32x4.splat(weight), f32x4.add(v128.load(energy + i), f32x4.splat(1e-3)))
    v128.store(
      cosineSum + i,
      f32x4.add(v128.load(cosineSum + i), f32x4.mul(share, v128.load(cosine + i))),
    )
    v128.store(sineSum + i, f32x4.add(v128.load(sineSum + i), f32x4.mul(share, v128.load(sine + i))))
  }
}

/**
 * One line between the rows of a field: `share` of the way from row `upper` to row `upper + 1`, both
 * clamped to the field, with its first and last value repeated once before and after. `out` is the first
 * value's place; 4 bytes before it and after its end are written too.
 */
export function blendRows(
  field: usize,
  columns: i32,
  rows: i32,
  upper: i32,
  share: f32,
  out: usize,
): void {
  const rowBytes = <usize>columns << 2
  const above = field + <usize>max(upper, 0) * rowBytes
  const below = field + <usize>min(upper + 1, rows - 1) * rowBytes
  const weight = f32x4.splat(share)
  for (let i: usize = 0; i < rowBytes; i += 16) {
    const first = v128.load(above + i)
    v128.store(out + i, f32x4.add(first, f32x4.mul(weight, f32x4.sub(v128.load(below + i), first))))
  }
  store<f32>(out - 4, load<f32>(out))
  store<f32>(out + rowBytes, load<f32>(out + rowBytes - 4))
}

/** `blendRows` for a row of pixels. */
export function blendAtPixel(field: usize, columns: i32, rows: i32, y: i32, out: usize): void {
  const part = y & 3
  const upper = (y >> 2) - (part < 2 ? 1 : 0)
  const share: f32 = part === 0 ? 0.625 : part === 1 ? 0.875 : part === 2 ? 0.125 : 0.375
  blendRows(field, columns, rows, upper, share, out)
}

/** The four pixels of a cell, from a line of `blendRows`: bilinear between cell centres. */
@inline
export function pixelsOfCell(line: usize, cell: usize): v128 {
  const at = line + cell
  return f32x4.add(
    f32x4.add(
      f32x4.mul(v128.load_splat<f32>(at - 4), f32x4(0.375, 0.125, 0, 0)),
      f32x4.mul(v128.load_splat<f32>(at), f32x4(0.625, 0.875, 0.875, 0.625)),
    ),
    f32x4.mul(v128.load_splat<f32>(at + 4), f32x4(0, 0, 0.125, 0.375)),
  )
}
