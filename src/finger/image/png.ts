/**
 * PNG (W3C Recommendation, third edition): every colour type, depth and interlacing, to 8-bit grey.
 *
 *     89 'PNG' 0D 0A 1A 0A                                      signature, 8 bytes
 *     length u32 | type 4 chars | data … | CRC-32 of type+data  a chunk, again and again:
 *       IHDR  width u32, height u32, depth u8, colour u8, compression u8 = 0, filter u8 = 0, interlace u8
 *       PLTE  r g b, … | tRNS alphas or a transparent colour | pHYs x u32, y u32, unit u8 (1 = metre)
 *       IDAT  parts of one zlib stream: for each row a filter byte, then the filtered bytes
 *       IEND
 *
 * Our own reader, because a kiosk is handed files by strangers: the size is judged before anything
 * is unpacked, and unpacking stops at the bytes which that size needs, so no file can ask for more
 * memory than an honest one. Nothing that does not bear on the pixels is parsed.
 */
import { inflateSync } from 'node:zlib'
import { crc32 } from './crc32.ts'
import { believableDpi, checkSize, type Raster, unreadable } from './limits.ts'

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const

const COLOUR = { grey: 0, rgb: 2, palette: 3, greyAlpha: 4, rgbAlpha: 6 } as const
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}

/** The largest image, in pieces of 2 KB, has 40,000. */
const CHUNKS_MAX = 65_536

interface Header {
  readonly widthPx: number
  readonly heightPx: number
  readonly depth: number
  readonly colour: number
  readonly interlaced: boolean
}

interface Chunks {
  readonly header: Header
  readonly palette?: Uint8Array
  readonly transparency?: Uint8Array
  readonly resolutionDpi?: number
  readonly data: readonly Uint8Array[]
}

/** One of the seven interlaced sub-images, or the whole image: where its pixels stand. */
interface Pass {
  readonly x: number
  readonly y: number
  readonly xStep: number
  readonly yStep: number
}
const WHOLE: readonly Pass[] = [{ x: 0, y: 0, xStep: 1, yStep: 1 }]
const ADAM7: readonly Pass[] = [
  { x: 0, y: 0, xStep: 8, yStep: 8 },
  { x: 4, y: 0, xStep: 8, yStep: 8 },
  { x: 0, y: 4, xStep: 4, yStep: 8 },
  { x: 2, y: 0, xStep: 4, yStep: 4 },
  { x: 0, y: 2, xStep: 2, yStep: 4 },
  { x: 1, y: 0, xStep: 2, yStep: 2 },
  { x: 0, y: 1, xStep: 1, yStep: 2 },
]

/** Throws `image/unreadable`, `image/too-large` or `image/too-small`. */
export function readPng(bytes: Uint8Array): Raster {
  const chunks = readChunks(bytes)
  const { header } = chunks
  const passes = header.interlaced ? ADAM7 : WHOLE
  const unpackedBytes = passes.reduce((sum, pass) => sum + passBytes(header, pass), 0)
  const unpacked = unpack(chunks.data, unpackedBytes)
  const pixels = new Uint8Array(header.widthPx * header.heightPx)
  const toGrey = greyOf(chunks)
  let at = 0
  for (const pass of passes) {
    const bytesInPass = passBytes(header, pass)
    if (bytesInPass > 0) readPass(header, pass, unpacked.subarray(at, at + bytesInPass), toGrey, pixels)
    at += bytesInPass
  }
  return {
    widthPx: header.widthPx,
    heightPx: header.heightPx,
    pixels,
    resolutionDpi: chunks.resolutionDpi,
  }
}

