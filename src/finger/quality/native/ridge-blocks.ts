import type { Frame } from '../../image/frame.ts'
import { atan2 } from '../../kernels/elementary.ts'
import { structureOf } from './gradients.ts'
import { levelsWithin } from './levels-within.ts'

export const BLOCK_PX = 32
/** Room round a block so that a slanted one of 32 × 16 pixels fits in. */
export const BORDER_PX = 2
/** Of the whole image's deviation: a block with less shows no ridges. */
const DEVIATION_MIN = 0.1

/** A block of the grid that FDA, LCS, OF and RVU of ISO/IEC 29794-4 look at. */
export interface RidgeBlock {
  readonly left: number
  readonly top: number
  /** Angle of the line across the ridges, radians, -π/2…π/2, y downwards. */
  readonly acrossRad: number
  readonly isForeground: boolean
}

export interface RidgeBlocks {
  readonly columns: number
  readonly rows: number
  /** Row by row. */
  readonly blocks: readonly RidgeBlock[]
}

export function ridgeBlocks(frame: Frame): RidgeBlocks {
  const { widthPx, heightPx } = frame
  const columns = blocksAlong(widthPx)
  const rows = blocksAlong(heightPx)
  const isForeground = foreground(frame)
  const blocks: RidgeBlock[] = []
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const left = BORDER_PX + column * BLOCK_PX
      const top = BORDER_PX + row * BLOCK_PX
      const { xx, yy, xy } = structureOf(frame, { left, top, widthPx: BLOCK_PX, heightPx: BLOCK_PX })
      blocks.push({
        left,
        top,
        // NFIQ 2 has the product once, not twice, as the double angle would want it.
        acrossRad: atan2(xy, xx - yy) / 2,
        isForeground: isForeground(column, row),
      })
    }
  }
  return { columns, rows, blocks }
}

/** Whole blocks that leave their border within the image. */
function blocksAlong(sidePx: number): number {
  return Math.max(Math.floor((sidePx - 2 * BORDER_PX) / BLOCK_PX), 0)
}

/**
 * Whether all of a block lies where the image has contrast. Contrast is measured on a grid that starts in the
 * image's corner, so that the shifted block reaches into four of its squares.
 */
function foreground(frame: Frame): (column: number, row: number) => boolean {
  const { widthPx, heightPx } = frame
  const columns = Math.ceil(widthPx / BLOCK_PX)
  const deviationMin = DEVIATION_MIN * levelsWithin(frame, 0, 0, widthPx, heightPx).deviation
  const hasContrast = Array.from({ length: columns * Math.ceil(heightPx / BLOCK_PX) }, (_, i) => {
    const left = (i % columns) * BLOCK_PX
    const top = Math.floor(i / columns) * BLOCK_PX
    return levelsWithin(frame, left, top, left + BLOCK_PX, top + BLOCK_PX).deviation > deviationMin
  })
  return (column, row) => {
    const first = row * columns + column
    return [first, first + 1, first + columns, first + columns + 1].every(i => hasContrast[i])
  }
}
