import type { Frame } from '../../image/frame.ts'
import { BORDER_PX, type RidgeBlock, type RidgeBlocks } from './ridge-blocks.ts'
import { changesOf, ridgeProfile } from './ridge-profile.ts'
import { slantedBlock } from './slanted-block.ts'

const SIZE = { widthPx: 32, heightPx: 16, padPx: BORDER_PX }

/**
 * ISO/IEC 29794-4 RVU: how wide ridges are beside the valley next to them; several values a block, about 1. Which is
 * divided by which turns from pair to pair, and the first whole width is left out, as NFIQ 2 does it.
 */
export function ridgeValleyUniformity(frame: Frame, { blocks }: RidgeBlocks): number[] {
  return blocks.filter(({ isForeground }) => isForeground).flatMap(block => ratiosOf(frame, block))
}

function ratiosOf(frame: Frame, block: RidgeBlock): number[] {
  const slanted = slantedBlock(frame, block, block.acrossRad, SIZE)
  const profile = ridgeProfile(slanted)
  const changes = changesOf(profile, slanted.widthPx - 1)
  if (changes.length < 2) return []
  const beginsWithRidge = profile.isRidge[changes[0] + 1]
  const widths = changes.slice(2).map((change, i) => change - changes[i + 1])
  widths.reverse()
  return widths.slice(1).map((width, i) => {
    const isTurned = i % 2 === (beginsWithRidge ? 1 : 0)
    return isTurned ? width / widths[i] : widths[i] / width
  })
}
