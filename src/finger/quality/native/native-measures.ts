import type { Frame } from '../../image/frame.ts'
import { cropWhite } from './crop-white.ts'
import { meanLevel } from './mean-level.ts'
import { meanOfBlockMeans } from './mean-of-block-means.ts'
import { orientationCertainty } from './orientation-certainty.ts'

/** Native measures of ISO/IEC 29794-4 for an image at 500 dpi, under the names that NFIQ 2 prints. */
export function nativeMeasures(image: Frame): Record<string, number> {
  const frame = cropWhite(image)
  const certainty = orientationCertainty(frame)
  return {
    Mu: meanLevel(frame),
    MMB: meanOfBlockMeans(frame),
    OCL_Bin10_Mean: certainty.mean,
    OCL_Bin10_StdDev: certainty.deviation,
  }
}
