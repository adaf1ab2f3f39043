/**
 * A WSQ writer for tests: the analysis as the specification defines it, sample by sample, all 60 subbands with one
 * bin width, and one code of 8 bits for every symbol. Slow, plain, and sharing nothing with the reader but the
 * rectangles of the subbands.
 */
import { type Band, subbands } from '../../../src/finger/image/wsq-wavelet.ts'

/** The right halves of the FBI's filters, from the middle on. */
export const FBI_LOW = [0.852698679009, 0.377402855613, -0.110624404418, -0.02384946502, 0.037828455507]
export const FBI_HIGH = [0.788485616406, -0.418092273222, -0.040689417609, 0.064538882629]

const SHIFT = 127.5
const SCALE = 64

export interface WsqImage {
  readonly widthPx: number
  readonly heightPx: number
  readonly pixels: Uint8Array
}

/** `binWidth` in units of 1/64 of a grey level times 100: the larger, the lossier. */
export function writeWsq(image: WsqImage, options: { binWidth: number; ppi?: number }): Uint8Array {
  const { widthPx, heightPx } = image
  const plane = Float64Array.from(image.pixels, pixel => (pixel - SHIFT) / SCALE)
  const { whole, bands } = subbands(widthPx, heightPx)
  analyse(plane, widthPx, whole)
  const q = options.binWidth / 10_000
  const coded: number[] = []
  for (const band of bands.slice(0, 60))
    for (let y = band.y; y < band.y + band.height; y++)
      for (let x = band.x; x < band.x + band.width; x++) {
        const value = plane[y * widthPx + x]
        const magnitude = Math.abs(value) < q / 2 ? 0 : Math.floor((Math.abs(value) - q / 2) / q) + 1
        coded.push(value < 0 ? -magnitude : magnitude)
      }
  const segments = [
    ...(options.ppi === undefined ? [] : [comment(`NIST_COM 2\nPIX_DEPTH 8\nPPI ${options.ppi}\n`)]),
    segment(0xa4, [
      FBI_LOW.length * 2 - 1,
      FBI_HIGH.length * 2 - 1,
      ...[...FBI_LOW, ...FBI_HIGH].flatMap(tap),
    ]),
    segment(0xa5, [
      2,
      ...u16(44),
      ...Array.from({ length: 64 }, (_, i) => bin(i < 60 ? options.binWidth : 0)).flat(),
    ]),
    segment(0xa2, [
      0,
      255,
      ...u16(heightPx),
      ...u16(widthPx),
      1,
      ...u16(SHIFT * 10),
      0,
      ...u16(SCALE),
      2,
      0,
      1,
    ]),
    segment(0xa6, [
      3,
      ...[0, 0, 0, 0, 0, 0, 0, 254, 0, 0, 0, 0, 0, 0, 0, 0],
      ...Array.from({ length: 254 }, (_, i) => i + 1),
    ]),
  ]
  // Three blocks, as the specification breaks them: before subbands 19 and 52.
  const area = (from: number, to: number) =>
    bands.slice(from, to).reduce((sum, { width, height }) => sum + width * height, 0)
  const cuts = [0, area(0, 19), area(0, 52), coded.length]
  const blocks = [0, 1, 2].map(i => [...segment(0xa3, [3]), ...codes(coded.slice(cuts[i], cuts[i + 1]))])
  return Uint8Array.from([0xff, 0xa0, ...segments.flat(), ...blocks.flat(), 0xff, 0xa1])
}

/** Symbol s has code s − 1: all bytes but 254 and 255 are codes, and a byte is a code. */
function codes(values: readonly number[]): number[] {
  const bytes: number[] = []
  const symbol = (value: number) => bytes.push(value - 1)
  const raw = (value: number) => bytes.push(...(value === 0xff ? [0xff, 0] : [value]))
  for (let i = 0; i < values.length; ) {
    let run = 0
    while (i + run < values.length && values[i + run] === 0) run++
    const value = values[i]
    if (run > 0 && run <= 100) symbol(run)
    else if (run > 0 && run <= 255) {
      symbol(105)
      raw(run)
    } else if (run > 0) {
      run = Math.min(run, 65535)
      symbol(106)
      raw(run >> 8)
      raw(run & 255)
    } else if (value >= -73 && value <= 74) symbol(value + 180)
    else if (Math.abs(value) < 256) {
      symbol(value > 0 ? 101 : 102)
      raw(Math.abs(value))
    } else {
      symbol(value > 0 ? 103 : 104)
      raw(Math.abs(value) >> 8)
      raw(Math.abs(value) & 255)
    }
    i += Math.max(run, 1)
  }
  return bytes
}

function analyse(plane: Float64Array, stride: number, band: Band): void {
  if (band.parts === undefined) return
  const { x, y, width, height } = band
  for (let row = y; row < y + height; row++) {
    const line = Array.from({ length: width }, (_, i) => plane[row * stride + x + i])
    splitLine(line, band.flippedX).forEach((value, i) => {
      plane[row * stride + x + i] = value
    })
  }
  for (let column = x; column < x + width; column++) {
    const line = Array.from({ length: height }, (_, i) => plane[(y + i) * stride + column])
    splitLine(line, band.flippedY).forEach((value, i) => {
      plane[(y + i) * stride + column] = value
    })
  }
  for (const part of band.parts) analyse(plane, stride, part)
}

/** Low-pass at even samples, high-pass at odd ones, the line mirrored at its first and last sample. */
function splitLine(line: readonly number[], isFlipped: boolean): number[] {
  const last = line.length - 1
  const at = (i: number): number => {
    let n = Math.abs(i)
    if (n > last) n = 2 * last - n
    return line[Math.abs(n)]
  }
  const filtered = (half: readonly number[], middle: number) =>
    half.reduce((sum, tap, n) => sum + tap * (n === 0 ? at(middle) : at(middle - n) + at(middle + n)), 0)
  const low: number[] = []
  const high: number[] = []
  for (let n = 0; n <= last; n++)
    if (n % 2 === 0) low.push(filtered(FBI_LOW, n))
    else high.push(filtered(FBI_HIGH, n))
  return isFlipped ? [...high, ...low] : [...low, ...high]
}

function segment(code: number, body: readonly number[]): number[] {
  return [0xff, code, ...u16(body.length + 2), ...body]
}

function comment(text: string): number[] {
  return segment(0xa8, [...Buffer.from(text, 'latin1')])
}

function u16(value: number): number[] {
  return [value >> 8, value & 255]
}

/** Bin width and a zero bin just as wide, in ten-thousandths. */
function bin(width: number): number[] {
  return [4, ...u16(width), 4, ...u16(width)]
}

/** Minus, nine decimals, digits. */
function tap(value: number): number[] {
  const digits = Math.round(Math.abs(value) * 1e9)
  return [
    value < 0 ? 1 : 0,
    9,
    (digits >>> 24) & 255,
    (digits >>> 16) & 255,
    (digits >>> 8) & 255,
    digits & 255,
  ]
}
