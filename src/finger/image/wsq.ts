/**
 * WSQ, the FBI's compression of fingerprints (IAFIS-IC-0110 v3.1, "WSQ Gray-scale Fingerprint Image Compression
 * Specification"), written from the specification's description. Read only. Big-endian; a marker is two bytes:
 *
 *     FFA0 start | tables and comments | FFA2 frame | tables | FFA3 block … | FFA3 block … | FFA1 end
 *
 *     FFA2 length, black u8, white u8, height u16, width u16, shift M, scale R, encoder u8, software u16
 *     FFA4 length, taps of low-pass and high-pass filter u8 u8, then of each the half from the middle on:
 *          { minus u8, decimals u8, digits u32 }
 *     FFA5 length, bin centre C, then for each of 64 subbands bin width Q and zero bin's width Z
 *     FFA6 length, { table u8, 16 counts u8, symbols u8 … } …
 *     FFA3 length, table u8, then coded coefficients (wsq-entropy.ts), subband by subband
 *     FFA8 length, text; NIST's begins 'NIST_COM' and has a line 'PPI 500'
 *
 * M, R, C, Q and Z are { decimals u8, digits u16 }. A subband with Q = 0 is left out. A coefficient p stands for
 * (p − C)·Q + Z/2 above zero, (p + C)·Q − Z/2 below; a pixel is the wavelet's value · R + M. Filters of even length
 * and restart intervals, which the specification has and no certified encoder uses, are refused.
 */
import { ByteReader } from './byte-reader.ts'
import { checkSize, DPI_MAX, DPI_MIN, type Raster, SIDE_PX_MIN, unreadable } from './limits.ts'
import { type HuffmanTable, huffmanTable, readBlock } from './wsq-entropy.ts'
import { type Band, type Synthesis, subbands, synthesise, synthesisOf } from './wsq-wavelet.ts'

const MARKER = {
  start: 0xffa0,
  end: 0xffa1,
  frame: 0xffa2,
  block: 0xffa3,
  transform: 0xffa4,
  quantisation: 0xffa5,
  huffman: 0xffa6,
  comment: 0xffa8,
} as const

const SUBBANDS = 64
const TAPS_MAX = 31
const TABLES_MAX = 8
const SEGMENTS_MAX = 200

interface Bins {
  readonly centre: number
  readonly width: Float64Array
  readonly zero: Float64Array
}

interface Frame {
  readonly widthPx: number
  readonly heightPx: number
  readonly shift: number
  readonly scale: number
}

/** What the segments have said so far. */
interface State {
  frame?: Frame
  filters?: Synthesis
  bins?: Bins
  resolutionDpi?: number
  readonly tables: Map<number, HuffmanTable>
  /** Of all subbands that are not left out, in order; from the first block on. */
  coefficients?: Int32Array
  read: number
}

/** Whether the bytes begin as a WSQ image does. */
export function isWsq(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xa0
}

/** Throws `image/unreadable`, `image/too-large` or `image/too-small`. */
export function readWsq(bytes: Uint8Array): Raster {
  const reader = new ByteReader(bytes, why => unreadable(`the WSQ image: ${why}`))
  if (reader.u16() !== MARKER.start) throw unreadable('it does not begin as a WSQ image does')
  const state: State = { tables: new Map(), read: 0 }
  for (let i = 0; i < SEGMENTS_MAX; i++) {
    const marker = nextMarker(reader)
    if (marker === MARKER.end) return rebuild(state)
    readSegment(marker, reader, state)
  }
  throw unreadable('the WSQ image is in too many pieces')
}

/** Any number of FF may stand before a marker. */
function nextMarker(reader: ByteReader): number {
  if (reader.u8() !== 0xff) throw unreadable('the WSQ image has no marker where one must stand')
  let code = 0xff
  while (code === 0xff) code = reader.u8()
  return 0xff00 | code
}

function readSegment(marker: number, reader: ByteReader, state: State): void {
  const start = reader.at
  const length = reader.u16()
  if (length < 2 || start + length > reader.end) throw unreadable('the WSQ image ends too early')
  const body = new ByteReader(
    reader.bytes,
    () => unreadable('a part of the WSQ image is too short'),
    start + 2,
  )
  body.end = start + length
  reader.at = body.end
  switch (marker) {
    case MARKER.frame:
      if (state.frame !== undefined) throw unreadable('the WSQ image has two frames')
      state.frame = readFrame(body)
      return
    case MARKER.transform:
      state.filters = readFilters(body)
      return
    case MARKER.quantisation:
      // The coefficients' places depend on it: later it would tear the image apart.
      if (state.coefficients !== undefined) throw unreadable('the WSQ image changes its bins on the way')
      state.bins = readBins(body)
      return
    case MARKER.huffman:
      readTables(body, state.tables)
      return
    case MARKER.comment:
      state.resolutionDpi ??= dpiIn(body)
      return
    case MARKER.block:
      readCoefficients(body.u8(), reader, state)
      return
    default:
      throw unreadable('the WSQ image has a part of an unknown kind')
  }
}

