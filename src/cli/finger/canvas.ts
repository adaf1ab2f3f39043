import { CELL_HEIGHT_DOTS, CELL_WIDTH_DOTS, drawGlyph } from '../../../hal/sim/stroke-font.ts'

/** Red, green, blue, 0…255. */
export type Colour = readonly [number, number, number]

/** A picture in colour to draw on. What falls outside is left out. */
export class Canvas {
  readonly pixels: Uint8Array

  constructor(
    readonly widthPx: number,
    readonly heightPx: number,
    background: Colour,
  ) {
    this.pixels = new Uint8Array(widthPx * heightPx * 3)
    for (let i = 0; i < widthPx * heightPx; i++) this.pixels.set(background, 3 * i)
  }

  dot(x: number, y: number, colour: Colour): void {
    const column = Math.round(x)
    const row = Math.round(y)
    if (column < 0 || row < 0 || column >= this.widthPx || row >= this.heightPx) return
    this.pixels.set(colour, 3 * (row * this.widthPx + column))
  }

  line(fromX: number, fromY: number, toX: number, toY: number, colour: Colour): void {
    const steps = Math.max(1, Math.ceil(Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY))))
    for (let i = 0; i <= steps; i++)
      this.dot(fromX + ((toX - fromX) * i) / steps, fromY + ((toY - fromY) * i) / steps, colour)
  }

  circle(x: number, y: number, radiusPx: number, colour: Colour): void {
    const steps = Math.ceil(8 * radiusPx)
    for (let i = 0; i < steps; i++) {
      const angle = (2 * Math.PI * i) / steps
      this.dot(x + radiusPx * Math.cos(angle), y + radiusPx * Math.sin(angle), colour)
    }
  }

  square(x: number, y: number, halfPx: number, colour: Colour): void {
    this.line(x - halfPx, y - halfPx, x + halfPx, y - halfPx, colour)
    this.line(x + halfPx, y - halfPx, x + halfPx, y + halfPx, colour)
    this.line(x + halfPx, y + halfPx, x - halfPx, y + halfPx, colour)
    this.line(x - halfPx, y + halfPx, x - halfPx, y - halfPx, colour)
  }

  text(text: string, left: number, top: number, colour: Colour): void {
    ;[...text].forEach((character, column) => {
      const glyph = drawGlyph(character, { scale: 1, bold: false })
      for (let i = 0; i < glyph.length; i++) {
        if (glyph[i] === 0) continue
        const x = left + column * CELL_WIDTH_DOTS + (i % CELL_WIDTH_DOTS)
        this.dot(x, top + Math.floor(i / CELL_WIDTH_DOTS), colour)
      }
    })
  }
}

export const TEXT_HEIGHT_PX = CELL_HEIGHT_DOTS
