/**
 * The native quality measures of ISO/IEC 29794-4, under the names that NFIQ 2 prints.
 *
 * For whoever compares kiosks with NFIQ 2 or reports to it; our own score is made of what extraction sees
 * (`../measure.ts`), which says more about a comparison. Takes some tenths of a second. Tests hold them against
 * NFIQ 2's own output; docs/ENGINE.md says how near each comes.
 */
import type { Frame } from '../../image/frame.ts'
import { resample } from '../../image/resample.ts'
import { cropWhite } from './crop-white.ts'
import { type Distribution, distributionOf } from './distribution.ts'
import { frequencyDomain } from './frequency-domain.ts'
import { levelsWithin } from './levels-within.ts'
import { localClarity } from './local-clarity.ts'
import { meanOfBlockMeans } from './mean-of-block-means.ts'
import { minutiaeQuality } from './minutiae-quality.ts'
import { orientationCertainty } from './orientation-certainty.ts'
import { orientationFlow } from './orientation-flow.ts'
import { regionCoherence } from './region-coherence.ts'
import { regionOfInterest } from './region-of-interest.ts'
import { ridgeBlocks } from './ridge-blocks.ts'
import { ridgeValleyUniformity } from './ridge-valley-uniformity.ts'

const RESOLUTION_DPI = 500

/** Between which the ten bins of each measure lie. */
const LIMITS = {
  FDA: [0.268, 0.304, 0.33, 0.355, 0.38, 0.407, 0.44, 0.5, 1],
  LCS: [0, 0.7, 0.74, 0.77, 0.79, 0.81, 0.83, 0.85, 0.87],
  OCL: [0.337, 0.479, 0.579, 0.655, 0.716, 0.766, 0.81, 0.852, 0.898],
  OF: [0.01715, 0.035, 0.0557, 0.081, 0.115, 0.1718, 0.2569, 0.4758, 0.748],
  RVUP: [0.5, 0.667, 0.8, 1, 1.25, 1.5, 2, 24, 30],
} as const

/** Minutiae in pixels at 500 dpi, as a `Template` has them. */
export interface Minutiae {
  readonly xPx: ArrayLike<number>
  readonly yPx: ArrayLike<number>
  readonly count: number
}

/**
 * Name → number for an image of any resolution. Minutiae are those of our own extraction, though two of the names
 * say FingerJetFX; without them (no finger was found) their measures are 0.
 */
export function nativeMeasures(image: Frame, minutiae?: Minutiae): Record<string, number> {
  const { frame, leftPx, topPx } = cropWhite(resample(image, RESOLUTION_DPI))
  const blocks = ridgeBlocks(frame)
  const whole = levelsWithin(frame, 0, 0, frame.widthPx, frame.heightPx)
  const points = Array.from({ length: minutiae?.count ?? 0 }, (_, i) => ({
    x: Math.round((minutiae?.xPx[i] ?? 0) - leftPx),
    y: Math.round((minutiae?.yPx[i] ?? 0) - topPx),
  }))
  const { inCore, dark, certain } = minutiaeQuality(frame, points)
  return {
    UniformImage: whole.deviation,
    EmptyImageOrContrastTooLow: whole.mean,
    FingerprintImageWithMinutiae: points.length,
    ...named('FDA', frequencyDomain(frame, blocks)),
    FingerJetFX_MinCount_COMMinRect200x200: inCore,
    FingerJetFX_MinutiaeCount: points.length,
    FJFXPos_Mu_MinutiaeQuality_2: dark,
    FJFXPos_OCL_MinutiaeQuality_80: certain,
    ...ofRegion(frame),
    ...named('LCS', localClarity(frame, blocks)),
    MMB: meanOfBlockMeans(frame),
    Mu: whole.mean,
    ...named('OCL', orientationCertainty(frame)),
    ...named('OF', orientationFlow(blocks)),
    ...named('RVUP', ridgeValleyUniformity(frame, blocks)),
  }
}

function ofRegion(frame: Frame): Record<string, number> {
  const region = regionOfInterest(frame)
  const coherence = regionCoherence(frame, region)
  let pixels = 0
  let levels = 0
  for (let i = 0; i < region.length; i++) {
    if (region[i] === 0) continue
    pixels++
    levels += frame.pixels[i]
  }
  return {
    SufficientFingerprintForeground: pixels,
    ImgProcROIArea_Mean: pixels > 0 ? levels / pixels : 255,
    OrientationMap_ROIFilter_CoherenceRel: coherence.mean,
    OrientationMap_ROIFilter_CoherenceSum: coherence.sum,
  }
}

function named(name: keyof typeof LIMITS, values: readonly number[]): Record<string, number> {
  const { mean, deviation, bins }: Distribution = distributionOf(values, LIMITS[name])
  return {
    ...Object.fromEntries(bins.map((count, bin) => [`${name}_Bin10_${bin}`, count])),
    [`${name}_Bin10_Mean`]: mean,
    [`${name}_Bin10_StdDev`]: deviation,
  }
}
