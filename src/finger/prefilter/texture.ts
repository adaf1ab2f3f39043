/** The ridges' orientation round a minutia, as numbers that a projection can weigh: 0 where nothing is known. */
import { cos, sin, TWO_PI } from '../kernels/elementary.ts'
import type { OrientationMap } from '../template/template.ts'

const rings = [
  { radiusPx: 16, points: 8 },
  { radiusPx: 30, points: 11 },
  { radiusPx: 44, points: 13 },
  { radiusPx: 58, points: 16 },
] as const
const points = rings.flatMap(({ radiusPx, points }) =>
  Array.from({ length: points }, (_, k) => ({
    x: radiusPx * cos((TWO_PI * k) / points),
    y: radiusPx * sin((TWO_PI * k) / points),
  })),
)
/** A cosine and a sine a point. */
export const TEXTURE_DIMENSIONS = 2 * points.length

const FULL = 127
const STEPS = 256 // of a whole turn of the doubled angle
const cosines = Float64Array.from({ length: STEPS }, (_, i) => FULL * cos((TWO_PI * i) / STEPS))
const sines = Float64Array.from({ length: STEPS }, (_, i) => FULL * sin((TWO_PI * i) / STEPS))

/**
 * Writes the doubled angles of the orientation at the points round (xPx, yPx), in the frame of the minutia and
 * relative to its direction; between the map's cells they are interpolated.
 */
export function addTexture(
  into: Int16Array,
  { cellPx, columns, rows, angle, coherence }: OrientationMap,
  xPx: number,
  yPx: number,
  directionRad: number,
): void {
  const clockwise = -directionRad
  const cosine = cos(clockwise)
  const sine = sin(clockwise)
  const turned = Math.round((clockwise / TWO_PI) * 2 * STEPS)
  points.forEach(({ x, y }, k) => {
    const column = (xPx + x * cosine - y * sine) / cellPx - 0.5
    const row = (yPx + x * sine + y * cosine) / cellPx - 0.5
    const left = Math.floor(column)
    const top = Math.floor(row)
    let real = 0
    let imaginary = 0
    for (let corner = 0; corner < 4; corner++) {
      const atColumn = left + (corner & 1)
      const atRow = top + (corner >> 1)
      if (!(atColumn >= 0 && atRow >= 0 && atColumn < columns && atRow < rows)) continue
      const cell = atRow * columns + atColumn
      if (coherence[cell] === 0) continue
      const share = (1 - Math.abs(column - atColumn)) * (1 - Math.abs(row - atRow))
      // The map counts anticlockwise, 256 a half turn.
      const doubled = (-angle[cell] - turned) & (STEPS - 1)
      real += share * cosines[doubled]
      imaginary += share * sines[doubled]
    }
    into[2 * k] = Math.round(real)
    into[2 * k + 1] = Math.round(imaginary)
  })
}
