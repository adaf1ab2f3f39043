/**
 * Carrying points of one print over to the other while the skin may stretch: each point goes where the
 * pairs round it say (moving least squares; Schaefer, McPhail and Warren, "Image deformation using moving
 * least squares", 2006), four points at a time.
 */
import { column, countOf, paddedOf } from './print'

/** A pair's say at distance d: (1 + d² / 8σ²)⁻⁴, about a Gaussian of σ 50 px with a long tail. */
const DISTANCE_WEIGHT: f32 = 1 / (8 * 50 * 50)
/** A pair's own turn counts as much as a neighbour this far away, squared px. */
const TURN_LEVER: f32 = 25 * 25
const SCALE_MIN: f32 = 0.8
const SCALE_MAX: f32 = 1.25
/** From this many pairs on the map may shear and stretch, held back as by a lever this long, squared px. */
const AFFINE_PAIRS_MIN: i32 = 7
const AFFINE_LEVER: f32 = 25 * 25
/** Where a point that no pair carries goes. */
const NOWHERE: f32 = 1e9

/** The pairs as `carryAll` reads them: from, to, turn, weight (f32), and the index of the point (i32). */
export const fromX: usize = memory.data(100 * 4, 16)
export const fromY: usize = memory.data(100 * 4, 16)
export const toX: usize = memory.data(100 * 4, 16)
export const toY: usize = memory.data(100 * 4, 16)
export const turnCos: usize = memory.data(100 * 4, 16)
export const turnSin: usize = memory.data(100 * 4, 16)
export const say: usize = memory.data(100 * 4, 16)
export const index: usize = memory.data(100 * 4, 16)

/** Where each point lands: position, turn, and squared distance to the nearest pair (f32). */
export const landX: usize = memory.data(104 * 4, 16)
export const landY: usize = memory.data(104 * 4, 16)
export const landCos: usize = memory.data(104 * 4, 16)
export const landSin: usize = memory.data(104 * 4, 16)
export const landNearest: usize = memory.data(104 * 4, 16)

@inline
function times(a: v128, b: v128): v128 {
  return f32x4.mul(a, b)
}

/** Carries all minutiae of `print` by `pairs` pairs, each without its own pair. */
export function carryAll(print: usize, pairs: i32): void {
  const points = paddedOf(print)
  const lanes = i32x4(0, 1, 2, 3)
  for (let i = 0; i < points; i += 4) {
    const offset = <usize>i << 2
    const x = v128.load(column(print, 0) + offset)
    const y = v128.load(column(print, 1) + offset)
    carryFour(x, y, i32x4.add(i32x4.splat(i), lanes), pairs, offset)
  }
}

/** Carries one point by all pairs, to place 0 of the results. */
export function carryOne(x: f32, y: f32, pairs: i32): void {
  carryFour(f32x4.splat(x), f32x4.splat(y), i32x4.splat(-1), pairs, 0)
}

