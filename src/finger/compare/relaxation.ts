/**
 * Relaxation: candidate pairs support each other as far as one smooth, nearly rigid movement explains
 * both. What belongs together grows, chance pairs fade.
 */
import { PAIRS_MAX, type Pairs } from './local.ts'
import type { Prepared } from './prepare.ts'

const ROUNDS = 5
/** cos 0.55 rad: two pairs that turn further apart than this do not support each other. */
const TURN_COS_MIN = 0.85
const TURN_SIGMA_RAD = 0.22
/** A pair with this much support keeps half of its weight. */
const SUPPORT_HALF = 1.2
const FIT_MAX = 9

export interface Relaxation {
  /** The weight of each pair after relaxation, 0…1. */
  readonly weight: Float64Array
  /** PAIRS_MAX × PAIRS_MAX, 0…1: how well two pairs go together. */
  readonly compatibility: Float64Array
}

const relaxation: Relaxation = {
  weight: new Float64Array(PAIRS_MAX),
  compatibility: new Float64Array(PAIRS_MAX * PAIRS_MAX),
}
const cosine = new Float64Array(PAIRS_MAX)
const sine = new Float64Array(PAIRS_MAX)
const next = new Float64Array(PAIRS_MAX)

export function relax(a: Prepared, b: Prepared, pairs: Pairs): Relaxation {
  const { weight, compatibility } = relaxation
  compare(a, b, pairs)
  for (let p = 0; p < pairs.count; p++) weight[p] = pairs.local[p]
  for (let round = 0; round < ROUNDS; round++) {
    for (let p = 0; p < pairs.count; p++) {
      let support = 0
      for (let q = 0; q < pairs.count; q++) support += compatibility[p * PAIRS_MAX + q] * weight[q]
      next[p] = (pairs.local[p] * support) / (support + SUPPORT_HALF)
    }
    for (let p = 0; p < pairs.count; p++) weight[p] = Math.sqrt(next[p] * pairs.local[p])
  }
  return relaxation
}

function compare(a: Prepared, b: Prepared, pairs: Pairs): void {
  const { compatibility } = relaxation
  for (let p = 0; p < pairs.count; p++) {
    const i = pairs.a[p]
    const j = pairs.b[p]
    cosine[p] = b.cos[j] * a.cos[i] + b.sin[j] * a.sin[i]
    sine[p] = b.sin[j] * a.cos[i] - b.cos[j] * a.sin[i]
    compatibility[p * PAIRS_MAX + p] = 0
    for (let q = 0; q < p; q++) {
      const value =
        i === pairs.a[q] || j === pairs.b[q] ? 0 : compatibilityOf(a, b, i, j, p, pairs.a[q], pairs.b[q], q)
      compatibility[p * PAIRS_MAX + q] = value
      compatibility[q * PAIRS_MAX + p] = value
    }
  }
}

function compatibilityOf(
  a: Prepared,
  b: Prepared,
  i: number,
  j: number,
  p: number,
  k: number,
  l: number,
  q: number,
): number {
  const turnCos = cosine[p] * cosine[q] + sine[p] * sine[q]
  if (turnCos < TURN_COS_MIN) return 0
  const ax = a.xPx[k] - a.xPx[i]
  const ay = a.yPx[k] - a.yPx[i]
  const bx = b.xPx[l] - b.xPx[j]
  const by = b.yPx[l] - b.yPx[j]
  const lengthA = Math.sqrt(ax * ax + ay * ay)
  const lengthB = Math.sqrt(bx * bx + by * by)
  const length = (lengthA + lengthB) / 2 + 1e-9
  const radial = (lengthA - lengthB) / (4 + 0.06 * length)
  let fit = radial * radial + (2 * (1 - turnCos)) / (TURN_SIGMA_RAD * TURN_SIGMA_RAD)
  if (fit >= FIT_MAX) return 0
  // Both pairs' turns, averaged, carry the one vector to the other.
  const norm = 1 / Math.sqrt(2 + 2 * turnCos)
  const c = (cosine[p] + cosine[q]) * norm
  const s = (sine[p] + sine[q]) * norm
  const turnedX = c * ax - s * ay
  const turnedY = s * ax + c * ay
  if (turnedX * bx + turnedY * by < 0) return 0
  const tangential = (turnedX * by - turnedY * bx) / length / (4 + 0.15 * length)
  fit += tangential * tangential
  if (fit >= FIT_MAX) return 0
  const left = 1 - fit / FIT_MAX
  return left * left * left
}

const taken = { a: new Uint8Array(256), b: new Uint8Array(256) }
const order: number[] = []

/** A one-to-one set of pairs that go together, and its total weight. */
export interface Seed {
  count: number
  readonly a: Uint8Array
  readonly b: Uint8Array
  support: number
}

/** The pairs that go with `first` best (or, without one, with each other), best first, one to one. */
export function growSeed(
  pairs: Pairs,
  { weight, compatibility }: Relaxation,
  first: number,
  seed: Seed,
): void {
  taken.a.fill(0)
  taken.b.fill(0)
  order.length = 0
  const rank = (p: number): number => (p === first ? 2 : weight[p] * compatibility[first * PAIRS_MAX + p])
  for (let p = 0; p < pairs.count; p++) if (rank(p) > 0.02) order.push(p)
  order.sort((p, q) => rank(q) - rank(p) || p - q)
  seed.count = 0
  seed.support = 0
  for (const p of order) {
    const i = pairs.a[p]
    const j = pairs.b[p]
    if (taken.a[i] !== 0 || taken.b[j] !== 0) continue
    taken.a[i] = 1
    taken.b[j] = 1
    seed.a[seed.count] = i
    seed.b[seed.count++] = j
    seed.support += weight[p]
  }
}
