/**
 * A template made ready for comparisons: all that depends on one template alone is worked out once.
 *
 * Inside the comparison, angles run with the y axis of the image (down), so that a direction is the
 * vector (cos, sin); they are counted in turns, 0…1, which wrap without π.
 */
import { cos, sin, TWO_PI } from '../kernels/elementary.ts'
import { MINUTIAE_MAX, type Template } from '../template/template.ts'
import { areaOf, type FingerArea } from './area.ts'
import { describe } from './descriptor.ts'
import { sampleTexture } from './texture.ts'

export interface Prepared {
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
  readonly area: FingerArea
  /** `descriptorWords` 32-bit words a minutia (descriptor.ts). */
  readonly descriptors: Int32Array
  /** `TEXTURE_POINTS` orientations a minutia and, as many again, 255 where valid (texture.ts); absent without an orientation map. */
  readonly texture?: Uint8Array
  /** A digest of the minutiae, by which two templates of one size are told apart. */
  readonly digest: number
}

/** Positions further out than this are no finger's. */
const POSITION_PX_MAX = 16384

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
  return {
    ...minutiae,
    area,
    descriptors: describe(minutiae, area),
    texture: template.orientation && sampleTexture(minutiae, template.orientation),
    digest,
  }
}

/** The minutiae of a template before anything is derived from them. */
export type Minutiae = Pick<
  Prepared,
  'count' | 'xPx' | 'yPx' | 'turn' | 'cos' | 'sin' | 'kind' | 'reliability'
>

/** The most reliable MINUTIAE_MAX, in their own order. */
function chooseMinutiae({ count, xPx, yPx, directionRad, reliability }: Template): number[] {
  const usable = Array.from({ length: count }, (_, index) => index).filter(
    index =>
      Math.abs(xPx[index]) <= POSITION_PX_MAX &&
      Math.abs(yPx[index]) <= POSITION_PX_MAX &&
      Math.abs(directionRad[index]) <= 1000,
  )
  if (usable.length <= MINUTIAE_MAX) return usable
  return usable
    .sort((a, b) => reliability[b] - reliability[a] || a - b)
    .slice(0, MINUTIAE_MAX)
    .sort((a, b) => a - b)
}
