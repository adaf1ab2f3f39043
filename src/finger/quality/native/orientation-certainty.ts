import type { Frame } from '../../image/frame.ts'

const BLOCK_PX = 32

/**
 * ISO/IEC 29794-4 OCL: how much more the gradients of a block spread in one direction than across it,
 * 1 - λmin/λmax of their covariance, 0…1. Mean and standard deviation over the whole blocks that hold any
 * contrast; both 0 where none does.
 */
export function orientationCertainty(frame: Frame): { mean: number; deviation: number } {
  let blocks = 0
  let sum = 0
  let squares = 0
  for (let top = 0; top + BLOCK_PX <= frame.heightPx; top += BLOCK_PX) {
    for (let left = 0; left + BLOCK_PX <= frame.widthPx; left += BLOCK_PX) {
      const certainty = certaintyOf(frame, left, top)
      if (certainty === undefined) continue
      blocks++
      sum += certainty
      squares += certainty * certainty
    }
  }
  if (blocks === 0) return { mean: 0, deviation: 0 }
  const mean = sum / blocks
  return { mean, deviation: Math.sqrt(Math.max(squares / blocks - mean * mean, 0)) }
}

/** Gradients are central differences, one-sided at the block's edge. Undefined for a block of one level. */
function certaintyOf({ pixels, widthPx }: Frame, left: number, top: number): number | undefined {
  let xx = 0
  let yy = 0
  let xy = 0
  const last = BLOCK_PX - 1
  for (let y = 0; y < BLOCK_PX; y++) {
    const line = (top + y) * widthPx + left
    const above = y > 0 ? widthPx : 0
    const below = y < last ? widthPx : 0
    for (let x = 0; x < BLOCK_PX; x++) {
      const before = x > 0 ? 1 : 0
      const after = x < last ? 1 : 0
      const at = line + x
      const dx = (pixels[at + after] - pixels[at - before]) / (after + before)
      const dy = (pixels[at + below] - pixels[at - above]) / (y > 0 && y < last ? 2 : 1)
      xx += dx * dx
      yy += dy * dy
      xy += dx * dy
    }
  }
  if (xx + yy === 0) return undefined
  const difference = Math.sqrt((xx - yy) * (xx - yy) + 4 * xy * xy)
  return 1 - (xx + yy - difference) / (xx + yy + difference)
}
