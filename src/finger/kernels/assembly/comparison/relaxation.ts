/**
 * Relaxation: candidate pairs support each other as far as one smooth, nearly rigid movement explains
 * both. What belongs together grows, chance pairs fade. Most chance pairs go with no other: only those
 * that do are kept, as edges.
 */
import { PAIRS_MAX, pairA, pairB, pairLocal } from './local'
import { at, column } from './print'

const ROUNDS = 5
/** cos 0.55 rad: two pairs that turn further apart than this do not support each other. */
const TURN_COS_MIN: f32 = 0.85
/** 2 / (0.22 rad)². */
const TURN_WEIGHT: f32 = 41.3
const FIT_MAX: f32 = 9
/** A pair with this much support keeps half of its weight. */
const SUPPORT_HALF: f32 = 1.2

/** The weight of each pair after relaxation, f32. */
export const weight: usize = memory.data(64 * 4, 16)
/** f32, 64 a row: how well two pairs go together. */
export const compatibility: usize = memory.data(64 * 64 * 4, 16)

const ax: usize = memory.data(64 * 4, 16)
const ay: usize = memory.data(64 * 4, 16)
const bx: usize = memory.data(64 * 4, 16)
const by: usize = memory.data(64 * 4, 16)
const cosine: usize = memory.data(64 * 4, 16)
const sine: usize = memory.data(64 * 4, 16)
const support: usize = memory.data(64 * 4, 16)

const EDGES_MAX = 2048
const edgeFrom: usize = memory.data(2048)
const edgeTo: usize = memory.data(2048)
const edgeValue: usize = memory.data(2048 * 4, 16)

export function relax(a: usize, b: usize, count: i32): void {
  gather(a, b, count)
  const edges = connect(count)
  memory.copy(weight, pairLocal, <usize>count << 2)
  for (let round = 0; round < ROUNDS; round++) {
    memory.fill(support, 0, 64 * 4)
    for (let k = 0; k < edges; k++) {
      const p = <usize>load<u8>(edgeFrom + k) << 2
      const q = <usize>load<u8>(edgeTo + k) << 2
      const value = at(edgeValue, k)
      store<f32>(support + p, load<f32>(support + p) + value * load<f32>(weight + q))
      store<f32>(support + q, load<f32>(support + q) + value * load<f32>(weight + p))
    }
    for (let p = 0; p < count; p++) {
      const sum = at(support, p)
      store<f32>(weight + (<usize>p << 2), at(pairLocal, p) * sqrt<f32>(sum / (sum + SUPPORT_HALF)))
    }
  }
}

function gather(a: usize, b: usize, count: i32): void {
  for (let p = 0; p < count; p++) {
    const i = load<i32>(pairA + (<usize>p << 2))
    const j = load<i32>(pairB + (<usize>p << 2))
    const to = <usize>p << 2
    store<f32>(ax + to, at(column(a, 0), i))
    store<f32>(ay + to, at(column(a, 1), i))
    store<f32>(bx + to, at(column(b, 0), j))
    store<f32>(by + to, at(column(b, 1), j))
    const cosA = at(column(a, 2), i)
    const sinA = at(column(a, 3), i)
    const cosB = at(column(b, 2), j)
    const sinB = at(column(b, 3), j)
    store<f32>(cosine + to, cosB * cosA + sinB * sinA)
    store<f32>(sine + to, sinB * cosA - cosB * sinA)
  }
}

/** Fills `compatibility` and the edges; gives back how many edges. */
function connect(count: i32): i32 {
  memory.fill(compatibility, 0, 64 * 64 * 4)
  let edges = 0
  for (let p = 1; p < count; p++) {
    const offset = <usize>p << 2
    const pax = v128.load_splat<f32>(ax + offset)
    const pay = v128.load_splat<f32>(ay + offset)
    const pbx = v128.load_splat<f32>(bx + offset)
    const pby = v128.load_splat<f32>(by + offset)
    const pc = v128.load_splat<f32>(cosine + offset)
    const ps = v128.load_splat<f32>(sine + offset)
    for (let q = 0; q < p; q += 4) {
      const to = <usize>q << 2
      const turnCos = f32x4.add(
        f32x4.mul(pc, v128.load(cosine + to)),
        f32x4.mul(ps, v128.load(sine + to)),
      )
      const aligned = f32x4.ge(turnCos, f32x4.splat(TURN_COS_MIN))
      if (!v128.any_true(aligned)) continue
      const dax = f32x4.sub(v128.load(ax + to), pax)
      const day = f32x4.sub(v128.load(ay + to), pay)
      const dbx = f32x4.sub(v128.load(bx + to), pbx)
      const dby = f32x4.sub(v128.load(by + to), pby)
      const lengthA = f32x4.sqrt(f32x4.add(f32x4.mul(dax, dax), f32x4.mul(day, day)))
      const lengthB = f32x4.sqrt(f32x4.add(f32x4.mul(dbx, dbx), f32x4.mul(dby, dby)))
      const sum = f32x4.add(lengthA, lengthB)
      const tolerance = f32x4.add(f32x4.splat(12), f32x4.mul(f32x4.splat(0.09), sum))
      const near = f32x4.le(f32x4.abs(f32x4.sub(lengthA, lengthB)), tolerance)
      let lanes = i32x4.bitmask(v128.and(aligned, near))
      while (lanes !== 0) {
        const other = q + ctz(lanes)
        lanes &= lanes - 1
        if (other >= p) break
        const value = compatibilityOf(p, other)
        if (value <= 0 || edges >= EDGES_MAX) continue
        store<f32>(compatibility + (<usize>(p * 64 + other) << 2), value)
        store<f32>(compatibility + (<usize>(other * 64 + p) << 2), value)
        store<u8>(edgeFrom + edges, <u8>p)
        store<u8>(edgeTo + edges, <u8>other)
        store<f32>(edgeValue + (<usize>edges << 2), value)
        edges++
      }
    }
  }
  return edges
}

