/** The weights of one ridge filter, made when the first finger needs them: hundreds, each of hundreds of weights. */

const CHUNK_PX = 8
const REACH_MAX = 24
const CHUNKS_MAX = 128
const WEIGHTS_MAX = 1024
/** Sums of products stay below 2^31: a plane holds at most 2.5 × 2048, a kernel sums up to at most 2. */
const KERNEL_SCALE: f64 = 131072

/** Where the caller puts the chunks: x and y of the first of eight pixels, two i32 each. */
const chunks: usize = memory.data(8 * 128, 16)
const windowX: usize = memory.data(8 * 577, 16)
const windowY: usize = memory.data(8 * 577, 16)
const together: usize = memory.data(8 * 577, 16)
const opposite: usize = memory.data(8 * 577, 16)
const cosineX: usize = memory.data(8 * 25, 16)
const sineX: usize = memory.data(8 * 25, 16)
const cosineY: usize = memory.data(8 * 25, 16)
const sineY: usize = memory.data(8 * 25, 16)
const window: usize = memory.data(8 * 1024, 16)
const cosine: usize = memory.data(8 * 1024, 16)
const sine: usize = memory.data(8 * 1024, 16)

export function filterChunks(): usize {
  return chunks
}

@inline
function at(table: usize, index: i32): f64 {
  return load<f64>(table + (<usize>index << 3))
}

@inline
function put(table: usize, index: i32, value: f64): void {
  store<f64>(table + (<usize>index << 3), value)
}

/** 1, base, base², … */
function powers(table: usize, base: f64, count: i32): void {
  put(table, 0, 1)
  for (let i = 1; i <= count; i++) put(table, i, at(table, i - 1) * base)
}

/** Cosine and sine of 0, angle, 2·angle, … */
function waves(cosines: usize, sines: usize, cos: f64, sin: f64, count: i32): void {
  put(cosines, 0, 1)
  put(sines, 0, 0)
  for (let i = 1; i <= count; i++) {
    put(cosines, i, at(cosines, i - 1) * cos - at(sines, i - 1) * sin)
    put(sines, i, at(sines, i - 1) * cos + at(cosines, i - 1) * sin)
  }
}

/**
 * Writes one complex Gabor filter over `count` chunks: eight even weights, then eight odd, i16 each, at `out`.
 * Its even part has no response to a constant; to a wave of amplitude 1 and its own period it responds with an
 * amplitude of 1. At (x, y) the window is x2^(x²) · y2^(y²) · xy^(xy), and 0 beyond the radius; the wave turns
 * by the angle of (cosX, sinX) a pixel along x and of (cosY, sinY) along y. At most CHUNKS_MAX chunks within
 * REACH_MAX pixels.
 */
export function ridgeFilter(
  count: i32,
  radiusPx: f64,
  x2: f64,
  y2: f64,
  xy: f64,
  minusXy: f64,
  cosX: f64,
  sinX: f64,
  cosY: f64,
  sinY: f64,
  out: usize,
): void {
  const reach = min(REACH_MAX, <i32>ceil(radiusPx + CHUNK_PX))
  powers(windowX, x2, reach * reach)
  powers(windowY, y2, reach * reach)
  powers(together, xy, reach * reach)
  powers(opposite, minusXy, reach * reach)
  waves(cosineX, sineX, cosX, sinX, reach)
  waves(cosineY, sineY, cosY, sinY, reach)
  const length = min(count, CHUNKS_MAX) * CHUNK_PX
  memory.fill(window, 0, 8 * WEIGHTS_MAX)
  let windowSum: f64 = 0
  let evenSum: f64 = 0
  for (let i = 0; i < length; i++) {
    const chunk = chunks + (<usize>(i / CHUNK_PX) << 3)
    const x = load<i32>(chunk) + (i % CHUNK_PX)
    const y = load<i32>(chunk, 4)
    if (<f64>(x * x + y * y) > radiusPx * radiusPx) continue
    const level = at(windowX, x * x) * at(windowY, y * y) * (x * y < 0 ? at(opposite, -x * y) : at(together, x * y))
    const signedX = x < 0 ? -at(sineX, -x) : at(sineX, x)
    const signedY = y < 0 ? -at(sineY, -y) : at(sineY, y)
    const even = at(cosineX, abs(x)) * at(cosineY, abs(y)) - signedX * signedY
    put(window, i, level)
    put(cosine, i, even)
    put(sine, i, signedX * at(cosineY, abs(y)) + at(cosineX, abs(x)) * signedY)
    windowSum += level
    evenSum += level * even
  }
  writeWeights(length, evenSum / windowSum, out)
}

function writeWeights(length: i32, constant: f64, out: usize): void {
  let evenGain: f64 = 0
  let oddGain: f64 = 0
  for (let i = 0; i < length; i++) {
    evenGain += at(window, i) * (at(cosine, i) - constant) * at(cosine, i)
    oddGain += at(window, i) * at(sine, i) * at(sine, i)
  }
  for (let i = 0; i < length; i++) {
    const to = out + (<usize>(2 * i - (i % CHUNK_PX)) << 1)
    const even = (KERNEL_SCALE * at(window, i) * (at(cosine, i) - constant)) / evenGain
    const odd = (-KERNEL_SCALE * at(window, i) * at(sine, i)) / oddGain
    store<i16>(to, <i16>floor(even + 0.5))
    store<i16>(to, <i16>floor(odd + 0.5), 2 * CHUNK_PX)
  }
}
