/** What is known about two prints once one lies over the other, as the numbers that the score is made of. */
import { type Alignment, carried, carry } from './alignment.ts'
import { isInside } from './area.ts'
import { likeness, type Pairs } from './local.ts'
import type { Prepared } from './prepare.ts'

export const featureNames = [
  'strength',
  'pairs',
  'pairedShare',
  'local',
  'reliablePairedShare',
  'bestLocal',
  'residual',
  'unpaired',
  'reliablePairs',
  'second',
  'shareOfStrength',
  'overlap',
  'relaxed',
  'kind',
] as const
export const FEATURES = featureNames.length

/** Filled by `measure`, in the order of `featureNames`. */
export const features = new Float64Array(FEATURES)

const BEST_LOCAL_PAIRS = 12
const OVERLAP_STEP_PX = 16
const pairedA = new Uint8Array(256)
const pairedB = new Uint8Array(256)
const unpaired = { count: 0, reliability: 0 }

export function measure(
  a: Prepared,
  b: Prepared,
  pairs: Pairs,
  alignment: Alignment,
  secondStrength: number,
  relaxed: number,
): void {
  const n = alignment.count
  let reliable = 0
  let local = 0
  let residual = 0
  let sameKind = 0
  pairedA.fill(0)
  pairedB.fill(0)
  for (let k = 0; k < n; k++) {
    const i = alignment.a[k]
    const j = alignment.b[k]
    pairedA[i] = 1
    pairedB[j] = 1
    reliable += Math.sqrt(a.reliability[i] * b.reliability[j])
    local += likeness[i * b.count + j]
    residual += alignment.residualPx[k]
    if (a.kind[i] !== 0 && b.kind[j] !== 0) sameKind += a.kind[i] === b.kind[j] ? 1 : -1
  }
  let bestLocal = 0
  const best = Math.min(BEST_LOCAL_PAIRS, pairs.count)
  for (let p = 0; p < best; p++) bestLocal += pairs.local[p]
  unpaired.count = 0
  unpaired.reliability = 0
  countUnpaired(a, b, alignment.a, alignment.b, alignment, pairedA)
  countUnpaired(b, a, alignment.b, alignment.a, alignment, pairedB)
  const strength = Math.max(0, alignment.strength)
  const reliableShare = reliable / (reliable + 0.5 * unpaired.reliability + 0.5)
  features[0] = Math.sqrt(strength)
  features[1] = Math.sqrt(n)
  features[2] = (2 * n) / (2 * n + unpaired.count + 1)
  features[3] = n === 0 ? 0 : local / n
  features[4] = reliableShare
  features[5] = best === 0 ? 0 : bestLocal / BEST_LOCAL_PAIRS
  features[6] = n === 0 ? 0 : residual / n
  features[7] = Math.sqrt(unpaired.count)
  features[8] = Math.sqrt(reliable)
  features[9] = strength === 0 ? 1 : Math.min(1, secondStrength / strength)
  features[10] = reliableShare * Math.sqrt(strength)
  features[11] = Math.sqrt(overlapCells(a, b, alignment))
  features[12] = Math.sqrt(relaxed)
  features[13] = n === 0 ? 0 : sameKind / Math.sqrt(n)
}

function countUnpaired(
  from: Prepared,
  to: Prepared,
  fromIndex: Uint8Array,
  toIndex: Uint8Array,
  { weight, count }: Alignment,
  paired: Uint8Array,
): void {
  for (let i = 0; i < from.count; i++) {
    if (paired[i] !== 0) continue
    if (!carry(from, to, fromIndex, toIndex, weight, count, from.xPx[i], from.yPx[i], -1)) continue
    if (!isInside(to.area, carried.xPx, carried.yPx)) continue
    unpaired.count++
    unpaired.reliability += from.reliability[i]
  }
}

/** Area that both prints show, in cells of OVERLAP_STEP_PX. */
function overlapCells(a: Prepared, b: Prepared, { a: indexA, b: indexB, weight, count }: Alignment): number {
  if (
    !carry(
      a,
      b,
      indexA,
      indexB,
      weight,
      count,
      middle(a, indexA, count, 'xPx'),
      middle(a, indexA, count, 'yPx'),
      -1,
    )
  )
    return 0
  const x0 = middle(a, indexA, count, 'xPx')
  const y0 = middle(a, indexA, count, 'yPx')
  const { leftPx, topPx, cellPx, columns, rows, cells } = a.area
  const step = Math.max(1, Math.round(OVERLAP_STEP_PX / cellPx))
  let overlap = 0
  for (let row = step >> 1; row < rows; row += step) {
    for (let column = step >> 1; column < columns; column += step) {
      if (cells[row * columns + column] === 0) continue
      const dx = leftPx + (column + 0.5) * cellPx - x0
      const dy = topPx + (row + 0.5) * cellPx - y0
      const x = carried.xPx + carried.cos * dx - carried.sin * dy
      const y = carried.yPx + carried.sin * dx + carried.cos * dy
      if (isInside(b.area, x, y)) overlap++
    }
  }
  const areaPx = overlap * step * cellPx * step * cellPx
  return areaPx / (OVERLAP_STEP_PX * OVERLAP_STEP_PX)
}

function middle(print: Prepared, index: Uint8Array, count: number, axis: 'xPx' | 'yPx'): number {
  let sum = 0
  for (let k = 0; k < count; k++) sum += print[axis][index[k]]
  return sum / Math.max(1, count)
}
