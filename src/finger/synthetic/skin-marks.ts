import { cos, sin } from '../kernels/elementary.ts'
import type { Random } from './random.ts'

interface Pad {
  readonly widthPx: number
  readonly heightPx: number
  readonly heights: Float32Array
}

/** Pores on the crests, and a crease or two: what stays on a finger for life. Changes `pad.heights`. */
export function markSkin(pad: Pad, random: Random): void {
  markPores(pad, random)
  const creases = random.below(4)
  for (let crease = 0; crease < creases; crease++) markCrease(pad, random)
}

const PORE_SPACING_PX = 9

function markPores({ widthPx, heightPx, heights }: Pad, random: Random): void {
  for (let row = PORE_SPACING_PX; row < heightPx - PORE_SPACING_PX; row += PORE_SPACING_PX) {
    for (let column = PORE_SPACING_PX; column < widthPx - PORE_SPACING_PX; column += PORE_SPACING_PX) {
      const pixel = (row + random.below(PORE_SPACING_PX)) * widthPx + column + random.below(PORE_SPACING_PX)
      const depth = random.range(0.2, 1.1)
      if (heights[pixel] < 0.6) continue
      heights[pixel] -= depth
      for (const beside of [1, -1, widthPx, -widthPx]) heights[pixel + beside] -= depth / 2
    }
  }
}

/** A thin line across the ridges, nowhere quite straight. */
function markCrease({ widthPx, heightPx, heights }: Pad, random: Random): void {
  let x = widthPx * random.range(0.2, 0.8)
  let y = heightPx * random.range(0.25, 0.85)
  let angle = random.range(-0.9, 0.9)
  const steps = 30 + random.below(120)
  const halfWidthPx = random.range(0.6, 1.3)
  for (let step = 0; step < steps; step++) {
    angle += 0.04 * random.bell()
    x += cos(angle)
    y += sin(angle)
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) {
        const column = Math.round(x) + dx
        const row = Math.round(y) + dy
        if (column < 0 || row < 0 || column >= widthPx || row >= heightPx) continue
        const apart = (column - x) * (column - x) + (row - y) * (row - y)
        if (apart < halfWidthPx * halfWidthPx) heights[row * widthPx + column] = -1
      }
    }
  }
}
