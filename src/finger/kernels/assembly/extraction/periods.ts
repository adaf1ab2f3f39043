const SAMPLES = 49
const ACROSS = 24
const ALONG = 8
/** Samples are padded with zeros to whole vectors. */
const PADDED = 52

/**
 * For each of `count` points, the strongest period across the ridges.
 *
 * `points`: x, y in pixels and the unit normal, four f32 each. `tables`: the window (PADDED f32), then per
 * step of the spectrum the windowed cosine and sine (PADDED f32 each). `out`: the step of the peak with its
 * fraction, and its share of the signature's energy, two f32 each. `scratch` holds PADDED + steps floats.
 */
export function periods(
  plane: usize,
  stride: i32,
  points: usize,
  count: i32,
  tables: usize,
  steps: i32,
  out: usize,
  scratch: usize,
): void {
  const power = scratch + (PADDED << 2)
  let windowSum: f32 = 0
  let windowEnergy: f32 = 0
  for (let i: usize = 0; i < (<usize>SAMPLES) << 2; i += 4) {
    const weight = load<f32>(tables + i)
    windowSum += weight
    windowEnergy += weight * weight
  }
  memory.fill(scratch, 0, PADDED << 2)
  for (let n = 0; n < count; n++) {
    takeSignature(plane, stride, points + ((<usize>n) << 4), scratch)
    const mean = dot(scratch, tables) / windowSum
    let energy: f32 = 1
    for (let i: usize = 0; i < (<usize>SAMPLES) << 2; i += 4) {
      const level = load<f32>(scratch + i) - mean
      store<f32>(scratch + i, level)
      const weighted = level * load<f32>(tables + i)
      energy += weighted * weighted
    }
    let best = 0
    for (let step = 0; step < steps; step++) {
      const table = tables + ((<usize>(PADDED + step * 2 * PADDED)) << 2)
      const real = dot(scratch, table)
      const imaginary = dot(scratch, table + (PADDED << 2))
      store<f32>(power + ((<usize>step) << 2), real * real + imaginary * imaginary)
      if (load<f32>(power + ((<usize>step) << 2)) > load<f32>(power + ((<usize>best) << 2))) best = step
    }
    const peak = power + ((<usize>best) << 2)
    const share = (<f32>2 * windowEnergy * load<f32>(peak)) / (windowSum * windowSum * energy)
    let position = <f32>best
    if (best > 0 && best < steps - 1) {
      const before = load<f32>(peak - 4)
      const after = load<f32>(peak + 4)
      const curvature = before - <f32>2 * load<f32>(peak) + after
      if (curvature < 0) position += (<f32>0.5 * (before - after)) / curvature
    }
    store<f32>(out + ((<usize>n) << 3), position)
    store<f32>(out + ((<usize>n) << 3) + 4, min(share, <f32>1))
  }
}

/** Sums along the ridge at each step across it; nearest pixels, in 16.16 fixed point. */
function takeSignature(plane: usize, stride: i32, point: usize, signature: usize): void {
  const nx = <i32>nearest(load<f32>(point + 8) * 65536)
  const ny = <i32>nearest(load<f32>(point + 12) * 65536)
  // The signature starts at its far left, each sum at its near end.
  const x0 = <i32>nearest(load<f32>(point) * 65536) + 32768 - ACROSS * nx + ALONG * ny
  const y0 = <i32>nearest(load<f32>(point + 4) * 65536) + 32768 - ACROSS * ny - ALONG * nx
  for (let i = 0; i < SAMPLES; i++) {
    let x = x0 + i * nx
    let y = y0 + i * ny
    let sum = 0
    for (let along = 0; along <= 2 * ALONG; along++) {
      sum += <i32>load<i16>(plane + ((<isize>((y >> 16) * stride + (x >> 16))) << 1))
      x -= ny
      y += nx
    }
    store<f32>(signature + ((<usize>i) << 2), <f32>sum)
  }
}

function dot(a: usize, b: usize): f32 {
  let sum = f32x4.splat(0)
  for (let i: usize = 0; i < (<usize>PADDED) << 2; i += 16)
    sum = f32x4.add(sum, f32x4.mul(v128.load(a + i), v128.load(b + i)))
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    f32x4.extract_lane(sum, 2) +
    f32x4.extract_lane(sum, 3)
  )
}