function compatibilityOf(p: i32, q: i32): f32 {
  const toP = <usize>p << 2
  const toQ = <usize>q << 2
  if (load<i32>(pairA + toP) === load<i32>(pairA + toQ)) return 0
  if (load<i32>(pairB + toP) === load<i32>(pairB + toQ)) return 0
  const dax = at(ax, q) - at(ax, p)
  const day = at(ay, q) - at(ay, p)
  const dbx = at(bx, q) - at(bx, p)
  const dby = at(by, q) - at(by, p)
  const lengthA = sqrt<f32>(dax * dax + day * day)
  const lengthB = sqrt<f32>(dbx * dbx + dby * dby)
  const length: f32 = (lengthA + lengthB) * 0.5 + 0.001
  const turnCos = at(cosine, p) * at(cosine, q) + at(sine, p) * at(sine, q)
  const radial: f32 = (lengthA - lengthB) / (4 + 0.06 * length)
  let fit: f32 = radial * radial + TURN_WEIGHT * (1 - turnCos)
  if (fit >= FIT_MAX) return 0
  // Both pairs' turns, averaged, carry the one vector to the other.
  const norm: f32 = 1 / sqrt<f32>(2 + 2 * turnCos)
  const c: f32 = (at(cosine, p) + at(cosine, q)) * norm
  const s: f32 = (at(sine, p) + at(sine, q)) * norm
  const turnedX = c * dax - s * day
  const turnedY = s * dax + c * day
  if (turnedX * dbx + turnedY * dby < 0) return 0
  const tangential: f32 = (turnedX * dby - turnedY * dbx) / length / (4 + 0.15 * length)
  fit += tangential * tangential
  if (!(fit < FIT_MAX)) return 0
  const left: f32 = 1 - fit / FIT_MAX
  return left * left * left
}

/** One-to-one pairs that go with pair `first` best, and the sum of their weights. */
export const seedA: usize = memory.data(64 * 4, 16)
export const seedB: usize = memory.data(64 * 4, 16)
export let seedCount: i32 = 0
export let seedSupport: f32 = 0

const rank: usize = memory.data(64 * 4, 16)
const takenA: usize = memory.data(100)
const takenB: usize = memory.data(100)

export function growSeed(first: i32, count: i32): void {
  memory.fill(takenA, 0, 100)
  memory.fill(takenB, 0, 100)
  const row = compatibility + (<usize>first << 8)
  for (let p = 0; p < count; p++)
    store<f32>(rank + (<usize>p << 2), p === first ? 2 : at(weight, p) * at(row, p))
  seedCount = 0
  seedSupport = 0
  for (let taken = 0; taken < PAIRS_MAX; taken++) {
    let best = -1
    let bestRank: f32 = 0.02
    for (let p = 0; p < count; p++) {
      if (at(rank, p) > bestRank) {
        best = p
        bestRank = at(rank, p)
      }
    }
    if (best < 0) return
    const from = <usize>best << 2
    store<f32>(rank + from, 0)
    const i = load<i32>(pairA + from)
    const j = load<i32>(pairB + from)
    if (load<u8>(takenA + i) !== 0 || load<u8>(takenB + j) !== 0) continue
    store<u8>(takenA + i, 1)
    store<u8>(takenB + j, 1)
    store<i32>(seedA + (<usize>seedCount << 2), i)
    store<i32>(seedB + (<usize>seedCount << 2), j)
    seedCount++
    seedSupport += at(weight, best)
  }
}
