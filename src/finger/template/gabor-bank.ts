/**
 * The ridge filters: complex Gabor kernels (Daugman 1985) for every orientation and period, as 16-bit
 * numbers in the order in which `assembly/extraction/gabor.ts` reads them.
 */
import { cos, exp, ln, sin, TWO_PI } from '../kernels/elementary.ts'
import { PERIOD_PX_MAX, PERIOD_PX_MIN } from './period.ts'
import { align, type Workspace } from './workspace.ts'

/** Half a turn of ridge normals in steps of 5.6°. */
export const ORIENTATIONS = 32
export const PERIODS = 12
const ACROSS_PERIODS = 0.36 // standard deviation of the window across the ridges
const ALONG_PERIODS = 0.32
const ALONG_PX_MIN = 2.5
const CHUNK_PX = 8
const CHUNK_BYTES = 32

/** Eight pixels in a row, relative to the one that is filtered. */
interface Chunk {
  readonly dx: number
  readonly dy: number
}

const shapes: readonly (readonly Chunk[])[] = Array.from({ length: PERIODS }, (_, i) =>
  chunksOf(radiusOf(periodOfIndex(i))),
)

/** Where in the tables what begins, in bytes from their start. */
const SHAPE_BYTES = 12
const kernelsAt = align(PERIODS * SHAPE_BYTES)
const kernelBytes = shapes.map(chunks => chunks.length * CHUNK_BYTES * ORIENTATIONS)
const offsetsAt = kernelsAt + kernelBytes.reduce((sum, bytes) => sum + bytes, 0)
const chunkCount = shapes.reduce((sum, chunks) => sum + chunks.length, 0)

export const BANK_BYTES = align(offsetsAt + 4 * chunkCount)

function periodOfIndex(index: number): number {
  return PERIOD_PX_MIN * exp((index / (PERIODS - 1)) * ln(PERIOD_PX_MAX / PERIOD_PX_MIN))
}

function windowOf(periodPx: number): { across: number; along: number } {
  return { across: ACROSS_PERIODS * periodPx, along: Math.max(ALONG_PERIODS * periodPx, ALONG_PX_MIN) }
}

/** About 2.5 deviations; a little less where that saves a chunk in every row. */
function radiusOf(periodPx: number): number {
  const { across, along } = windowOf(periodPx)
  const radius = 2.5 * Math.max(across, along)
  return radius >= 8 && radius < 8.5 ? 7.99 : radius
}

/** A disc, cut into rows of chunks. */
function chunksOf(radiusPx: number): Chunk[] {
  const chunks: Chunk[] = []
  for (let dy = -Math.floor(radiusPx); dy <= radiusPx; dy++) {
    const half = Math.floor(Math.sqrt(radiusPx * radiusPx - dy * dy))
    for (let dx = -half; dx <= half; dx += CHUNK_PX) chunks.push({ dx, dy })
  }
  return chunks
}

/** The filters in a workspace's tables. Those of a period are made when the first finger needs them. */
export class GaborBank {
  private readonly made = new Uint8Array(PERIODS)
  private readonly kernelAt = new Uint32Array(PERIODS)
  private stride = 0

  constructor(private readonly workspace: Workspace) {
    const { pointer, view } = workspace.tables
    const table = new Uint32Array(view, pointer, PERIODS * 3)
    let kernelAt = pointer + kernelsAt
    let offsetAt = pointer + offsetsAt
    shapes.forEach((chunks, period) => {
      this.kernelAt[period] = kernelAt
      table.set([offsetAt, chunks.length, kernelAt], 3 * period)
      kernelAt += chunks.length * CHUNK_BYTES * ORIENTATIONS
      offsetAt += 4 * chunks.length
    })
  }

  /** For the kernel `gabor`: where the filters of each period are. */
  get pointer(): number {
    return this.workspace.tables.pointer
  }

  /** Makes ready for planes of this width: how far apart rows lie. */
  setStride(stride: number): void {
    if (stride === this.stride) return
    this.stride = stride
    const { pointer, view } = this.workspace.tables
    const offsets = new Int32Array(view, pointer + offsetsAt, chunkCount)
    let i = 0
    for (const chunks of shapes) for (const { dx, dy } of chunks) offsets[i++] = 2 * (dy * stride + dx)
  }

  /** Makes the filters of a period, unless they are there. */
  prepare(period: number): void {
    if (this.made[period] === 1) return
    this.made[period] = 1
    const { kernels, tables } = this.workspace
    const chunks = shapes[period]
    const coordinates = new Int32Array(tables.view, kernels.filterChunks(), 2 * chunks.length)
    chunks.forEach(({ dx, dy }, chunk) => {
      coordinates.set([dx, dy], 2 * chunk)
    })
    const periodPx = periodOfIndex(period)
    for (let orientation = 0; orientation < ORIENTATIONS; orientation++) {
      const at = this.kernelAt[period] + chunks.length * CHUNK_BYTES * orientation
      this.writeFilter(periodPx, (orientation * Math.PI) / ORIENTATIONS, chunks.length, at)
    }
  }

  /** Window and wave are products of what depends on x, on y and on x·y alone. */
  private writeFilter(periodPx: number, normalRad: number, chunks: number, to: number): void {
    const { across, along } = windowOf(periodPx)
    const nx = cos(normalRad)
    const ny = sin(normalRad)
    const a = -0.5 / (across * across)
    const b = -0.5 / (along * along)
    const mixed = 2 * nx * ny * (a - b)
    const turnX = (TWO_PI * nx) / periodPx
    const turnY = (TWO_PI * ny) / periodPx
    this.workspace.kernels.ridgeFilter(
      chunks,
      radiusOf(periodPx),
      exp(a * nx * nx + b * ny * ny),
      exp(a * ny * ny + b * nx * nx),
      exp(mixed),
      exp(-mixed),
      cos(turnX),
      sin(turnX),
      cos(turnY),
      sin(turnY),
      to,
    )
  }
}
