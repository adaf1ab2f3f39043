import type { Frame } from '../../image/frame.ts'

const BLOCK_PX = 32

/** ISO/IEC 29794-4 MMB: mean of the blocks' mean grey levels, the smaller blocks at the edge included, 0…255. */
export function meanOfBlockMeans({ pixels, widthPx, heightPx }: Frame): number {
  let sum = 0
  let blocks = 0
  for (let top = 0; top < heightPx; top += BLOCK_PX) {
    for (let left = 0; left < widthPx; left += BLOCK_PX) {
      const right = Math.min(left + BLOCK_PX, widthPx)
      const bottom = Math.min(top + BLOCK_PX, heightPx)
      let levels = 0
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) levels += pixels[y * widthPx + x]
      sum += levels / ((right - left) * (bottom - top))
      blocks++
    }
  }
  return sum / blocks
}
