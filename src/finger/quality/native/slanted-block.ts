import type { Frame } from '../../image/frame.ts'
import { cos, sin } from '../../kernels/elementary.ts'
import { BLOCK_PX, BORDER_PX, type RidgeBlock } from './ridge-blocks.ts'

const SIDE_PX = BLOCK_PX + 2 * BORDER_PX
const STEPS = 1024 // a pixel, in the fixed point that places samples

export interface Slanted {
  readonly widthPx: number
  readonly heightPx: number
  /** Row by row. */
  readonly levels: Uint8Array
}

/**
 * The middle of a block and its border, turned by `angleRad`, by nearest pixels, black beyond.
 *
 * `padPx`: NFIQ 2 first widens some blocks so far to each side and then cuts the turned one from where the middle was
 * before, which is that far off. It is in its figures, so it is in ours.
 */
export function slantedBlock(
  frame: Frame,
  { left, top }: RidgeBlock,
  angleRad: number,
  { widthPx, heightPx, padPx }: { widthPx: number; heightPx: number; padPx: number },
): Slanted {
  const cosine = cos(angleRad)
  const sine = sin(angleRad)
  const centre = SIDE_PX / 2 + padPx
  const shiftX = centre - cosine * centre + sine * centre
  const shiftY = centre - sine * centre - cosine * centre
  const levels = new Uint8Array(widthPx * heightPx)
  for (let row = 0; row < heightPx; row++) {
    const y = row + (SIDE_PX - heightPx) / 2
    const startX = Math.round((-sine * y + shiftX) * STEPS) + STEPS / 2
    const startY = Math.round((cosine * y + shiftY) * STEPS) + STEPS / 2
    for (let column = 0; column < widthPx; column++) {
      const x = column + (SIDE_PX - widthPx) / 2
      const fromX = Math.floor((startX + Math.round(cosine * x * STEPS)) / STEPS) - padPx
      const fromY = Math.floor((startY + Math.round(sine * x * STEPS)) / STEPS) - padPx
      if (!isWithin(fromX, -padPx, SIDE_PX + padPx) || !isWithin(fromY, -padPx, SIDE_PX + padPx)) continue
      const [atX, atY] = [left - BORDER_PX + fromX, top - BORDER_PX + fromY]
      if (!isWithin(atX, 0, frame.widthPx) || !isWithin(atY, 0, frame.heightPx)) continue
      levels[row * widthPx + column] = frame.pixels[atY * frame.widthPx + atX]
    }
  }
  return { widthPx, heightPx, levels }
}

function isWithin(at: number, from: number, end: number): boolean {
  return at >= from && at < end
}
