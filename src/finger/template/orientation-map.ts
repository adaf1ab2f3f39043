import { atan2 } from '../kernels/elementary.ts'
import type { Canvas } from './canvas.ts'
import { CELL_PX, type Field, sampleField } from './field.ts'
import type { Orientation } from './orientation.ts'
import type { OrientationMap } from './template.ts'

/** A ridge's direction changes little over this; 8 pixels told fingers apart no better, and doubled a template. */
const MAP_CELL_PX = 16

/** The orientation as templates carry it: a byte for the ridge's angle and one for its coherence. */
export function orientationMap(canvas: Canvas, orientation: Orientation, mask: Field): OrientationMap {
  const columns = Math.ceil(canvas.imageWidthPx / MAP_CELL_PX)
  const rows = Math.ceil(canvas.imageHeightPx / MAP_CELL_PX)
  const angle = new Uint8Array(columns * rows)
  const coherence = new Uint8Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const xPx = (column + 0.5) * MAP_CELL_PX - 0.5 - canvas.leftPx
      const yPx = (row + 0.5) * MAP_CELL_PX - 0.5 - canvas.topPx
      if (xPx < 0 || yPx < 0 || xPx >= mask.columns * CELL_PX || yPx >= mask.rows * CELL_PX) continue
      if (sampleField(mask, xPx, yPx) < 0.5) continue
      const cosine = sampleField(orientation.cosine, xPx, yPx)
      const sine = sampleField(orientation.sine, xPx, yPx)
      const cell = row * columns + column
      angle[cell] = Math.round((ridgeAngle(cosine, sine) * 256) / Math.PI) & 255
      const length = Math.sqrt(cosine * cosine + sine * sine)
      coherence[cell] = Math.min(Math.max(Math.round(255 * length), 1), 255)
    }
  }
  return { cellPx: MAP_CELL_PX, columns, rows, angle, coherence }
}

/** Angle of the ridge, 0…π anticlockwise, from the doubled clockwise angle of its normal. */
export function ridgeAngle(cosine: number, sine: number): number {
  // Half the angle, a quarter turn on to the ridge, and the other way round: -(a/2) + π/2.
  const angle = Math.PI / 2 - 0.5 * atan2(sine, cosine)
  return angle >= Math.PI ? angle - Math.PI : angle
}
