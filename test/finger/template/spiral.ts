import type { Frame } from '../../../src/finger/image/frame.ts'
import { KIND } from '../../../src/finger/template/template.ts'

/** A minutia by construction: on the side it points to, the ridge wave has one period more. */
export interface Spiral {
  readonly xPx: number
  readonly yPx: number
  /** Anticlockwise from the x axis. */
  readonly directionRad: number
  readonly kind: number
}

/**
 * Straight ridges of one period that run in `directionRad` (of the spiral), broken by exactly one
 * minutia: the phase of the wave goes round by a full turn about it. Ridges dark.
 */
export function spiralFrame(spiral: Spiral, options: { sidePx?: number; periodPx?: number } = {}): Frame {
  const { sidePx = 200, periodPx = 9 } = options
  const pixels = new Uint8Array(sidePx * sidePx)
  const alongX = Math.cos(spiral.directionRad)
  const alongY = -Math.sin(spiral.directionRad)
  for (let y = 0; y < sidePx; y++) {
    for (let x = 0; x < sidePx; x++) {
      const along = (x - spiral.xPx) * alongX + (y - spiral.yPx) * alongY
      const across = (y - spiral.yPx) * alongX - (x - spiral.xPx) * alongY
      const ahead = spiral.kind === KIND.ending ? Math.PI : 0 // of the pointed side: a ridge or a valley
      const phase = (2 * Math.PI * across) / periodPx + Math.atan2(across, along) + ahead
      pixels[y * sidePx + x] = Math.round(140 + 90 * Math.cos(phase))
    }
  }
  return { widthPx: sidePx, heightPx: sidePx, resolutionDpi: 500, pixels }
}
