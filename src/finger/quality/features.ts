import { ln } from '../kernels/elementary.ts'
import type { Measures } from './measure.ts'

/**
 * What the score is made of, each turned so that more is better: then no weight may be negative, and a
 * weight fitted to a few hundred fingers cannot reward a defect.
 */
export const featureNames = ['area', 'minutiae', 'coherence', 'notWet', 'centred', 'evenPeriod'] as const
export type FeatureName = (typeof featureNames)[number]

const DARK_SHARE_WET = 0.45

export function featuresOf(measures: Measures): Record<FeatureName, number> {
  const { certainMm2, minutiae, coherence, darkShare, offCentre, periodSpread } = measures
  return {
    area: ln(Math.max(certainMm2, 1) / 120),
    minutiae: Math.sqrt(minutiae),
    coherence,
    notWet: Math.min(DARK_SHARE_WET - darkShare, 0),
    centred: -offCentre,
    evenPeriod: -periodSpread,
  }
}
