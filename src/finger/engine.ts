import type { Frame } from './image/frame.ts'
import type { Template } from './template/template.ts'

/**
 * What can be wrong with a sample, in words that a person can act on. `ok`: nothing.
 */
export const qualityReasons = [
  'ok',
  'too-light',
  'too-dry',
  'too-wet',
  'too-small-area',
  'off-centre',
  'smudged',
  'moved',
  'not-a-finger',
] as const
export type QualityReason = (typeof qualityReasons)[number]

/** A judgement of one sample. `accept` is `score >= QUALITY_MIN`. */
export interface Quality {
  /** 0-100, 100 best. */
  readonly score: number
  readonly accept: boolean
  readonly reason: QualityReason
  /** Named numbers behind the score. */
  readonly measures: Readonly<Record<string, number>>
}

/** A comparison of two templates. `alike` is `score >= threshold`. */
export interface Comparison {
  readonly score: number
  readonly alike: boolean
  /** Share of impostor comparisons that would score this or higher, as estimated. 0…1. */
  readonly falseMatchRate: number
}

export type Candidate = { readonly id: string; readonly score: number }

/** How a gallery is searched: at most `limit` candidates, none below `scoreMin`. */
export type SearchOptions = { limit?: number; scoreMin?: number }
/** Best first. `compared`: how many exact comparisons it took; a first stage narrows the gallery down. */
export type SearchResult = { readonly candidates: readonly Candidate[]; readonly compared: number }

/**
 * The engine as enrolment and ABIS see it; in this process or in a worker.
 * `sample` rejects with `finger/not-a-finger` where the image has no ridges at all.
 */
export interface Engine {
  /** Quality and template of one sample, in one pass. */
  sample(frame: Frame): Promise<{ quality: Quality; template: Template }>
  compare(a: Template, b: Template): Promise<Comparison>
}
