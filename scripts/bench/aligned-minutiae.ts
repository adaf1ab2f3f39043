/** Which minutiae of two captures of one finger are the same: for fitting on real captures. */
import { CODE_BYTES, Encoder, plain } from '../../src/finger/prefilter/encode.ts'
import type { Template } from '../../src/finger/template/template.ts'

/** So many of the most alike pairs are tried as the alignment. */
const SEEDS = 60
/** Fewer may be chance. */
const PAIRS_MIN = 9
const NEAR_PX = 9
const NEAR_PX_PER_PX = 0.06 // skin stretches
const NEAR_RAD = 0.4

type Pair = readonly [number, number]
type Known = { readonly codes: Uint8Array; readonly chosen: readonly number[] }

export class Aligner {
  private readonly encoder = new Encoder(plain)
  private readonly known = new Map<Template, Known>()

  /** Pairs of indices that one rigid movement explains; empty where there are too few. */
  align(a: Template, b: Template): readonly Pair[] {
    let best: Pair[] = []
    for (const seed of this.mostAlike(a, b)) {
      const pairs = laidOver(a, b, seed)
      if (pairs.length > best.length) best = pairs
    }
    return best.length >= PAIRS_MIN ? best : []
  }

  private mostAlike(a: Template, b: Template): Pair[] {
    const [first, second] = [this.codesOf(a), this.codesOf(b)]
    const pairs = first.chosen.flatMap((i, p) =>
      second.chosen.map((j, q) => ({
        pair: [i, j] as const,
        apart: bitsApart(first.codes, p, second.codes, q),
      })),
    )
    return pairs
      .sort((one, other) => one.apart - other.apart)
      .slice(0, SEEDS)
      .map(({ pair }) => pair)
  }

  private codesOf(template: Template): Known {
    let known = this.known.get(template)
    if (known === undefined) {
      const { codes, chosen } = this.encoder.encode(template)
      known = { codes: codes.slice(), chosen }
      this.known.set(template, known)
    }
    return known
  }
}

function bitsApart(a: Uint8Array, p: number, b: Uint8Array, q: number): number {
  let apart = 0
  for (let k = 0; k < CODE_BYTES; k++)
    for (let rest = a[p * CODE_BYTES + k] ^ b[q * CODE_BYTES + k]; rest !== 0; rest &= rest - 1) apart++
  return apart
}

/** The pairs that meet once minutia `i` of `a` lies on `j` of `b`, each of `b` once. */
function laidOver(a: Template, b: Template, [i, j]: Pair): Pair[] {
  const turnRad = a.directionRad[i] - b.directionRad[j] // clockwise
  const [cosine, sine] = [Math.cos(turnRad), Math.sin(turnRad)]
  const taken = new Set<number>()
  const pairs: Pair[] = []
  for (let m = 0; m < a.count; m++) {
    const dx = a.xPx[m] - a.xPx[i]
    const dy = a.yPx[m] - a.yPx[i]
    const x = dx * cosine - dy * sine + b.xPx[j]
    const y = dx * sine + dy * cosine + b.yPx[j]
    let nearestPx = NEAR_PX + NEAR_PX_PER_PX * Math.hypot(dx, dy)
    let nearest: number | undefined
    for (let n = 0; n < b.count; n++) {
      const apartPx = Math.hypot(b.xPx[n] - x, b.yPx[n] - y)
      const apartRad = a.directionRad[m] - turnRad - b.directionRad[n]
      const isAlike = Math.abs(apartRad - 2 * Math.PI * Math.round(apartRad / (2 * Math.PI))) < NEAR_RAD
      if (apartPx >= nearestPx || !isAlike || taken.has(n)) continue
      nearestPx = apartPx
      nearest = n
    }
    if (nearest === undefined) continue
    taken.add(nearest)
    pairs.push([m, nearest])
  }
  return pairs
}