function carryFour(x: v128, y: v128, own: v128, pairs: i32, offset: usize): void {
  const one = f32x4.splat(1)
  let total = f32x4.splat(0)
  let px = total
  let py = total
  let qx = total
  let qy = total
  let pxx = total
  let pxy = total
  let pyy = total
  let qxpx = total
  let qxpy = total
  let qypx = total
  let qypy = total
  let cosSum = total
  let sinSum = total
  let nearest = f32x4.splat(1e12)
  for (let k: usize = 0; k < <usize>pairs << 2; k += 4) {
    const others = i32x4.ne(own, v128.load_splat<i32>(index + k))
    const ux = f32x4.sub(v128.load_splat<f32>(fromX + k), x)
    const uy = f32x4.sub(v128.load_splat<f32>(fromY + k), y)
    const vx = f32x4.sub(v128.load_splat<f32>(toX + k), x)
    const vy = f32x4.sub(v128.load_splat<f32>(toY + k), y)
    const squared = f32x4.add(times(ux, ux), times(uy, uy))
    nearest = v128.bitselect(f32x4.min(nearest, squared), nearest, others)
    let near = f32x4.div(one, f32x4.add(one, times(squared, f32x4.splat(DISTANCE_WEIGHT))))
    near = times(near, near)
    near = times(near, near)
    const w = v128.and(times(near, v128.load_splat<f32>(say + k)), others)
    const wux = times(w, ux)
    const wuy = times(w, uy)
    total = f32x4.add(total, w)
    px = f32x4.add(px, wux)
    py = f32x4.add(py, wuy)
    qx = f32x4.add(qx, times(w, vx))
    qy = f32x4.add(qy, times(w, vy))
    pxx = f32x4.add(pxx, times(wux, ux))
    pxy = f32x4.add(pxy, times(wux, uy))
    pyy = f32x4.add(pyy, times(wuy, uy))
    qxpx = f32x4.add(qxpx, times(wux, vx))
    qxpy = f32x4.add(qxpy, times(wuy, vx))
    qypx = f32x4.add(qypx, times(wux, vy))
    qypy = f32x4.add(qypy, times(wuy, vy))
    cosSum = f32x4.add(cosSum, times(w, v128.load_splat<f32>(turnCos + k)))
    sinSum = f32x4.add(sinSum, times(w, v128.load_splat<f32>(turnSin + k)))
  }
  const carried = f32x4.gt(total, f32x4.splat(1e-9))
  const inverse = f32x4.div(one, f32x4.max(total, f32x4.splat(1e-9)))
  px = times(px, inverse)
  py = times(py, inverse)
  qx = times(qx, inverse)
  qy = times(qy, inverse)
  pxx = f32x4.sub(times(pxx, inverse), times(px, px))
  pxy = f32x4.sub(times(pxy, inverse), times(px, py))
  pyy = f32x4.sub(times(pyy, inverse), times(py, py))
  qxpx = f32x4.sub(times(qxpx, inverse), times(qx, px))
  qxpy = f32x4.sub(times(qxpy, inverse), times(qx, py))
  qypx = f32x4.sub(times(qypx, inverse), times(qy, px))
  qypy = f32x4.sub(times(qypy, inverse), times(qy, py))
  // The similarity: what turns and scales the one's second moments into the other's.
  const lever = f32x4.splat(TURN_LEVER)
  const cosPart = f32x4.add(f32x4.add(qxpx, qypy), times(lever, times(cosSum, inverse)))
  const sinPart = f32x4.add(f32x4.sub(qypx, qxpy), times(lever, times(sinSum, inverse)))
  const length = f32x4.sqrt(
    f32x4.max(f32x4.add(times(cosPart, cosPart), times(sinPart, sinPart)), f32x4.splat(1e-12)),
  )
  const spread = f32x4.add(f32x4.add(pxx, pyy), lever)
  const scale = f32x4.min(
    f32x4.max(f32x4.div(length, spread), f32x4.splat(SCALE_MIN)),
    f32x4.splat(SCALE_MAX),
  )
  const cos = f32x4.div(cosPart, length)
  const sin = f32x4.div(sinPart, length)
  const c = times(cos, scale)
  const s = times(sin, scale)
  let m00 = c
  let m01 = f32x4.neg(s)
  let m10 = s
  let m11 = c
  if (pairs >= AFFINE_PAIRS_MIN) {
    const hold = f32x4.splat(AFFINE_LEVER)
    const h00 = f32x4.add(pxx, hold)
    const h11 = f32x4.add(pyy, hold)
    const g00 = f32x4.add(qxpx, times(hold, c))
    const g01 = f32x4.sub(qxpy, times(hold, s))
    const g10 = f32x4.add(qypx, times(hold, s))
    const g11 = f32x4.add(qypy, times(hold, c))
    const determinant = f32x4.div(one, f32x4.sub(times(h00, h11), times(pxy, pxy)))
    m00 = times(f32x4.sub(times(g00, h11), times(g01, pxy)), determinant)
    m01 = times(f32x4.sub(times(g01, h00), times(g00, pxy)), determinant)
    m10 = times(f32x4.sub(times(g10, h11), times(g11, pxy)), determinant)
    m11 = times(f32x4.sub(times(g11, h00), times(g10, pxy)), determinant)
  }
  const landedX = f32x4.add(x, f32x4.sub(qx, f32x4.add(times(m00, px), times(m01, py))))
  const landedY = f32x4.add(y, f32x4.sub(qy, f32x4.add(times(m10, px), times(m11, py))))
  const nowhere = f32x4.splat(NOWHERE)
  v128.store(landX + offset, v128.bitselect(landedX, nowhere, carried))
  v128.store(landY + offset, v128.bitselect(landedY, nowhere, carried))
  v128.store(landCos + offset, cos)
  v128.store(landSin + offset, sin)
  v128.store(landNearest + offset, nearest)
}