function readChunks(bytes: Uint8Array): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let header: Header | undefined
  let palette: Uint8Array | undefined
  let transparency: Uint8Array | undefined
  let resolutionDpi: number | undefined
  const data: Uint8Array[] = []
  let at: number = PNG_SIGNATURE.length
  for (let count = 0; count < CHUNKS_MAX; count++) {
    if (at + 12 > bytes.length) throw unreadable('the PNG ends too early')
    const length = view.getUint32(at)
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const end = at + 8 + length
    if (header === undefined && type === 'IHDR' && at + 8 + 13 <= bytes.length) {
      if (length !== 13) throw unreadable('the header of the PNG has another length')
      // Before the checksums: a size out of bounds is said to be that, however the rest looks.
      header = readHeader(view, at + 8)
    }
    if (end + 4 > bytes.length) throw unreadable('the PNG ends too early')
    if (header === undefined) throw unreadable('the PNG does not begin with its header')
    const body = bytes.subarray(at + 8, end)
    const isCritical = (bytes[at + 4] & 0x20) === 0
    if (isCritical && crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
      throw unreadable('a checksum in the PNG is wrong')
    if (type === 'PLTE') palette = body
    else if (type === 'tRNS') transparency = body
    else if (type === 'IDAT') data.push(body)
    else if (type === 'pHYs' && length === 9 && body[8] === 1)
      resolutionDpi = believableDpi(view.getUint32(at + 8))
    else if (type === 'IEND') return { header, palette, transparency, resolutionDpi, data }
    at = end + 4
  }
  throw unreadable('the PNG is in too many pieces')
}

function readHeader(view: DataView, at: number): Header {
  const widthPx = view.getUint32(at)
  const heightPx = view.getUint32(at + 4)
  checkSize(widthPx, heightPx)
  const depth = view.getUint8(at + 8)
  const colour = view.getUint8(at + 9)
  if (!DEPTHS[colour]?.includes(depth)) throw unreadable('the PNG has an unknown kind of pixels')
  if (view.getUint8(at + 10) !== 0 || view.getUint8(at + 11) !== 0 || view.getUint8(at + 12) > 1)
    throw unreadable('the PNG is packed in an unknown way')
  return { widthPx, heightPx, depth, colour, interlaced: view.getUint8(at + 12) === 1 }
}

/** All bytes that the image has, no fewer and no more. */
function unpack(data: readonly Uint8Array[], bytes: number): Uint8Array {
  let unpacked: Uint8Array
  try {
    unpacked = inflateSync(Buffer.concat(data), { maxOutputLength: bytes })
  } catch (cause) {
    throw unreadable(
      (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
        ? 'the PNG holds more than its size says'
        : 'the pixels of the PNG are damaged',
    )
  }
  if (unpacked.length < bytes) throw unreadable('the PNG holds fewer pixels than its size says')
  return unpacked
}

function passSize(header: Header, pass: Pass): { columns: number; rows: number; rowBytes: number } {
  const columns = Math.ceil((header.widthPx - pass.x) / pass.xStep)
  const rows = Math.ceil((header.heightPx - pass.y) / pass.yStep)
  const rowBytes = Math.ceil((columns * CHANNELS[header.colour] * header.depth) / 8)
  return columns > 0 && rows > 0 ? { columns, rows, rowBytes } : { columns: 0, rows: 0, rowBytes: 0 }
}

function passBytes(header: Header, pass: Pass): number {
  const { rows, rowBytes } = passSize(header, pass)
  return rows * (rowBytes + 1)
}

/** Undoes the filters of one pass, in place, and puts its pixels where they belong. */
function readPass(
  header: Header,
  pass: Pass,
  filtered: Uint8Array,
  toGrey: (samples: Uint16Array) => number,
  pixels: Uint8Array,
): void {
  const { columns, rows, rowBytes } = passSize(header, pass)
  const channels = CHANNELS[header.colour]
  const pixelBytes = Math.max(1, (channels * header.depth) >> 3)
  const samples = new Uint16Array(channels)
  let above: Uint8Array = new Uint8Array(rowBytes)
  for (let row = 0; row < rows; row++) {
    const at = row * (rowBytes + 1)
    const line = filtered.subarray(at + 1, at + 1 + rowBytes)
    unfilter(filtered[at], line, above, pixelBytes)
    const out = (pass.y + row * pass.yStep) * header.widthPx + pass.x
    if (header.colour === COLOUR.grey && header.depth === 8 && pass.xStep === 1) pixels.set(line, out)
    else {
      for (let column = 0; column < columns; column++) {
        for (let channel = 0; channel < channels; channel++)
          samples[channel] = sampleAt(line, column * channels + channel, header.depth)
        pixels[out + column * pass.xStep] = toGrey(samples)
      }
    }
    above = line
  }
}

/** Sample `index` of a row whose samples have `depth` bits, packed high bits first. */
function sampleAt(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index]
  if (depth === 16) return (line[2 * index] << 8) | line[2 * index + 1]
  const bit = index * depth
  return (line[bit >> 3] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1)
}

