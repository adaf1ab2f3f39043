/**
 * Laying one print over the other while the skin may stretch: every minutia is carried over by the
 * paired minutiae round it (moving least squares; Schaefer, McPhail and Warren, "Image deformation using
 * moving least squares", 2006), never by its own pair, so that how far it lands from its mate says
 * something about the pair.
 */
import { exp } from '../kernels/elementary.ts'
import { MINUTIAE_MAX } from '../template/template.ts'
import { likeness } from './local.ts'
import type { Prepared } from './prepare.ts'
import type { Seed } from './relaxation.ts'

const ROUNDS = 3
const SIGMA_PX = 55
/** What a pair's own turn counts beside the positions, as if this far from the middle. */
const TURN_LEVER_PX = 25
const SCALE_MIN = 0.8
const SCALE_MAX = 1.25
/** From this many pairs on, the map may shear and stretch, held to the similarity by this many px. */
const AFFINE_PAIRS_MIN = 6
const AFFINE_LEVER_PX = 25
const TOLERANCE_PX = 9
const TOLERANCE_PX_MAX = 20
const TOLERANCE_GROWTH = 0.08
/** cos 0.6 rad. */
const TURN_COS_MIN = 0.825

/** exp(-d²/2σ²) by d² / 64, with a floor: a lone far pair still says where things are. */
const WEIGHT_STEP = 64
const weights = Float64Array.from(
  { length: 1024 },
  (_, k) => exp(-((k + 0.5) * WEIGHT_STEP) / (2 * SIGMA_PX * SIGMA_PX)) + 1e-4,
)

/** One-to-one pairs under a common smooth map. */
export interface Alignment {
  count: number
  readonly a: Uint8Array
  readonly b: Uint8Array
  /** How far the minutia of `a`, carried over without its own pair, lands from its mate: px. */
  readonly residualPx: Float64Array
  /** Cosine of the difference in direction there. */
  readonly turnCos: Float64Array
  /** Trust in the pair, 0…1. */
  readonly weight: Float64Array
  /** Sum of weights × local likeness. */
  strength: number
}

export function newAlignment(): Alignment {
  return {
    count: 0,
    a: new Uint8Array(MINUTIAE_MAX),
    b: new Uint8Array(MINUTIAE_MAX),
    residualPx: new Float64Array(MINUTIAE_MAX),
    turnCos: new Float64Array(MINUTIAE_MAX),
    weight: new Float64Array(MINUTIAE_MAX),
    strength: 0,
  }
}

/** Where a point goes: position, turn as a unit vector, and distance to the nearest pair that says so. */
export const carried = { xPx: 0, yPx: 0, cos: 1, sin: 0, nearestPx: 0 }

/** Carries (x, y) of `from` over to `to` by the pairs, all but the one of minutia `except`. */
export function carry(
  from: Prepared,
  to: Prepared,
  fromIndex: Uint8Array,
  toIndex: Uint8Array,
  pairWeight: Float64Array,
  count: number,
  x: number,
  y: number,
  except: number,
): boolean {
  let total = 0
  let px = 0
  let py = 0
  let qx = 0
  let qy = 0
  let pp = 0
  let pxx = 0
  let pxy = 0
  let pyy = 0
  let qxpx = 0
  let qxpy = 0
  let qypx = 0
  let qypy = 0
  let turnCos = 0
  let turnSin = 0
  let nearest = Number.POSITIVE_INFINITY
  let used = 0
  for (let k = 0; k < count; k++) {
    const i = fromIndex[k]
    if (i === except) continue
    const j = toIndex[k]
    const ux = from.xPx[i] - x
    const uy = from.yPx[i] - y
    const squared = ux * ux + uy * uy
    if (squared < nearest) nearest = squared
    const w = pairWeight[k] * weights[Math.min(1023, (squared / WEIGHT_STEP) | 0)]
    const vx = to.xPx[j] - x
    const vy = to.yPx[j] - y
    used++
    total += w
    px += w * ux
    py += w * uy
    qx += w * vx
    qy += w * vy
    pxx += w * ux * ux
    pxy += w * ux * uy
    pyy += w * uy * uy
    qxpx += w * vx * ux
    qxpy += w * vx * uy
    qypx += w * vy * ux
    qypy += w * vy * uy
    turnCos += w * (to.cos[j] * from.cos[i] + to.sin[j] * from.sin[i])
    turnSin += w * (to.sin[j] * from.cos[i] - to.cos[j] * from.sin[i])
  }
  if (!(total > 1e-12)) return false
  const inverse = 1 / total
  px *= inverse
  py *= inverse
  qx *= inverse
  qy *= inverse
  pxx = pxx * inverse - px * px
  pxy = pxy * inverse - px * py
  pyy = pyy * inverse - py * py
  qxpx = qxpx * inverse - qx * px
  qxpy = qxpy * inverse - qx * py
  qypx = qypx * inverse - qy * px
  qypy = qypy * inverse - qy * py
  pp = pxx + pyy
  const lever = TURN_LEVER_PX * TURN_LEVER_PX
  let c = qxpx + qypy + lever * turnCos * inverse
  let s = qypx - qxpy + lever * turnSin * inverse
  const length = Math.sqrt(c * c + s * s)
  if (!(length > 1e-9)) return false
  const scale = Math.min(SCALE_MAX, Math.max(SCALE_MIN, length / (pp + lever)))
  carried.cos = c / length
  carried.sin = s / length
  c = carried.cos * scale
  s = carried.sin * scale
  let m00 = c
  let m01 = -s
  let m10 = s
  let m11 = c
  if (used >= AFFINE_PAIRS_MIN) {
    const hold = AFFINE_LEVER_PX * AFFINE_LEVER_PX
    const h00 = pxx + hold
    const h11 = pyy + hold
    const determinant = h00 * h11 - pxy * pxy
    const g00 = qxpx + hold * c
    const g01 = qxpy - hold * s
    const g10 = qypx + hold * s
    const g11 = qypy + hold * c
    m00 = (g00 * h11 - g01 * pxy) / determinant
    m01 = (g01 * h00 - g00 * pxy) / determinant
    m10 = (g10 * h11 - g11 * pxy) / determinant
    m11 = (g11 * h00 - g10 * pxy) / determinant
  }
  carried.xPx = x + qx - m00 * px - m01 * py
  carried.yPx = y + qy - m10 * px - m11 * py
  carried.nearestPx = Math.sqrt(nearest)
  return true
}

