/**
 * Laying one print over the other. A minutia is never carried by its own pair, so that how far it lands
 * from its mate says something about the pair.
 */
import {
  carryAll,
  fromX,
  fromY,
  index,
  landCos,
  landNearest,
  landSin,
  landX,
  landY,
  say,
  toX,
  toY,
  turnCos,
  turnSin,
} from './carry'
import { likenessOf } from './local'
import { at, column, countOf, paddedOf } from './print'
import { seedA, seedB, seedCount } from './relaxation'

const TOLERANCE_PX: f32 = 9
const TOLERANCE_PX_MAX: f32 = 20
const TOLERANCE_GROWTH: f32 = 0.08
/** cos 0.6 rad. */
const MATE_COS_MIN: f32 = 0.825

/** An alignment: 0 count (i32), 4 strength (f32), then five columns of 100: a, b (i32), residual, turn cos, weight. */
const COLUMN_BYTES: usize = 400
export const ALIGNMENT_BYTES: usize = 16 + 5 * COLUMN_BYTES

@inline
export function alignedColumn(alignment: usize, which: usize): usize {
  return alignment + 16 + which * COLUMN_BYTES
}

const CANDIDATES_MAX = 1024
const COST_LEVELS = 128
const candidateA: usize = memory.data(1024 * 4, 16)
const candidateB: usize = memory.data(1024 * 4, 16)
const candidateResidual: usize = memory.data(1024 * 4, 16)
const candidateCos: usize = memory.data(1024 * 4, 16)
const candidateCost: usize = memory.data(1024 * 4, 16)
const costStart: usize = memory.data((128 + 1) * 4, 16)
const byCost: usize = memory.data(1024 * 4, 16)
const usedA: usize = memory.data(100)
const usedB: usize = memory.data(100)

/** Grows the seed into the alignment of all that fits; more rounds reach further. */
export function align(a: usize, b: usize, alignment: usize, rounds: i32): void {
  store<i32>(alignment, seedCount)
  for (let k = 0; k < seedCount; k++) {
    const to = <usize>k << 2
    const i = load<i32>(seedA + to)
    const j = load<i32>(seedB + to)
    store<i32>(alignedColumn(alignment, 0) + to, i)
    store<i32>(alignedColumn(alignment, 1) + to, j)
    store<f32>(alignedColumn(alignment, 4) + to, likenessOf(a, i, b, j))
  }
  for (let round = 0; round < rounds; round++) {
    loadPairs(a, b, alignment, false)
    carryAll(a, load<i32>(alignment))
    pairUp(a, b, alignment, findCandidates(a, b))
  }
}

/** Makes the pairs what `carryAll` carries by: from `a` to `b`, or back. */
export function loadPairs(a: usize, b: usize, alignment: usize, back: bool): void {
  const count = load<i32>(alignment)
  for (let k = 0; k < count; k++) {
    const to = <usize>k << 2
    const i = at32(alignedColumn(alignment, 0), k)
    const j = at32(alignedColumn(alignment, 1), k)
    const cosA = at(column(a, 2), i)
    const sinA = at(column(a, 3), i)
    const cosB = at(column(b, 2), j)
    const sinB = at(column(b, 3), j)
    const sin = sinB * cosA - cosB * sinA
    store<f32>((back ? toX : fromX) + to, at(column(a, 0), i))
    store<f32>((back ? toY : fromY) + to, at(column(a, 1), i))
    store<f32>((back ? fromX : toX) + to, at(column(b, 0), j))
    store<f32>((back ? fromY : toY) + to, at(column(b, 1), j))
    store<f32>(turnCos + to, cosB * cosA + sinB * sinA)
    store<f32>(turnSin + to, back ? -sin : sin)
    store<f32>(say + to, at(alignedColumn(alignment, 4), k))
    store<i32>(index + to, back ? j : i)
  }
}

@inline
export function at32(array: usize, k: i32): i32 {
  return load<i32>(array + (<usize>k << 2))
}

