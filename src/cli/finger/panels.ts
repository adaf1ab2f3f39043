/** Pictures side by side, each under a title, and what is drawn on them. */
import { encodePng } from '../../finger/image/encode-png.ts'
import type { Frame } from '../../finger/image/frame.ts'
import { KIND, type Template } from '../../finger/template/template.ts'
import { Canvas, type Colour, TEXT_HEIGHT_PX } from './canvas.ts'

const GAP_PX = 12
export const PAPER: Colour = [255, 255, 255]
const INK: Colour = [30, 30, 30]
const RED: Colour = [214, 39, 40]
export const BLUE: Colour = [31, 90, 200]

export type Shade = (x: number, y: number) => Colour

export interface Panel {
  readonly title: string
  readonly shade: Shade
  readonly draw?: (dot: Pen) => void
}

/** Draws within one panel, in its own pixels. */
export interface Pen {
  line(fromX: number, fromY: number, toX: number, toY: number, colour: Colour): void
  circle(x: number, y: number, radiusPx: number, colour: Colour): void
  square(x: number, y: number, halfPx: number, colour: Colour): void
}

/** A PNG of panels of one size, `columns` in a row. */
export function arrange(
  panels: readonly Panel[],
  size: Pick<Frame, 'widthPx' | 'heightPx'>,
  columns: number,
): Uint8Array {
  const stepX = size.widthPx + GAP_PX
  const stepY = size.heightPx + TEXT_HEIGHT_PX + 2 * GAP_PX
  const rows = Math.ceil(panels.length / columns)
  const canvas = new Canvas(columns * stepX + GAP_PX, rows * stepY + GAP_PX, PAPER)
  panels.forEach(({ title, shade, draw }, index) => {
    const left = GAP_PX + (index % columns) * stepX
    const top = GAP_PX + Math.floor(index / columns) * stepY
    canvas.text(title, left, top, INK)
    const imageTop = top + TEXT_HEIGHT_PX + GAP_PX / 2
    for (let y = 0; y < size.heightPx; y++)
      for (let x = 0; x < size.widthPx; x++) canvas.dot(left + x, imageTop + y, shade(x, y))
    draw?.({
      line: (x1, y1, x2, y2, colour) =>
        canvas.line(left + x1, imageTop + y1, left + x2, imageTop + y2, colour),
      circle: (x, y, radiusPx, colour) => canvas.circle(left + x, imageTop + y, radiusPx, colour),
      square: (x, y, halfPx, colour) => canvas.square(left + x, imageTop + y, halfPx, colour),
    })
  })
  return encodePng({ widthPx: canvas.widthPx, heightPx: canvas.heightPx, pixels: canvas.pixels })
}

/** An ending is a circle, a bifurcation a square, anything else both; the stroke points where the ridge goes. */
export function drawMinutiae(pen: Pen, template: Template): void {
  for (let i = 0; i < template.count; i++) {
    const x = template.xPx[i]
    const y = template.yPx[i]
    const colour = template.kind[i] === KIND.bifurcation ? BLUE : RED
    if (template.kind[i] !== KIND.bifurcation) pen.circle(x, y, 3, colour)
    if (template.kind[i] !== KIND.ending) pen.square(x, y, 3, colour)
    const lengthPx = 6 + 8 * template.reliability[i]
    const angle = template.directionRad[i]
    pen.line(x, y, x + lengthPx * Math.cos(angle), y - lengthPx * Math.sin(angle), colour)
  }
}

export function grey(level: number): Colour {
  const bounded = Math.round(Math.min(Math.max(level, 0), 255))
  return [bounded, bounded, bounded]
}
