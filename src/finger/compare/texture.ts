/**
 * The ridge orientation round a minutia, at fixed points of its own frame and relative to its direction
 * (after Tico and Kuosmanen, "Fingerprint matching using an orientation-based minutia descriptor", 2003).
 */
import { cos, sin, TWO_PI } from '../kernels/elementary.ts'
import type { OrientationMap } from '../template/template.ts'
import type { Minutiae } from './prepare.ts'

const rings = [
  { radiusPx: 44, points: 13 },
  { radiusPx: 30, points: 11 },
  { radiusPx: 16, points: 8 },
  { radiusPx: 58, points: 16 },
] as const
export const TEXTURE_POINTS = 48

const points = rings.flatMap(({ radiusPx, points }) =>
  Array.from({ length: points }, (_, k) => ({
    x: radiusPx * cos((TWO_PI * k) / points),
    y: radiusPx * sin((TWO_PI * k) / points),
  })),
)
const pointX = Float64Array.from(points, ({ x }) => x)
const pointY = Float64Array.from(points, ({ y }) => y)

/** A minutia: TEXTURE_POINTS angles (0…255 for 0…π), then TEXTURE_POINTS times 255 for valid, else 0. */
export function sampleTexture(
  { count, xPx, yPx, turn, cos, sin }: Minutiae,
  { cellPx, columns, rows, angle, coherence }: OrientationMap,
): Uint8Array {
  const texture = new Uint8Array(count * 2 * TEXTURE_POINTS)
  for (let i = 0; i < count; i++) {
    const at = i * 2 * TEXTURE_POINTS
    const turned = Math.round(turn[i] * 512)
    for (let k = 0; k < TEXTURE_POINTS; k++) {
      const column = Math.floor((xPx[i] + pointX[k] * cos[i] - pointY[k] * sin[i]) / cellPx)
      const row = Math.floor((yPx[i] + pointX[k] * sin[i] + pointY[k] * cos[i]) / cellPx)
      if (!(column >= 0 && row >= 0 && column < columns && row < rows)) continue
      const cell = row * columns + column
      if (coherence[cell] === 0) continue
      // The map counts anticlockwise, the comparison clockwise; half a turn is 256 here.
      texture[at + k] = (-angle[cell] - turned) & 255
      texture[at + TEXTURE_POINTS + k] = 255
    }
  }
  return texture
}
