import type { Frame } from '../../image/frame.ts'
import type { RidgeBlock, RidgeBlocks } from './ridge-blocks.ts'
import { changesOf, type RidgeProfile, ridgeProfile } from './ridge-profile.ts'
import { type Slanted, slantedBlock } from './slanted-block.ts'

const SIZE = { widthPx: 32, heightPx: 16, padPx: 0 }
/** A width of 1: 5 pixels at 125 dpi. Widths are divided by it, for the limits fall on whole pixels. */
const SCALE_PX = 20
/** Mean widths between which ridges and valleys are those of a finger. */
const RIDGE = { min: 3 / SCALE_PX, max: 10 / SCALE_PX }
const VALLEY = { min: 2 / SCALE_PX, max: 10 / SCALE_PX }

/**
 * ISO/IEC 29794-4 LCS: how few pixels of ridges are as light as a valley, and of valleys as dark as a ridge; a value
 * a block, 0…1, and 0 where ridges or valleys are not as wide as a finger's.
 */
export function localClarity(frame: Frame, { blocks }: RidgeBlocks): number[] {
  return blocks.filter(({ isForeground }) => isForeground).map(block => clarityOf(frame, block))
}

function clarityOf(frame: Frame, block: RidgeBlock): number {
  const slanted = slantedBlock(frame, block, block.acrossRad, SIZE)
  const profile = ridgeProfile(slanted)
  const changes = changesOf(profile, slanted.widthPx)
  const widths = changes.map((change, i) => change - (i > 0 ? changes[i - 1] : 0))
  const [ridge, valley] = profile.isRidge[0] ? [0, 1] : [1, 0]
  if (!isWithin(meanOf(widths, ridge), RIDGE) || !isWithin(meanOf(widths, valley), VALLEY)) return 0
  return 1 - misplaced(slanted, profile)
}

/** Of every second width from `first` on; 0 where there is none. */
function meanOf(widths: readonly number[], first: number): number {
  const chosen = widths.filter((_, i) => i % 2 === first)
  return chosen.reduce((sum, width) => sum + width / SCALE_PX, 0) * (1 / Math.max(chosen.length, 1))
}

function isWithin(value: number, { min, max }: { min: number; max: number }): boolean {
  return value >= min && value <= max
}

/** Mean of the share of ridges that is light and that of valleys that is dark. */
function misplaced({ levels, widthPx }: Slanted, { threshold, isRidge }: RidgeProfile): number {
  let ridges = 0
  let light = 0
  let dark = 0
  for (let i = 0; i < levels.length; i++) {
    const x = i % widthPx
    if (isRidge[x]) {
      ridges++
      if (levels[i] >= threshold[x]) light++
    } else if (levels[i] < threshold[x]) dark++
  }
  return (dark / (levels.length - ridges) + light / ridges) / 2
}
