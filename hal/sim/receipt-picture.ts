import assert from 'node:assert'
import { encode } from 'fast-png'
import type { Picture, Receipt, ReceiptLine } from '../ports/receipt-printer.ts'
import { wrapText } from '../ports/wrap-text.ts'
import { qrModules } from './receipt-text.ts'
import { CELL_HEIGHT_DOTS, CELL_WIDTH_DOTS, drawGlyph } from './stroke-font.ts'

const LINE_GAP_DOTS = 4
const QR_WIDTH_DOTS = 264
const PAPER = 255
const INK = 24

/** One strip of paper, `heightDots` of it, row by row, 1 is ink. */
interface Strip {
  readonly heightDots: number
  readonly dots: Uint8Array
}

/** The paper as a PNG, one pixel a dot, with the torn-off ends a little above and below the print. */
export function receiptPicture(receipt: Receipt, widthDots: number): Uint8Array {
  const margin = blank(widthDots, CELL_HEIGHT_DOTS)
  const strips = [margin, ...receipt.flatMap(line => printLine(line, widthDots)), margin]
  const height = strips.reduce((sum, strip) => sum + strip.heightDots, 0)
  const data = new Uint8Array(widthDots * height)
  let at = 0
  for (const { dots } of strips) {
    for (const dot of dots) data[at++] = dot === 0 ? PAPER : INK
  }
  return encode({ width: widthDots, height, data, depth: 8, channels: 1 })
}

function printLine(line: ReceiptLine, widthDots: number): Strip[] {
  if ('qr' in line) return [qrStrip(line.qr, widthDots)]
  if ('picture' in line) return [pictureStrip(line.picture, widthDots)]
  if ('rule' in line) return [ruleStrip(widthDots)]
  if ('feedLines' in line) return [blank(widthDots, line.feedLines * (CELL_HEIGHT_DOTS + LINE_GAP_DOTS))]
  const scale = line.large ? 2 : 1
  const columns = Math.floor(widthDots / (CELL_WIDTH_DOTS * scale))
  return wrapText(line.text, columns).map(text =>
    textStrip(text, widthDots, { scale, bold: line.bold === true, centre: line.align === 'centre' }),
  )
}

function blank(widthDots: number, heightDots: number): Strip {
  return { heightDots, dots: new Uint8Array(widthDots * heightDots) }
}

function textStrip(
  text: string,
  widthDots: number,
  style: { scale: number; bold: boolean; centre: boolean },
): Strip {
  const cellWidth = CELL_WIDTH_DOTS * style.scale
  const cellHeight = CELL_HEIGHT_DOTS * style.scale
  const strip = blank(widthDots, cellHeight + LINE_GAP_DOTS)
  const characters = [...text]
  const left = style.centre ? Math.floor((widthDots - characters.length * cellWidth) / 2) : 0
  characters.forEach((character, column) => {
    const glyph = drawGlyph(character, style)
    for (let row = 0; row < cellHeight; row++) {
      const from = glyph.subarray(row * cellWidth, (row + 1) * cellWidth)
      strip.dots.set(from, row * widthDots + left + column * cellWidth)
    }
  })
  return strip
}

function ruleStrip(widthDots: number): Strip {
  const strip = blank(widthDots, CELL_HEIGHT_DOTS)
  strip.dots.fill(1, widthDots * 11, widthDots * 13)
  return strip
}

function pictureStrip(picture: Picture, widthDots: number): Strip {
  assert(picture.widthDots <= widthDots, 'a picture fits the paper')
  const heightDots = picture.dots.length / picture.widthDots
  const strip = blank(widthDots, heightDots)
  const left = Math.floor((widthDots - picture.widthDots) / 2)
  for (let y = 0; y < heightDots; y++) {
    const row = picture.dots.subarray(y * picture.widthDots, (y + 1) * picture.widthDots)
    strip.dots.set(row, y * widthDots + left)
  }
  return strip
}

/** Centred, with modules as large as whole dots allow. */
function qrStrip(text: string, widthDots: number): Strip {
  const modules = qrModules(text)
  const moduleDots = Math.max(1, Math.floor(Math.min(QR_WIDTH_DOTS, widthDots) / modules.length))
  const sideDots = modules.length * moduleDots
  assert(sideDots <= widthDots, 'a receipt carries short codes only')
  const strip = blank(widthDots, sideDots)
  const left = Math.floor((widthDots - sideDots) / 2)
  for (let y = 0; y < sideDots; y++) {
    for (let x = 0; x < sideDots; x++) {
      const dark = modules[Math.floor(y / moduleDots)][Math.floor(x / moduleDots)]
      if (dark) strip.dots[y * widthDots + left + x] = 1
    }
  }
  return strip
}
