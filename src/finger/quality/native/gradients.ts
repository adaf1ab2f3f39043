import type { Frame } from '../../image/frame.ts'

export interface Box {
  readonly left: number
  readonly top: number
  readonly widthPx: number
  readonly heightPx: number
}

/** The sums of squares and of the product of a box's gradients. */
export interface Structure {
  readonly xx: number
  readonly yy: number
  readonly xy: number
}

/** Gradients are central differences, one-sided at the box's edge, none across a side of one pixel. */
export function structureOf({ pixels, widthPx: stride }: Frame, box: Box): Structure {
  const { left, top, widthPx, heightPx } = box
  let xx = 0
  let yy = 0
  let xy = 0
  for (let y = 0; y < heightPx; y++) {
    const above = y > 0 ? stride : 0
    const below = y < heightPx - 1 ? stride : 0
    const rows = Math.max(Math.sign(above) + Math.sign(below), 1)
    for (let x = 0; x < widthPx; x++) {
      const before = x > 0 ? 1 : 0
      const after = x < widthPx - 1 ? 1 : 0
      const at = (top + y) * stride + left + x
      const dx = (pixels[at + after] - pixels[at - before]) / Math.max(after + before, 1)
      const dy = (pixels[at + below] - pixels[at - above]) / rows
      xx += dx * dx
      yy += dy * dy
      xy += dx * dy
    }
  }
  return { xx, yy, xy }
}
