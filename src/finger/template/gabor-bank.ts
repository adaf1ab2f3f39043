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
/** Sums of products stay below 2^31: a plane holds at most 2.5 × 2048, a kernel sums up to at most 2. */
const KERNEL_SCALE = 131072

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

  /** Makes the filters of a period, unless they are there. A few milliseconds. */
  prepare(period: number): void {
    if (this.made[period] === 1) return
    this.made[period] = 1
    const chunks = shapes[period]
    const length = (chunks.length * CHUNK_BYTES) / 2
    for (let orientation = 0; orientation < ORIENTATIONS; orientation++) {
      const at = this.kernelAt[period] + 2 * length * orientation
      const weights = new Int16Array(this.workspace.tables.view, at, length)
      writeKernel(periodOfIndex(period), (orientation * Math.PI) / ORIENTATIONS, chunks, weights)
    }
  }
}

/**
 * One kernel. Its even part has no response to a constant; to a wave of amplitude 1 and its own period
 * it responds with an amplitude of 1.
 */
function writeKernel(periodPx: number, normalRad: number, chunks: readonly Chunk[], to: Int16Array): void {
  const radiusPx = radiusOf(periodPx)
  const length = chunks.length * CHUNK_PX
  const window = new Float64Array(length)
  const cosine = new Float64Array(length)
  const sine = new Float64Array(length)
  const wave = waveTable(periodPx, normalRad, radiusPx + CHUNK_PX)
  let windowSum = 0
  let evenSum = 0
  chunks.forEach(({ dx, dy }, chunk) => {
    for (let k = 0; k < CHUNK_PX; k++) {
      const x = dx + k
      if (x * x + dy * dy > radiusPx * radiusPx) continue
      const i = chunk * CHUNK_PX + k
      wave(x, dy, i, window, cosine, sine)
      windowSum += window[i]
      evenSum += window[i] * cosine[i]
    }
  })
  const constant = evenSum / windowSum
  let evenGain = 0
  let oddGain = 0
  for (let i = 0; i < length; i++) {
    evenGain += window[i] * (cosine[i] - constant) * cosine[i]
    oddGain += window[i] * sine[i] * sine[i]
  }
  for (let i = 0; i < length; i++) {
    const at = 2 * i - (i % CHUNK_PX) // eight even weights, then eight odd
    to[at] = Math.round((KERNEL_SCALE * window[i] * (cosine[i] - constant)) / evenGain)
    to[at + CHUNK_PX] = Math.round((-KERNEL_SCALE * window[i] * sine[i]) / oddGain)
  }
}

type WriteWave = (
  x: number,
  y: number,
  i: number,
  window: Float64Array,
  cosine: Float64Array,
  sine: Float64Array,
) => void

/**
 * Window and wave at any point, from tables of one dimension: all of them are products but for x·y, which
 * is a whole number too. The tables grow by multiplication from their first entry, since an engine has
 * some hundred kernels to make before its first image.
 */
function waveTable(periodPx: number, normalRad: number, reachPx: number): WriteWave {
  const { across, along } = windowOf(periodPx)
  const nx = cos(normalRad)
  const ny = sin(normalRad)
  const a = -0.5 / (across * across)
  const b = -0.5 / (along * along)
  const reach = Math.ceil(reachPx)
  const windowX = powers(exp(a * nx * nx + b * ny * ny), reach * reach)
  const windowY = powers(exp(a * ny * ny + b * nx * nx), reach * reach)
  const mixed = 2 * nx * ny * (a - b)
  const together = powers(exp(mixed), reach * reach)
  const opposite = powers(exp(-mixed), reach * reach)
  const alongX = waves((TWO_PI * nx) / periodPx, reach)
  const alongY = waves((TWO_PI * ny) / periodPx, reach)
  return (x, y, i, window, cosine, sine) => {
    const product = x * y
    window[i] = windowX[x * x] * windowY[y * y] * (product < 0 ? opposite[-product] : together[product])
    const cosineX = alongX.cosine[Math.abs(x)]
    const cosineY = alongY.cosine[Math.abs(y)]
    const sineX = x < 0 ? -alongX.sine[-x] : alongX.sine[x]
    const sineY = y < 0 ? -alongY.sine[-y] : alongY.sine[y]
    cosine[i] = cosineX * cosineY - sineX * sineY
    sine[i] = sineX * cosineY + cosineX * sineY
  }
}

/** 1, base, base², … */
function powers(base: number, count: number): Float64Array {
  const table = new Float64Array(count + 1)
  table[0] = 1
  for (let i = 1; i <= count; i++) table[i] = table[i - 1] * base
  return table
}

/** Cosine and sine of 0, angle, 2·angle, … */
function waves(angleRad: number, count: number): { cosine: Float64Array; sine: Float64Array } {
  const cosine = new Float64Array(count + 1)
  const sine = new Float64Array(count + 1)
  const c = cos(angleRad)
  const s = sin(angleRad)
  cosine[0] = 1
  for (let i = 1; i <= count; i++) {
    cosine[i] = cosine[i - 1] * c - sine[i - 1] * s
    sine[i] = sine[i - 1] * c + cosine[i - 1] * s
  }
  return { cosine, sine }
}
