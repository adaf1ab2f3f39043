import { atan2, cos, sin } from '../kernels/elementary.ts'
import { ORIENTATIONS, type Ridges } from './enhance.ts'
import { CELL_PX, type Field, sampleField } from './field.ts'
import type { Orientation } from './orientation.ts'
import { periodAt } from './period.ts'
import { KIND } from './template.ts'

/** A minutia as it comes up. Pixels at 500 dpi; (dx, dy) is the unit vector of its direction, y down. */
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
  ridges: Ridges,
  orientation: Orientation,
  logPeriod: Field,
  mask: Field,
): Candidate[] {
  const { widthPx, heightPx, stride, origin, values: even } = ridges.even
  const odd = ridges.odd.values
  const found: Candidate[] = []
  for (let y = 0; y < heightPx - 1; y++) {
    for (let x = 0; x < widthPx - 1; x++) {
      const cell = Math.floor(y / CELL_PX) * mask.columns + Math.floor(x / CELL_PX)
      if (mask.values[cell] === 0) continue
      const at = origin + y * stride + x
      const index = ridges.orientationIndex[at]
      // The normal of a neighbour may point the other way: then its wave runs backwards.
      const oddOf = (i: number) =>
        Math.abs(ridges.orientationIndex[i] - index) > ORIENTATIONS / 2 ? -odd[i] : odd[i]
      const block: Block = {
        e: [even[at], even[at + 1], even[at + stride + 1], even[at + stride]],
        o: [odd[at], oddOf(at + 1), oddOf(at + stride + 1), oddOf(at + stride)],
      }
      const turns = windings(block)
      if (turns === 0) continue
      const [u, v] = zeroOf(block)
      const normal = (index * Math.PI) / ORIENTATIONS
      found.push(candidateAt(x + u, y + v, turns, normal, ridges, orientation, logPeriod))
    }
  }
  return found
}

/** Even and odd part at the corners of a 2 × 2 block: top left, top right, bottom right, bottom left. */
interface Block {
  readonly e: readonly [number, number, number, number]
  readonly o: readonly [number, number, number, number]
}

/** How often the phase turns on the way round the block: -1, 0 or 1. */
function windings({ e, o }: Block): number {
  let turns = 0
  for (let i = 0; i < 4; i++) {
    const j = (i + 1) & 3
    const cross = e[i] * o[j] - e[j] * o[i]
    if (o[i] <= 0 && o[j] > 0 && cross > 0) turns++
    else if (o[i] > 0 && o[j] <= 0 && cross < 0) turns--
  }
  return turns
}

/** Where in the block (0…1, 0…1) both parts vanish, each taken as linear. */
function zeroOf({ e, o }: Block): readonly [number, number] {
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
    level += even[at] / (Math.sqrt(even[at] * even[at] + odd[at] * odd[at]) + 0.01)
  }
  return level
}
