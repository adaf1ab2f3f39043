import type { Frame } from '../image/frame.ts'
import { Blur, CELL_PX, type Field } from './field.ts'
import type { Workspace } from './workspace.ts'

const BLUR_PX = 9 // a ridge period: wide enough to take the ridges out of the mean
/** Fields have a multiple of 4 columns and rows; the image is repeated at its border to fill them. */
const ROUND_PX = 16

/** Local mean and deviation of the grey levels of a whole image. */
export interface Contrast {
  /** The image, each row padded to `mean.columns` cells. */
  readonly pixels: number
  readonly mean: Field
  readonly deviation: Field
  /** A high deviation of this image: that of its clear ridges. */
  readonly high: number
}

/** A part of an image, in cells of the whole. */
export interface Crop {
  readonly column: number
  readonly row: number
  readonly columns: number
  readonly rows: number
}

export function wholeImage({ widthPx, heightPx }: Frame): Crop {
  const perRound = ROUND_PX / CELL_PX
  return {
    column: 0,
    row: 0,
    columns: Math.ceil(widthPx / ROUND_PX) * perRound,
    rows: Math.ceil(heightPx / ROUND_PX) * perRound,
  }
}

/** Room that `measureContrast` takes. */
export function contrastBytes(frame: Frame): number {
  const { columns, rows } = wholeImage(frame)
  return columns * rows * (CELL_PX * CELL_PX + 4 * 2) + 4 * Blur.floats(columns, rows) + 1024
}

export function measureContrast(frame: Frame, workspace: Workspace): Contrast {
  const { columns, rows } = wholeImage(frame)
  const pixels = workspace.bytes(columns * rows * CELL_PX * CELL_PX)
  padded(frame, columns * CELL_PX, rows * CELL_PX, pixels.view)
  const mean = workspace.field(columns, rows)
  const deviation = workspace.field(columns, rows)
  const blur = new Blur(workspace, columns, rows)
  workspace.kernels.moments(pixels.pointer, columns, rows, mean.pointer, deviation.pointer)
  blur.apply(BLUR_PX, [mean, deviation])
  for (let i = 0; i < mean.values.length; i++) {
    const variance = deviation.values[i] - mean.values[i] * mean.values[i]
    deviation.values[i] = Math.sqrt(Math.max(variance, 0))
  }
  return { pixels: pixels.pointer, mean, deviation, high: percentile(deviation.values, HIGH_SHARE) }
}

/** Copies the image row by row, repeating its last column and row. */
function padded(frame: Frame, widthPx: number, heightPx: number, to: Uint8Array): void {
  for (let y = 0; y < heightPx; y++) {
    const from = Math.min(y, frame.heightPx - 1) * frame.widthPx
    to.set(frame.pixels.subarray(from, from + frame.widthPx), y * widthPx)
    to.fill(frame.pixels[from + frame.widthPx - 1], y * widthPx + frame.widthPx, (y + 1) * widthPx)
  }
}

const HIGH_SHARE = 0.7 // of the cells with contrast: the weakest are edges and smears
const BINS = 512
const LEVELS_PER_BIN = 0.25 // a deviation of grey levels is at most 127.5

/** Of the values with any contrast at all: how much of the image is empty does not matter. */
function percentile(values: Float32Array, share: number): number {
  const counts = new Uint32Array(BINS)
  let counted = 0
  for (let i = 0; i < values.length; i++) {
    if (values[i] <= CONTRAST_MIN) continue
    counts[Math.min(Math.floor(values[i] / LEVELS_PER_BIN), BINS - 1)]++
    counted++
  }
  let passed = 0
  for (let bin = 0; bin < BINS; bin++) {
    passed += counts[bin]
    if (passed >= share * counted) return (bin + 0.5) * LEVELS_PER_BIN
  }
  return BINS * LEVELS_PER_BIN
}

const CONTRAST_SHARE_MIN = 0.18
const CONTRAST_MIN = 3

/** Deviation above which a cell may be finger. */
export function contrastMin({ high }: Contrast): number {
  return Math.max(CONTRAST_MIN, CONTRAST_SHARE_MIN * high)
}

/** The smallest box round all that may be finger, in whole rounds; undefined where nothing is. */
export function cropOf(contrast: Contrast): Crop | undefined {
  const { columns, rows, values } = contrast.deviation
  const least = contrastMin(contrast)
  let left = columns
  let right = -1
  let top = rows
  let bottom = -1
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (values[row * columns + column] <= least) continue
      if (column < left) left = column
      if (column > right) right = column
      if (row < top) top = row
      bottom = row
    }
  }
  if (right < 0) return undefined
  const perRound = ROUND_PX / CELL_PX
  const column = Math.floor(left / perRound) * perRound
  const row = Math.floor(top / perRound) * perRound
  return {
    column,
    row,
    columns: Math.ceil((right + 1) / perRound) * perRound - column,
    rows: Math.ceil((bottom + 1) / perRound) * perRound - row,
  }
}