const CANDIDATES_MAX = 1024
const COST_LEVELS = 256
const candidate = {
  a: new Uint8Array(CANDIDATES_MAX),
  b: new Uint8Array(CANDIDATES_MAX),
  residualPx: new Float64Array(CANDIDATES_MAX),
  turnCos: new Float64Array(CANDIDATES_MAX),
  cost: new Uint8Array(CANDIDATES_MAX),
}
const costStart = new Int32Array(COST_LEVELS + 1)
const byCost = new Uint16Array(CANDIDATES_MAX)
const usedA = new Uint8Array(MINUTIAE_MAX)
const usedB = new Uint8Array(MINUTIAE_MAX)

/** Grows `seed` into the alignment of all that fits; the result stands in `alignment`. */
export function align(a: Prepared, b: Prepared, seed: Seed, alignment: Alignment): void {
  alignment.count = seed.count
  for (let k = 0; k < seed.count; k++) {
    alignment.a[k] = seed.a[k]
    alignment.b[k] = seed.b[k]
    alignment.weight[k] = likeness[seed.a[k] * b.count + seed.b[k]]
  }
  for (let round = 0; round < ROUNDS; round++) pairUp(a, b, alignment, findCandidates(a, b, alignment))
}

function findCandidates(a: Prepared, b: Prepared, alignment: Alignment): number {
  let found = 0
  for (let i = 0; i < a.count; i++) {
    const ok = carry(a, b, alignment.a, alignment.b, alignment.weight, alignment.count, a.xPx[i], a.yPx[i], i)
    if (!ok) continue
    const { xPx, yPx } = carried
    const tolerance = Math.min(TOLERANCE_PX_MAX, TOLERANCE_PX + TOLERANCE_GROWTH * carried.nearestPx)
    const cos = carried.cos * a.cos[i] - carried.sin * a.sin[i]
    const sin = carried.sin * a.cos[i] + carried.cos * a.sin[i]
    for (let j = 0; j < b.count && found < CANDIDATES_MAX; j++) {
      const dx = b.xPx[j] - xPx
      if (dx > tolerance || dx < -tolerance) continue
      const dy = b.yPx[j] - yPx
      const squared = dx * dx + dy * dy
      if (squared > tolerance * tolerance) continue
      const turnCos = cos * b.cos[j] + sin * b.sin[j]
      if (turnCos < TURN_COS_MIN) continue
      const distance = Math.sqrt(squared)
      candidate.a[found] = i
      candidate.b[found] = j
      candidate.residualPx[found] = distance
      candidate.turnCos[found] = turnCos
      const cost = distance / tolerance + (1 - turnCos) / (1 - TURN_COS_MIN) - likeness[i * b.count + j]
      candidate.cost[found++] = Math.max(0, Math.min(COST_LEVELS - 1, Math.floor((cost + 1) * 80)))
    }
  }
  return found
}

/** One to one, cheapest first. */
function pairUp(a: Prepared, b: Prepared, alignment: Alignment, found: number): void {
  costStart.fill(0)
  for (let k = 0; k < found; k++) costStart[candidate.cost[k] + 1]++
  for (let level = 0; level < COST_LEVELS; level++) costStart[level + 1] += costStart[level]
  for (let k = 0; k < found; k++) byCost[costStart[candidate.cost[k]]++] = k
  usedA.fill(0)
  usedB.fill(0)
  alignment.count = 0
  alignment.strength = 0
  for (let rank = 0; rank < found; rank++) {
    const k = byCost[rank]
    const i = candidate.a[k]
    const j = candidate.b[k]
    if (usedA[i] !== 0 || usedB[j] !== 0) continue
    usedA[i] = 1
    usedB[j] = 1
    const n = alignment.count++
    const residual = candidate.residualPx[k]
    const fit = 1 / (1 + (residual * residual) / 64 + (1 - candidate.turnCos[k]) / 0.06)
    const local = likeness[i * b.count + j]
    alignment.a[n] = i
    alignment.b[n] = j
    alignment.residualPx[n] = residual
    alignment.turnCos[n] = candidate.turnCos[k]
    alignment.weight[n] = fit * (0.2 + local) * Math.sqrt(a.reliability[i] * b.reliability[j])
    alignment.strength += alignment.weight[n]
  }
}
