/**
 * An orientation map in few bytes, without loss. No zlib: Node frees its state only when the event loop turns, and
 * a kiosk that starts reads a hundred thousand of these in one go.
 *
 *     cell u8 | columns u16 | rows u16, little-endian
 *     runs: how many cells have no finger, how many have, and so on in turn, row by row; each a number of
 *           seven bits a byte, lowest first, the eighth bit set where more follow
 *     then half bytes, high half first: the angles of the cells with a finger, then their coherences,
 *           0-14: the one before, plus −7…7 (around 256)     15: any other, in the next two half bytes
 *
 * Neighbours are alike, so most take half a byte: the whole is as small as deflate makes it.
 */
import { unreadable } from './minutiae-bytes.ts'
import type { OrientationMap } from './template.ts'

const HEADER_BYTES = 5
/** A cell for every four pixels of the largest image. */
const CELLS_MAX = 1_000_000
const STEP_MAX = 7
const OTHER = 15

export function packOrientation(map: OrientationMap): Uint8Array {
  const { cellPx, columns, rows, angle, coherence } = map
  const out: number[] = [cellPx, columns & 0xff, columns >> 8, rows & 0xff, rows >> 8]
  const full: number[] = []
  let isFull = false
  let run = 0
  for (let cell = 0; cell < columns * rows; cell++) {
    const hasFinger = angle[cell] !== 0 || coherence[cell] !== 0
    if (hasFinger) full.push(cell)
    if (hasFinger === isFull) run++
    else {
      putNumber(out, run)
      isFull = hasFinger
      run = 1
    }
  }
  putNumber(out, run)
  const halves: number[] = []
  for (const plane of [angle, coherence]) {
    let before = 0
    for (const cell of full) {
      const value = plane[cell]
      const step = ((value - before + STEP_MAX) & 0xff) - STEP_MAX
      if (step <= STEP_MAX) halves.push(step + STEP_MAX)
      else halves.push(OTHER, value >> 4, value & 0x0f)
      before = value
    }
  }
  for (let i = 0; i < halves.length; i += 2) out.push((halves[i] << 4) | (halves[i + 1] ?? 0))
  return Uint8Array.from(out)
}

function putNumber(out: number[], value: number): void {
  let rest = value
  for (; rest > 0x7f; rest >>= 7) out.push((rest & 0x7f) | 0x80)
  out.push(rest)
}

/** All of `bytes`, no more and no less. Throws `template/unreadable`. */
export function unpackOrientation(bytes: Uint8Array): OrientationMap {
  if (bytes.length < HEADER_BYTES) throw unreadable('its orientation is cut short')
  const cellPx = bytes[0]
  const columns = bytes[1] | (bytes[2] << 8)
  const rows = bytes[3] | (bytes[4] << 8)
  const cells = columns * rows
  if (cellPx === 0 || cells === 0 || cells > CELLS_MAX)
    throw unreadable('its orientation has an impossible size')
  const { full, at } = readRuns(bytes, cells)
  const halves = new Halves(bytes, at)
  const angle = new Uint8Array(cells)
  const coherence = new Uint8Array(cells)
  for (const plane of [angle, coherence]) {
    let value = 0
    for (let cell = 0; cell < cells; cell++) {
      if (full[cell] === 0) continue
      const half = halves.next()
      value = half === OTHER ? (halves.next() << 4) | halves.next() : (value + half - STEP_MAX) & 0xff
      plane[cell] = value
    }
  }
  if (!halves.areUsedUp) throw unreadable('its length is not what its header says')
  return { cellPx, columns, rows, angle, coherence }
}

/** 1 for every cell with a finger, and where the runs end. */
function readRuns(bytes: Uint8Array, cells: number): { full: Uint8Array; at: number } {
  const full = new Uint8Array(cells)
  let at = HEADER_BYTES
  let cell = 0
  for (let isFull = 0; cell < cells; isFull = 1 - isFull) {
    let run = 0
    for (let shift = 0; ; shift += 7) {
      if (at >= bytes.length || shift > 21) throw unreadable('its orientation is cut short')
      run |= (bytes[at] & 0x7f) << shift
      if (bytes[at++] < 0x80) break
    }
    // Only the first run may be empty, or a file could hold zeros without an end.
    if (cell + run > cells || (run === 0 && cell > 0))
      throw unreadable('its orientation has an impossible size')
    full.fill(isFull, cell, cell + run)
    cell += run
  }
  return { full, at }
}

class Halves {
  private index = 0

  constructor(
    private readonly bytes: Uint8Array,
    private readonly at: number,
  ) {}

  next(): number {
    const byte = this.at + (this.index >> 1)
    if (byte >= this.bytes.length) throw unreadable('its orientation is cut short')
    return this.index++ % 2 === 0 ? this.bytes[byte] >> 4 : this.bytes[byte] & 0x0f
  }

  get areUsedUp(): boolean {
    return this.at + Math.ceil(this.index / 2) === this.bytes.length
  }
}
