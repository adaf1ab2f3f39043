/**
 * A template made ready for comparisons: all that depends on one template alone is worked out once.
 *
 * Inside the comparison, angles run with the y axis of the image (down), so that a direction is the
 * vector (cos, sin); they are counted in turns, 0…1, which wrap without π.
 */
import { cos, sin, TWO_PI } from '../kernels/elementary.ts'
import { MINUTIAE_MAX, type Template } from '../template/template.ts'
import { areaOf, type FingerArea } from './area.ts'
import { DESCRIPTOR_BYTES, describe } from './descriptor.ts'
import { kernels, memory } from './kernels.ts'
import { sampleTexture } from './texture.ts'

export interface Prepared {
  /** As the comparison reads it, in the layout of `kernels/assembly/comparison/print.ts`. */
  readonly bytes: Uint8Array
  /** Whether it holds the texture round its minutiae: the template had an orientation map. */
  readonly textured: boolean
}

/** Positions further out than this are no finger's. */
const POSITION_PX_MAX = 16384
/** Below every minutia, since they stand from top to bottom. */
const PADDING_PX = 1e6

/** Takes any template, also hostile ones: what is no finite number in range is left out. */
export function prepare(template: Template): Prepared {
  const chosen = chooseMinutiae(template)
  const count = chosen.length
  const xPx = new Float64Array(count)
  const yPx = new Float64Array(count)
  const turn = new Float64Array(count)
  const cosine = new Float64Array(count)
  const sine = new Float64Array(count)
  const kind = new Uint8Array(count)
  const reliability = new Float64Array(count)
  let digest = count
  chosen.forEach((from, to) => {
    xPx[to] = template.xPx[from]
    yPx[to] = template.yPx[from]
    const clockwise = -template.directionRad[from] / TWO_PI
    turn[to] = clockwise - Math.floor(clockwise)
    cosine[to] = cos(TWO_PI * turn[to])
    sine[to] = sin(TWO_PI * turn[to])
    kind[to] = template.kind[from]
    reliability[to] = Math.min(1, Math.max(0.05, template.reliability[from] || 0))
    for (const value of [xPx[to], yPx[to], turn[to] * 65536])
      digest = (Math.imul(digest, 0x01000193) ^ Math.round(value * 16)) | 0
  })
  const minutiae = { count, xPx, yPx, turn, cos: cosine, sin: sine, kind, reliability }
  const area = areaOf(template, minutiae)
  const texture = template.orientation && sampleTexture(minutiae, template.orientation)
  const bytes = layOut(minutiae, area, texture, digest)
  memory.set(bytes, workbench)
  describe(workbench, turn)
  bytes.set(memory.subarray(workbench, workbench + bytes.length))
  return { bytes, textured: texture !== undefined }
}

/** Where the kernels work on a print that is being prepared. */
const workbench = kernels.workbench()

const HEADER_BYTES = 64

/** The print as the kernels read it, its descriptors still empty. */
function layOut(
  minutiae: Minutiae,
  area: FingerArea,
  texture: Uint8Array | undefined,
  digest: number,
): Uint8Array {
  const { count } = minutiae
  const padded = (count + 3) & ~3
  const descriptorsAt = HEADER_BYTES + 6 * 4 * padded
  const textureAt = descriptorsAt + count * DESCRIPTOR_BYTES
  const areaAt = textureAt + (texture?.byteLength ?? 0)
  const bytes = new Uint8Array(areaAt + area.cells.length)
  const view = new DataView(bytes.buffer)
  const header = [count, padded, texture === undefined ? 0 : 1, areaAt, area.columns, area.rows]
  header.forEach((value, index) => {
    view.setInt32(4 * index, value, true)
  })
  view.setFloat32(24, area.cellPx, true)
  view.setFloat32(28, area.leftPx, true)
  view.setFloat32(32, area.topPx, true)
  view.setInt32(36, digest, true)
  view.setInt32(40, textureAt, true)
  const { xPx, yPx, cos, sin, reliability, kind } = minutiae
  const columns = new Float32Array(bytes.buffer, HEADER_BYTES, 6 * padded)
  ;[xPx, yPx, cos, sin, reliability, kind].forEach((column, index) => {
    columns.set(column, index * padded)
    // What pads x and y lies where no point ever lands.
    if (index < 2) columns.fill(PADDING_PX, index * padded + count, (index + 1) * padded)
  })
  if (texture !== undefined) bytes.set(texture, textureAt)
  bytes.set(area.cells, areaAt)
  return bytes
}

/** The minutiae of a template before anything is derived from them. */
export interface Minutiae {
  /** At most MINUTIAE_MAX. */
  readonly count: number
  readonly xPx: Float64Array
  readonly yPx: Float64Array
  /** Direction in turns, and its vector. */
  readonly turn: Float64Array
  readonly cos: Float64Array
  readonly sin: Float64Array
  readonly kind: Uint8Array
  readonly reliability: Float64Array
}

/** The most reliable MINUTIAE_MAX, from top to bottom. */
function chooseMinutiae({ count, xPx, yPx, directionRad, reliability }: Template): number[] {
  return Array.from({ length: count }, (_, index) => index)
    .filter(
      index =>
        Math.abs(xPx[index]) <= POSITION_PX_MAX &&
        Math.abs(yPx[index]) <= POSITION_PX_MAX &&
        Math.abs(directionRad[index]) <= 1000,
    )
    .sort((a, b) => (reliability[b] || 0) - (reliability[a] || 0) || a - b)
    .slice(0, MINUTIAE_MAX)
    .sort((a, b) => yPx[a] - yPx[b] || a - b)
}
