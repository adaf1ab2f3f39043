/**
 * How alike single minutiae are, judged from their surroundings alone, and the pairs worth a look.
 */
import { exp } from '../kernels/elementary.ts'
import { MINUTIAE_MAX } from '../template/template.ts'
import { CELLS, DESCRIPTOR_WORDS, DIRECTIONS } from './descriptor.ts'
import type { Prepared } from './prepare.ts'
import { TEXTURE_POINTS } from './texture.ts'

/** Candidate pairs, best first. Reused by the next comparison. */
export interface Pairs {
  count: number
  /** Index of the minutia in the first and in the second template. */
  readonly a: Uint8Array
  readonly b: Uint8Array
  /** Likeness, 0…1. */
  readonly local: Float64Array
}

export const PAIRS_MAX = 60
const PAIRS_PER_MINUTIA_MAX = 3
const VALID_POINTS_MIN = 0.35
const TEXTURE_WEIGHT = 0.25
const LEVELS = 1024

/** exp(-6 Δ²) by the difference of two angles, 256 for half a turn. */
const textureAgreement = Float64Array.from({ length: 256 }, (_, difference) => {
  const rad = (Math.min(difference, 256 - difference) * Math.PI) / 256
  return exp(-6 * rad * rad)
})

const pairs: Pairs = {
  count: 0,
  a: new Uint8Array(PAIRS_MAX),
  b: new Uint8Array(PAIRS_MAX),
  local: new Float64Array(PAIRS_MAX),
}
/** Likeness of every pair, row by row of the first template. */
export const likeness = new Float64Array(MINUTIAE_MAX * MINUTIAE_MAX)
const levels = new Uint16Array(MINUTIAE_MAX * MINUTIAE_MAX)
const levelStart = new Int32Array(LEVELS + 1)
const ordered = new Uint16Array(MINUTIAE_MAX * MINUTIAE_MAX)
const usedA = new Uint8Array(MINUTIAE_MAX)
const usedB = new Uint8Array(MINUTIAE_MAX)

/** Fills `likeness`, and returns the best pairs with no minutia in more than a few of them. */
export function localPairs(a: Prepared, b: Prepared): Pairs {
  const total = a.count * b.count
  levelStart.fill(0)
  for (let i = 0; i < a.count; i++) {
    for (let j = 0; j < b.count; j++) {
      const value = likenessOf(a, i, b, j)
      const at = i * b.count + j
      likeness[at] = value
      levels[at] = LEVELS - 1 - Math.floor(value * (LEVELS - 1))
      levelStart[levels[at] + 1]++
    }
  }
  for (let level = 0; level < LEVELS; level++) levelStart[level + 1] += levelStart[level]
  for (let at = 0; at < total; at++) ordered[levelStart[levels[at]]++] = at
  usedA.fill(0)
  usedB.fill(0)
  pairs.count = 0
  for (let rank = 0; rank < total && pairs.count < PAIRS_MAX; rank++) {
    const at = ordered[rank]
    if (likeness[at] <= 0) break
    const i = Math.floor(at / b.count)
    const j = at - i * b.count
    if (usedA[i] >= PAIRS_PER_MINUTIA_MAX || usedB[j] >= PAIRS_PER_MINUTIA_MAX) continue
    usedA[i]++
    usedB[j]++
    pairs.a[pairs.count] = i
    pairs.b[pairs.count] = j
    pairs.local[pairs.count++] = likeness[at]
  }
  return pairs
}

function likenessOf(a: Prepared, i: number, b: Prepared, j: number): number {
  const bits = bitLikeness(a.descriptors, i * DESCRIPTOR_WORDS, b.descriptors, j * DESCRIPTOR_WORDS)
  if (a.texture === undefined || b.texture === undefined) return bits
  const texture = textureLikeness(a.texture, i * 2 * TEXTURE_POINTS, b.texture, j * 2 * TEXTURE_POINTS)
  return texture < 0 ? bits * (1 - TEXTURE_WEIGHT) : (1 - TEXTURE_WEIGHT) * bits + TEXTURE_WEIGHT * texture
}

function popcount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

/** 1 - √different / (√bits of a + √bits of b), over the points that both have on the finger. */
function bitLikeness(a: Int32Array, atA: number, b: Int32Array, atB: number): number {
  let valid = 0
  let different = 0
  let inA = 0
  let inB = 0
  const words = CELLS / 32
  for (let word = 0; word < words; word++) {
    const mask = a[atA + DIRECTIONS * words + word] & b[atB + DIRECTIONS * words + word]
    valid += popcount(mask)
    for (let direction = 0; direction < DIRECTIONS; direction++) {
      const bitsA = a[atA + direction * words + word] & mask
      const bitsB = b[atB + direction * words + word] & mask
      inA += popcount(bitsA)
      inB += popcount(bitsB)
      different += popcount(bitsA ^ bitsB)
    }
  }
  if (valid < VALID_POINTS_MIN * CELLS || inA + inB === 0) return 0
  return Math.max(0, 1 - Math.sqrt(different) / (Math.sqrt(inA) + Math.sqrt(inB)))
}

/** Mean agreement over the points that both have; -1 where they are too few. */
function textureLikeness(a: Uint8Array, atA: number, b: Uint8Array, atB: number): number {
  let valid = 0
  let sum = 0
  for (let k = 0; k < TEXTURE_POINTS; k++) {
    if ((a[atA + TEXTURE_POINTS + k] & b[atB + TEXTURE_POINTS + k]) === 0) continue
    valid++
    sum += textureAgreement[(a[atA + k] - b[atB + k]) & 255]
  }
  return valid < VALID_POINTS_MIN * TEXTURE_POINTS ? -1 : sum / valid
}
