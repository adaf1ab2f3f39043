import type { Frame } from '../../image/frame.ts'
import { structureOf } from './gradients.ts'

const BLOCK_PX = 32

/**
 * How far the gradients of a block agree on one direction, 0…1: sum, and mean over the blocks that the region
 * touches, smaller ones at the edge included.
 */
export function regionCoherence(frame: Frame, region: Uint8Array): { sum: number; mean: number } {
  let blocks = 0
  let sum = 0
  for (let top = 0; top < frame.heightPx; top += BLOCK_PX) {
    for (let left = 0; left < frame.widthPx; left += BLOCK_PX) {
      const widthPx = Math.min(BLOCK_PX, frame.widthPx - left)
      const heightPx = Math.min(BLOCK_PX, frame.heightPx - top)
      if (!touches(region, frame.widthPx, left, top, widthPx, heightPx)) continue
      blocks++
      const { xx, yy, xy } = structureOf(frame, { left, top, widthPx, heightPx })
      if (xx + yy > 0) sum += Math.sqrt((xx - yy) * (xx - yy) + 4 * xy * xy) / (xx + yy)
    }
  }
  return { sum, mean: sum / Math.max(blocks, 1) }
}

function touches(
  region: Uint8Array,
  stride: number,
  left: number,
  top: number,
  widthPx: number,
  heightPx: number,
): boolean {
  for (let y = top; y < top + heightPx; y++)
    for (let x = left; x < left + widthPx; x++) if (region[y * stride + x] === 1) return true
  return false
}
