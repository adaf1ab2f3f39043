import { exp } from '../kernels/elementary.ts'
import { type Field, sampleField } from './field.ts'
import type { Candidate } from './residues.ts'
import { MINUTIAE_MAX } from './template.ts'

const OPPOSITE_COSINE = -0.3
const CANCEL_PERIODS = 1
const EDGE_PX = 8 // nearer to the edge the filter sees more of the outside than of the finger

export interface Selected {
  readonly candidate: Candidate
  /** 0…1. */
  readonly reliability: number
}

/**
 * Takes false minutiae out and says how far the others can be trusted; at most MINUTIAE_MAX, the best
 * first.
 *
 * The one rule: a crease, a pore or noise adds two residues of opposite direction close together, for
 * the phase far away does not change. Opposite pairs nearer than a ridge period cancel, nearest first.
 */
export function selectMinutiae(candidates: readonly Candidate[], clarity: Field, edge: Field): Selected[] {
  const kept = cancelPairs(candidates).filter(({ xPx, yPx }) => sampleField(edge, xPx, yPx) >= EDGE_PX)
  return kept
    .map(candidate => ({ candidate, reliability: reliabilityOf(candidate, kept, clarity, edge) }))
    .sort(
      (a, b) =>
        b.reliability - a.reliability ||
        a.candidate.yPx - b.candidate.yPx ||
        a.candidate.xPx - b.candidate.xPx,
    )
    .slice(0, MINUTIAE_MAX)
}

function cancelPairs(candidates: readonly Candidate[]): Candidate[] {
  const pairs: { i: number; j: number; distancePx: number }[] = []
  for (let i = 0; i < candidates.length; i++) {
    const a = candidates[i]
    for (let j = i + 1; j < candidates.length; j++) {
      const b = candidates[j]
      const distancePx = distance(a, b)
      const limitPx = (CANCEL_PERIODS * (a.periodPx + b.periodPx)) / 2
      if (distancePx < limitPx && isOpposite(a, b)) pairs.push({ i, j, distancePx })
    }
  }
  pairs.sort((p, q) => p.distancePx - q.distancePx || p.i - q.i || p.j - q.j)
  const gone = new Uint8Array(candidates.length)
  for (const { i, j } of pairs) if (gone[i] === 0 && gone[j] === 0) gone[i] = gone[j] = 1
  return candidates.filter((_, i) => gone[i] === 0)
}

function distance(a: Candidate, b: Candidate): number {
  return Math.sqrt((a.xPx - b.xPx) * (a.xPx - b.xPx) + (a.yPx - b.yPx) * (a.yPx - b.yPx))
}

function isOpposite(a: Candidate, b: Candidate): boolean {
  return a.dx * b.dx + a.dy * b.dy < OPPOSITE_COSINE
}

const RING_POINTS = 8
const RING_DIAGONAL = Math.SQRT1_2
const RING = [
  [1, 0],
  [RING_DIAGONAL, RING_DIAGONAL],
  [0, 1],
  [-RING_DIAGONAL, RING_DIAGONAL],
  [-1, 0],
  [-RING_DIAGONAL, -RING_DIAGONAL],
  [0, -1],
  [RING_DIAGONAL, -RING_DIAGONAL],
] as const

/** Clear ridges all around, no opposite minutia near, no crowd, not at the edge. */
function reliabilityOf(candidate: Candidate, all: readonly Candidate[], clarity: Field, edge: Field): number {
  const { xPx, yPx, periodPx } = candidate
  let ring = 0
  // At the minutia itself the wave breaks off and is never clear: look a little way round it.
  for (const [x, y] of RING) ring += sampleField(clarity, xPx + 1.5 * periodPx * x, yPx + 1.5 * periodPx * y)
  let oppositePeriods = 9
  let near = 0
  for (const other of all) {
    if (other === candidate) continue
    const periods = distance(candidate, other) / periodPx
    if (periods < 3) near++
    if (isOpposite(candidate, other)) oppositePeriods = Math.min(oppositePeriods, periods)
  }
  const clear = Math.min(ring / RING_POINTS / 0.7, 1)
  const alone = 1 - 0.6 * exp(-0.5 * (oppositePeriods / 1.3) * (oppositePeriods / 1.3))
  const uncrowded = 1 / (1 + 0.2 * Math.max(0, near - 2))
  const inside = Math.min(1, 0.5 + sampleField(edge, xPx, yPx) / 48)
  return clear * alone * uncrowded * inside
}