/** digits / 10^decimals. */
function scaled(reader: ByteReader, digitBytes: 2 | 4): number {
  let decimals = reader.u8()
  let value = digitBytes === 2 ? reader.u16() : reader.u32()
  if (decimals > 40) throw unreadable('a number in the WSQ image is impossible')
  for (; decimals > 0; decimals--) value /= 10
  return value
}

function readFrame(reader: ByteReader): Frame {
  reader.skip(2)
  const heightPx = reader.u16()
  const widthPx = reader.u16()
  checkSize(widthPx, heightPx)
  // Five splits must leave more than one sample.
  if (widthPx < SIDE_PX_MIN || heightPx < SIDE_PX_MIN) checkSize(0, 0)
  return { widthPx, heightPx, shift: scaled(reader, 2), scale: scaled(reader, 2) }
}

function readFilters(reader: ByteReader): Synthesis {
  const lengths = [reader.u8(), reader.u8()]
  if (lengths.some(length => length % 2 === 0 || length < 3 || length > TAPS_MAX))
    throw unreadable('the WSQ image uses filters that no certified encoder uses')
  const [low, high] = lengths.map(length =>
    Array.from({ length: (length + 1) / 2 }, () => {
      const sign = reader.u8() === 0 ? 1 : -1
      return sign * scaled(reader, 4)
    }),
  )
  return synthesisOf(low, high)
}

function readBins(reader: ByteReader): Bins {
  const centre = scaled(reader, 2)
  const width = new Float64Array(SUBBANDS)
  const zero = new Float64Array(SUBBANDS)
  for (let band = 0; band < SUBBANDS; band++) {
    width[band] = scaled(reader, 2)
    zero[band] = scaled(reader, 2)
  }
  return { centre, width, zero }
}

function readTables(reader: ByteReader, tables: Map<number, HuffmanTable>): void {
  while (reader.left > 0) {
    const id = reader.u8()
    if (id >= TABLES_MAX) throw unreadable('the WSQ image has too many code tables')
    const counts = reader.slice(16)
    const symbols = reader.slice(counts.reduce((sum, count) => sum + count, 0))
    tables.set(id, huffmanTable(counts, symbols))
  }
}

/** The line 'PPI 500' of NIST's comment. */
function dpiIn(reader: ByteReader): number | undefined {
  const text = Buffer.from(reader.slice(reader.left)).toString('latin1')
  const dpi = text.startsWith('NIST_COM') ? Number(/\nPPI (\d{2,5})(\n|$)/.exec(text)?.[1]) : Number.NaN
  return dpi >= DPI_MIN && dpi <= DPI_MAX ? dpi : undefined
}

function readCoefficients(tableId: number, reader: ByteReader, state: State): void {
  const { frame, bins } = state
  const table = state.tables.get(tableId)
  if (frame === undefined || bins === undefined || table === undefined)
    throw unreadable('the WSQ image has coefficients before their tables')
  state.coefficients ??= new Int32Array(
    subbands(frame.widthPx, frame.heightPx)
      .bands.filter((_, i) => bins.width[i] !== 0)
      .reduce((sum, { width, height }) => sum + width * height, 0),
  )
  const { at, next } = readBlock(reader.bytes, reader.at, table, state.coefficients, state.read)
  reader.at = at
  state.read = next
}

function rebuild({ frame, filters, bins, coefficients, read, resolutionDpi }: State): Raster {
  if (frame === undefined || filters === undefined || bins === undefined || coefficients === undefined)
    throw unreadable('the WSQ image lacks a part')
  if (read < coefficients.length)
    throw unreadable('the WSQ image holds fewer coefficients than its size needs')
  const { widthPx, heightPx, shift, scale } = frame
  const { whole, bands } = subbands(widthPx, heightPx)
  const plane = new Float32Array(widthPx * heightPx)
  let next = 0
  bands.forEach((band, i) => {
    if (bins.width[i] === 0) return
    place(coefficients.subarray(next, (next += band.width * band.height)), band, plane, widthPx, {
      centre: bins.centre,
      width: bins.width[i],
      zero: bins.zero[i],
    })
  })
  synthesise(plane, widthPx, whole, filters)
  const pixels = new Uint8Array(plane.length)
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = Math.min(Math.max(Math.floor(plane[i] * scale + shift + 0.5), 0), 255)
  return { widthPx, heightPx, pixels, resolutionDpi }
}

/** The middles of the bins that the coefficients name, into the band's rectangle. */
function place(
  coefficients: Int32Array,
  band: Band,
  plane: Float32Array,
  stride: number,
  bin: { centre: number; width: number; zero: number },
): void {
  for (let i = 0; i < coefficients.length; i++) {
    const p = coefficients[i]
    if (p === 0) continue
    const side = p > 0 ? 1 : -1
    const value = (p - side * bin.centre) * bin.width + (side * bin.zero) / 2
    plane[(band.y + Math.floor(i / band.width)) * stride + band.x + (i % band.width)] = value
  }
}
