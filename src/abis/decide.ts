/**
 * From the comparisons of ten fingers to a verdict on a person.
 *
 * A comparison score is −10·log10 of its false match rate, so scores of different fingers of one
 * candidate add up, and the number of comparisons that a search makes is subtracted the same way: what is left
 * says how many strangers in a gallery of this size would look as alike by chance. 10 means one
 * search in ten, 30 one in a thousand.
 */
import type { OutcomeStatus } from '../record/status.ts'

/** One finger of the probe resembles one finger of a candidate. */
export interface Hit {
  /** Position of the probe's finger. */
  readonly position: number
  readonly candidate: string
  readonly candidatePosition: number
  readonly score: number
}

/** Below this a finger is no evidence: one stranger in a thousand reaches it. */
export const HIT_SCORE_MIN = 30
/** What one finger may count at the most: further out the false match rate is an extrapolation. */
const FINGER_SCORE_MAX = 60
/** Above chance, by one search in a thousand: the same person. */
const DUPLICATE_MARGIN = 30
/** Above chance, by one search in ten: a person decides. */
const ADJUDICATE_MARGIN = 10

export interface Evidence {
  readonly candidate: string
  /** Sum over the fingers that agree. */
  readonly score: number
  readonly fingers: number
}

/** Evidence by candidate, strongest first. Every finger of either side counts once. */
export function weigh(hits: readonly Hit[]): Evidence[] {
  const byCandidate = new Map<string, Hit[]>()
  for (const hit of hits) {
    const list = byCandidate.get(hit.candidate)
    if (list === undefined) byCandidate.set(hit.candidate, [hit])
    else list.push(hit)
  }
  const evidence = [...byCandidate].map(([candidate, list]) => ({ candidate, ...sumOf(list) }))
  return evidence.sort((a, b) => b.score - a.score || (a.candidate < b.candidate ? -1 : 1))
}

function sumOf(hits: readonly Hit[]): { score: number; fingers: number } {
  const probes = new Set<number>()
  const candidates = new Set<number>()
  let score = 0
  for (const hit of [...hits].sort((a, b) => b.score - a.score)) {
    if (hit.score < HIT_SCORE_MIN || probes.has(hit.position) || candidates.has(hit.candidatePosition))
      continue
    probes.add(hit.position)
    candidates.add(hit.candidatePosition)
    score += Math.min(hit.score, FINGER_SCORE_MAX)
  }
  return { score, fingers: probes.size }
}

/** `likeness`: how sure the strongest candidate is, after what chance would bring. */
export type Likeness = 'same' | 'unsure' | 'other'

/**
 * `comparisons`: how many pairs of fingers the whole search stands for (probe fingers × gallery). The
 * first of `evidence` decides.
 */
export function likenessOf(evidence: Evidence | undefined, comparisons: number): Likeness {
  if (evidence === undefined) return 'other'
  const margin = evidence.score - 10 * Math.log10(Math.max(1, comparisons))
  if (margin >= DUPLICATE_MARGIN) return 'same'
  return margin >= ADJUDICATE_MARGIN ? 'unsure' : 'other'
}

export type Verdict = { status: OutcomeStatus; reason?: string }
