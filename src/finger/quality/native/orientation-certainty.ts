import type { Frame } from '../../image/frame.ts'
import { type Box, structureOf } from './gradients.ts'

const BLOCK_PX = 32

/**
 * ISO/IEC 29794-4 OCL: how much more the gradients of a block spread in one direction than across it,
 * 1 - λmin/λmax of their covariance; a value for each whole block that holds any contrast, 0…1.
 */
export function orientationCertainty(frame: Frame): number[] {
  const values: number[] = []
  for (let top = 0; top + BLOCK_PX <= frame.heightPx; top += BLOCK_PX) {
    for (let left = 0; left + BLOCK_PX <= frame.widthPx; left += BLOCK_PX) {
      const certainty = certaintyOf(frame, { left, top, widthPx: BLOCK_PX, heightPx: BLOCK_PX })
      if (certainty !== undefined) values.push(certainty)
    }
  }
  return values
}

/** Undefined for a box of one level. */
export function certaintyOf(frame: Frame, box: Box): number | undefined {
  const { xx, yy, xy } = structureOf(frame, box)
  if (xx + yy === 0) return undefined
  const difference = Math.sqrt((xx - yy) * (xx - yy) + 4 * xy * xy)
  return 1 - (xx + yy - difference) / (xx + yy + difference)
}
