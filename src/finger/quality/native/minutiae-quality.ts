import type { Frame } from '../../image/frame.ts'
import { levelsWithin } from './levels-within.ts'
import { certaintyOf } from './orientation-certainty.ts'

const BLOCK_PX = 32
const CORE_HALF_PX = 100
const CERTAIN_PERCENT = 80

export interface Point {
  readonly x: number
  readonly y: number
}

export interface MinutiaeQuality {
  /** How many lie in the 200 × 200 pixels round their middle. */
  readonly inCore: number
  /** Share round which the image is darker than its mean, by half a deviation at most. */
  readonly dark: number
  /** Share round which the ridges' direction is more than 80 % certain. */
  readonly certain: number
}

/** What NFIQ 2 looks at round each minutia; all 0 where there is none. */
export function minutiaeQuality(frame: Frame, minutiae: readonly Point[]): MinutiaeQuality {
  const count = Math.max(minutiae.length, 1)
  const middleX = Math.floor(minutiae.reduce((sum, { x }) => sum + x, 0) / count)
  const middleY = Math.floor(minutiae.reduce((sum, { y }) => sum + y, 0) / count)
  const inCore = minutiae.filter(
    ({ x, y }) => Math.abs(x - middleX) <= CORE_HALF_PX && Math.abs(y - middleY) <= CORE_HALF_PX,
  )
  const image = levelsWithin(frame, 0, 0, frame.widthPx, frame.heightPx)
  const dark = minutiae.filter(minutia => {
    const { left, top } = blockAround(minutia)
    const { mean } = levelsWithin(frame, left, top, left + BLOCK_PX, top + BLOCK_PX)
    const darker = (image.mean - mean) / image.deviation
    return darker > 0 && darker <= 0.5
  })
  const certain = minutiae.filter(minutia => {
    const left = Math.min(blockAround(minutia).left, frame.widthPx - BLOCK_PX)
    const top = Math.min(blockAround(minutia).top, frame.heightPx - BLOCK_PX)
    if (left < 0 || top < 0) return false
    const certainty = certaintyOf(frame, { left, top, widthPx: BLOCK_PX, heightPx: BLOCK_PX }) ?? 0
    return Math.floor(certainty * 100 + 0.5) > CERTAIN_PERCENT
  })
  return { inCore: inCore.length, dark: dark.length / count, certain: certain.length / count }
}

function blockAround({ x, y }: Point): { left: number; top: number } {
  return { left: Math.max(x - BLOCK_PX / 2, 0), top: Math.max(y - BLOCK_PX / 2, 0) }
}