/** The five filters of PNG § 9: each byte was written less a guess from its neighbours. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  switch (filter) {
    case 0:
      return
    case 1:
      for (let i = pixelBytes; i < line.length; i++) line[i] += line[i - pixelBytes]
      return
    case 2:
      for (let i = 0; i < line.length; i++) line[i] += above[i]
      return
    case 3:
      for (let i = 0; i < line.length; i++)
        line[i] += ((i < pixelBytes ? 0 : line[i - pixelBytes]) + above[i]) >> 1
      return
    case 4:
      for (let i = 0; i < line.length; i++) {
        const hasLeft = i >= pixelBytes
        line[i] += paeth(hasLeft ? line[i - pixelBytes] : 0, above[i], hasLeft ? above[i - pixelBytes] : 0)
      }
      return
    default:
      throw unreadable('the PNG uses an unknown filter')
  }
}

/** Whichever of left, above and corner is nearest to left + above − corner (PNG § 9.4). */
function paeth(left: number, above: number, corner: number): number {
  const toLeft = Math.abs(above - corner)
  const toAbove = Math.abs(left - corner)
  const toCorner = Math.abs(left + above - 2 * corner)
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

/** How the samples of one pixel become a grey level: luminance, and what is transparent lies on white. */
function greyOf(chunks: Chunks): (samples: Uint16Array) => number {
  const { colour, depth } = chunks.header
  const full = (1 << depth) - 1
  const to8 = (sample: number) => Math.floor((sample * 255) / full + 0.5)
  const key = chunks.transparency
  if (colour === COLOUR.palette) {
    const greys = paletteGreys(chunks)
    return ([index]) => {
      if (index >= greys.length) throw unreadable('the PNG uses colours that its palette lacks')
      return greys[index]
    }
  }
  if (colour === COLOUR.grey) {
    const clear = key?.length === 2 ? (key[0] << 8) | key[1] : -1
    return ([grey]) => (grey === clear ? 255 : to8(grey))
  }
  if (colour === COLOUR.greyAlpha) return ([grey, alpha]) => onWhite(to8(grey), to8(alpha))
  if (colour === COLOUR.rgbAlpha)
    return ([r, g, b, alpha]) => onWhite(luminance(to8(r), to8(g), to8(b)), to8(alpha))
  const clear = key?.length === 6 ? [0, 2, 4].map(i => (key[i] << 8) | key[i + 1]) : undefined
  return ([r, g, b]) =>
    clear !== undefined && r === clear[0] && g === clear[1] && b === clear[2]
      ? 255
      : luminance(to8(r), to8(g), to8(b))
}

function paletteGreys({ palette, transparency }: Chunks): Uint8Array {
  if (palette === undefined || palette.length % 3 !== 0 || palette.length > 768)
    throw unreadable('the palette of the PNG is missing or damaged')
  const greys = new Uint8Array(palette.length / 3)
  for (let i = 0; i < greys.length; i++) {
    const grey = luminance(palette[3 * i], palette[3 * i + 1], palette[3 * i + 2])
    greys[i] = onWhite(grey, transparency?.[i] ?? 255)
  }
  return greys
}

/** Luma of ITU-R BT.601, 0…255; equal parts give that part. */
export function luminance(red: number, green: number, blue: number): number {
  return Math.floor((299 * red + 587 * green + 114 * blue + 500) / 1000)
}

function onWhite(grey: number, alpha: number): number {
  return Math.floor((grey * alpha + 255 * (255 - alpha)) / 255 + 0.5)
}
