import { atan2, cos, sin } from '../kernels/elementary.ts'
import type { Canvas } from './canvas.ts'
import type { Ridges } from './enhance.ts'
import { type Field, sampleField } from './field.ts'
import { ORIENTATIONS } from './gabor-bank.ts'
import type { Orientation } from './orientation.ts'
import { periodAt } from './period.ts'
import { KIND } from './template.ts'

/** Far more than any finger has, so that noise cannot make the next steps slow. */
const CANDIDATES_MAX = 1000

/** A minutia as it comes up. Pixels of the canvas; (dx, dy) is the unit vector of its direction, y down. */
export interface Candidate {
  readonly xPx: number
  readonly yPx: number
  readonly dx: number
  readonly dy: number
  readonly kind: number
  readonly periodPx: number
}

/**
 * Minutiae as the residues of the ridge wave's phase: round each block of 2 × 2 pixels the phase either
 * comes back to itself, or gains or loses a full turn, and then a ridge ends or forks inside (Larkin and
 * Fletcher 2007, who describe a fingerprint as a hologram; the residues are their spiral phases).
 *
 * A ridge and a valley more lie on one side of the point than on the other: the minutia points there,
 * along the ridges. No image is made binary, no skeleton is drawn, so there are no spurs and bridges to
 * take out.
 */
export function findResidues(
  canvas: Canvas,
  ridges: Ridges,
  orientation: Orientation,
  logPeriod: Field,
  mask: Field,
): Candidate[] {
  const { workspace, columns, rows } = canvas
  const inside = workspace.bytes(columns * rows)
  for (let i = 0; i < inside.view.length; i++) inside.view[i] = mask.values[i]
  const places = workspace.integers(3 * CANDIDATES_MAX)
  const count = workspace.kernels.residues(
    ridges.even.pointer,
    ridges.odd.pointer,
    ridges.turn.pointer,
    ridges.even.stride,
    columns,
    rows,
    inside.pointer,
    places.pointer,
    CANDIDATES_MAX,
  )
  const found: Candidate[] = []
  for (let i = 0; i < Math.min(count, CANDIDATES_MAX); i++) {
    const [x, y, turns] = places.view.subarray(3 * i, 3 * i + 3)
    const at = ridges.even.origin + y * ridges.even.stride + x
    const index = (ridges.turn.values[at] >> 11) & (ORIENTATIONS - 1)
    const [u, v] = zeroOf(ridges, at, index)
    const normal = (index * Math.PI) / ORIENTATIONS
    found.push(candidateAt(x + u, y + v, turns, normal, ridges, orientation, logPeriod))
  }
  return found
}

/** Where in the block of 2 × 2 pixels (0…1, 0…1) both parts of the wave vanish, each taken as linear. */
function zeroOf(ridges: Ridges, at: number, index: number): readonly [number, number] {
  const { stride } = ridges.even
  const places = [at, at + 1, at + stride + 1, at + stride]
  const e = places.map(place => ridges.even.values[place])
  const o = places.map(place => {
    // The normal of a neighbour may point the other way: then its wave runs backwards.
    const other = (ridges.turn.values[place] >> 11) & (ORIENTATIONS - 1)
    return Math.abs(other - index) > ORIENTATIONS / 2 ? -ridges.odd.values[place] : ridges.odd.values[place]
  })
  const eu = (e[1] - e[0] + e[2] - e[3]) / 2
  const ev = (e[3] - e[0] + e[2] - e[1]) / 2
  const ou = (o[1] - o[0] + o[2] - o[3]) / 2
  const ov = (o[3] - o[0] + o[2] - o[1]) / 2
  const e0 = (e[0] + e[1] + e[2] + e[3]) / 4
  const o0 = (o[0] + o[1] + o[2] + o[3]) / 4
  const determinant = eu * ov - ev * ou
  if (determinant === 0) return [0.5, 0.5]
  const u = 0.5 - (e0 * ov - ev * o0) / determinant
  const v = 0.5 - (eu * o0 - e0 * ou) / determinant
  return [Math.min(Math.max(u, 0), 1), Math.min(Math.max(v, 0), 1)]
}

function candidateAt(
  xPx: number,
  yPx: number,
  turns: number,
  quantisedNormal: number,
  ridges: Ridges,
  orientation: Orientation,
  logPeriod: Field,
): Candidate {
  const normal =
    0.5 * atan2(sampleField(orientation.sine, xPx, yPx), sampleField(orientation.cosine, xPx, yPx))
  // The residue's sign belongs to the normal that the filter used, not to the opposite one.
  const sign = cos(normal - quantisedNormal) < 0 ? -turns : turns
  const dx = sign * sin(normal)
  const dy = -sign * cos(normal)
  const periodPx = periodAt(logPeriod, xPx, yPx)
  const kind = levelAhead(ridges, xPx, yPx, dx, dy, periodPx) < 0 ? KIND.ending : KIND.bifurcation
  return { xPx, yPx, dx, dy, kind, periodPx }
}

/** What the minutia points at: a ridge (negative: it ends here) or a valley (then the ridge forks). */
function levelAhead(
  ridges: Ridges,
  xPx: number,
  yPx: number,
  dx: number,
  dy: number,
  periodPx: number,
): number {
  const { widthPx, heightPx, stride, origin, values: even } = ridges.even
  const odd = ridges.odd.values
  let level = 0
  for (const share of [0.5, 0.75, 1]) {
    const x = Math.min(Math.max(Math.round(xPx + share * periodPx * dx), 0), widthPx - 1)
    const y = Math.min(Math.max(Math.round(yPx + share * periodPx * dy), 0), heightPx - 1)
    const at = origin + y * stride + x
    level += even[at] / (Math.sqrt(even[at] * even[at] + odd[at] * odd[at]) + 1)
  }
  return level
}