function findCandidates(a: usize, b: usize): i32 {
  const countA = countOf(a)
  const countB = countOf(b)
  const paddedB = paddedOf(b)
  const bx = column(b, 0)
  const by = column(b, 1)
  const bc = column(b, 2)
  const bs = column(b, 3)
  let found = 0
  for (let i = 0; i < countA; i++) {
    const tolerance = min(TOLERANCE_PX_MAX, TOLERANCE_PX + TOLERANCE_GROWTH * sqrt<f32>(at(landNearest, i)))
    const x = v128.load_splat<f32>(landX + (<usize>i << 2))
    const y = v128.load_splat<f32>(landY + (<usize>i << 2))
    const above = at(landY, i) - tolerance
    const below = at(landY, i) + tolerance
    const reach = f32x4.splat(tolerance * tolerance)
    for (let j = 0; j < paddedB; j += 4) {
      const offset = <usize>j << 2
      // Minutiae stand from top to bottom: only a few rows of them are near.
      if (load<f32>(by + offset, 12) < above) continue
      if (load<f32>(by + offset) > below) break
      const dx = f32x4.sub(v128.load(bx + offset), x)
      const dy = f32x4.sub(v128.load(by + offset), y)
      let lanes = i32x4.bitmask(f32x4.le(f32x4.add(f32x4.mul(dx, dx), f32x4.mul(dy, dy)), reach))
      while (lanes !== 0) {
        const mate = j + ctz(lanes)
        lanes &= lanes - 1
        if (mate >= countB || found >= CANDIDATES_MAX) break
        const cos = at(landCos, i) * at(column(a, 2), i) - at(landSin, i) * at(column(a, 3), i)
        const sin = at(landSin, i) * at(column(a, 2), i) + at(landCos, i) * at(column(a, 3), i)
        const mateCos = cos * at(bc, mate) + sin * at(bs, mate)
        if (mateCos < MATE_COS_MIN) continue
        const ex = at(bx, mate) - at(landX, i)
        const ey = at(by, mate) - at(landY, i)
        const residual = sqrt<f32>(ex * ex + ey * ey)
        const cost: f32 =
          residual / tolerance + (1 - mateCos) / (1 - MATE_COS_MIN) - likenessOf(a, i, b, mate)
        const to = <usize>found << 2
        store<i32>(candidateA + to, i)
        store<i32>(candidateB + to, mate)
        store<f32>(candidateResidual + to, residual)
        store<f32>(candidateCos + to, mateCos)
        store<i32>(candidateCost + to, max(0, min(COST_LEVELS - 1, <i32>((cost + 1) * 42))))
        found++
      }
    }
  }
  return found
}

/** One to one, cheapest first. */
function pairUp(a: usize, b: usize, alignment: usize, found: i32): void {
  memory.fill(costStart, 0, (COST_LEVELS + 1) * 4)
  for (let k = 0; k < found; k++) {
    const start = costStart + (<usize>(at32(candidateCost, k) + 1) << 2)
    store<i32>(start, load<i32>(start) + 1)
  }
  let sum = 0
  for (let level = 0; level <= COST_LEVELS; level++) {
    sum += at32(costStart, level)
    store<i32>(costStart + (<usize>level << 2), sum)
  }
  for (let k = 0; k < found; k++) {
    const start = costStart + (<usize>at32(candidateCost, k) << 2)
    const rank = load<i32>(start)
    store<i32>(start, rank + 1)
    store<i32>(byCost + (<usize>rank << 2), k)
  }
  memory.fill(usedA, 0, 100)
  memory.fill(usedB, 0, 100)
  let count = 0
  let strength: f32 = 0
  for (let rank = 0; rank < found; rank++) {
    const k = at32(byCost, rank)
    const i = at32(candidateA, k)
    const j = at32(candidateB, k)
    if (load<u8>(usedA + i) !== 0 || load<u8>(usedB + j) !== 0) continue
    store<u8>(usedA + i, 1)
    store<u8>(usedB + j, 1)
    const residual = at(candidateResidual, k)
    const mateCos = at(candidateCos, k)
    const fit: f32 = 1 / (1 + residual * residual * (1.0 / 64) + (1 - mateCos) * (1 / 0.06))
    const reliability = sqrt<f32>(at(column(a, 4), i) * at(column(b, 4), j))
    const weight: f32 = fit * (0.2 + likenessOf(a, i, b, j)) * reliability
    const to = <usize>count << 2
    store<i32>(alignedColumn(alignment, 0) + to, i)
    store<i32>(alignedColumn(alignment, 1) + to, j)
    store<f32>(alignedColumn(alignment, 2) + to, residual)
    store<f32>(alignedColumn(alignment, 3) + to, mateCos)
    store<f32>(alignedColumn(alignment, 4) + to, weight)
    strength += weight
    count++
  }
  store<i32>(alignment, count)
  store<f32>(alignment, strength, 4)
}
