/**
 * What a sample is worth, 0-100, and what a person could do about it.
 *
 * The score is a weighted sum of a few features, fitted to how far genuine comparisons of real samples
 * stand above impostors (scripts/fit-quality.ts), on a logistic scale. A defect that makes any sample
 * useless by itself takes the score below QUALITY_MIN; the worst defect is the reason.
 */
import type { Quality } from '../engine.ts'
import { exp } from '../kernels/elementary.ts'
import type { Seen } from '../template/extract.ts'
import type { Selected } from '../template/select.ts'
import { featureNames, featuresOf } from './features.ts'
import { type Measures, measure } from './measure.ts'
import { defectsOf } from './reason.ts'
import { BIAS, WEIGHTS } from './weights.ts'

/** From this score on a sample is accepted. */
export const QUALITY_MIN = 50

export interface Judgement {
  readonly quality: Quality
  readonly isFinger: boolean
  /** Share of what looks like skin whose ridges are beyond doubt, 0…1. */
  readonly ridgeShare: number
}

export function judge(seen: Seen, selected: readonly Selected[]): Judgement {
  const measures = measure(seen, selected)
  const ridgeShare = measures.certainMm2 / Math.max(measures.areaMm2, 1)
  const isFinger =
    measures.certainMm2 > CERTAIN_MM2_MIN &&
    ridgeShare > CERTAIN_SHARE_MIN &&
    measures.coherence > COHERENCE_MIN
  const [worst] = defectsOf(measures)
  const utility = 100 / (1 + exp(-utilityOf(measures)))
  const score = Math.round(worst.severity < 1 ? utility : Math.min(utility, REFUSED / worst.severity))
  const accept = score >= QUALITY_MIN
  const reason = accept ? 'ok' : isFinger ? worst.reason : 'not-a-finger'
  return { quality: { score, accept, reason, measures: { ...measures } }, isFinger, ridgeShare }
}

/** Noise and photographs stay below a twentieth, the worst fingers seen above a fifth. */
const CERTAIN_SHARE_MIN = 0.1
const CERTAIN_MM2_MIN = 2
/** Cloth has ridges in two directions: 0.5 to 0.6. The worst fingers seen have 0.79. */
const COHERENCE_MIN = 0.68
/** The most that a sample with a disabling defect may score. */
const REFUSED = QUALITY_MIN - 1

/** Log odds, as it were, that the sample will do its work. */
export function utilityOf(measures: Measures): number {
  const features = featuresOf(measures)
  return featureNames.reduce((sum, name) => sum + WEIGHTS[name] * features[name], BIAS)
}
