/**
 * What a sample is worth, 0-100, and what a person could do about it.
 *
 * Six measures, each brought to 0…1 between useless and as good as it gets, and their weighted geometric
 * mean: one bad measure pulls the score down, and the worst one is the reason. The weights follow how
 * well each predicts a sample's lowest genuine scores (docs/ENGINE.md).
 */
import type { Quality, QualityReason } from '../engine.ts'
import { exp, ln } from '../kernels/elementary.ts'
import type { Seen } from '../template/extract.ts'
import type { Selected } from '../template/select.ts'
import { type Measures, measure } from './measure.ts'

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
  const parts = partsOf(measures)
  let logScore = 0
  for (const { weight, worth } of parts) logScore += weight * ln(worth)
  const score = Math.round(100 * exp(logScore))
  const accept = score >= QUALITY_MIN
  const ridgeShare = measures.certainMm2 / Math.max(measures.areaMm2, 1)
  const isFinger = measures.certainMm2 > CERTAIN_MM2_MIN && ridgeShare > CERTAIN_SHARE_MIN
  const reason = accept ? 'ok' : isFinger ? worstOf(parts) : 'not-a-finger'
  return { quality: { score, accept, reason, measures: { ...measures } }, isFinger, ridgeShare }
}

/** Noise and photographs stay below a twentieth, the worst fingers seen above a fifth. */
const CERTAIN_SHARE_MIN = 0.1
const CERTAIN_MM2_MIN = 2

interface Part {
  readonly weight: number
  /** 0 (exclusive) … 1. */
  readonly worth: number
  readonly reason: QualityReason
}

function partsOf(measures: Measures): readonly Part[] {
  const { clarity, certainMm2, minutiae, darkShare, offCentre, coherence } = measures
  const moisture = darkShare - DARK_SHARE_BEST
  const unclear = unclearReason(measures)
  const few = certainMm2 < SMALL_MM2 ? 'too-small-area' : unclear
  return [
    { weight: 0.15, worth: rise(clarity, 0.15, 0.6), reason: unclear },
    { weight: 0.15, worth: rise(certainMm2, 0, 200), reason: 'too-small-area' },
    { weight: 0.25, worth: rise(minutiae, 0, 30), reason: few },
    {
      weight: 0.15,
      worth: 1 - rise(Math.abs(moisture), 0.04, 0.45),
      reason: moisture < 0 ? 'too-dry' : 'too-wet',
    },
    { weight: 0.1, worth: 1 - rise(offCentre, 0.15, 1), reason: 'off-centre' },
    { weight: 0.2, worth: rise(coherence, 0.78, 0.96), reason: unclear },
  ]
}

const SMALL_MM2 = 110
const DARK_SHARE_BEST = 0.42
const DRY_SHARE = 0.37
const WET_SHARE = 0.5
const FAINT_LEVELS = 50 // between ridges and valleys, of 255

/** Why ridges are not clear: pressed too lightly, dry, wet, or none of these. */
function unclearReason({ darkShare, ridgeLevel, valleyLevel }: Measures): QualityReason {
  if (valleyLevel - ridgeLevel < FAINT_LEVELS) return 'too-light'
  if (darkShare < DRY_SHARE) return 'too-dry'
  if (darkShare > WET_SHARE) return 'too-wet'
  return 'smudged'
}

function rise(value: number, from: number, to: number): number {
  return Math.min(Math.max((value - from) / (to - from), 0.02), 1)
}

/** The part that costs most. */
function worstOf(parts: readonly Part[]): QualityReason {
  const cost = ({ weight, worth }: Part) => -weight * ln(worth)
  return parts.reduce((worst, part) => (cost(part) > cost(worst) ? part : worst)).reason
}
