/**
 * The codes of a finger's minutiae: 256 bits each, of which two captures share more than two fingers do. What
 * stands round a minutia is projected on axes that tell fingers apart best (linear discriminants of recaptures,
 * `scripts/fit-prefilter.ts`); the signs are the bits.
 *
 * There are two forms, whose codes have nothing in common: `textured`, near neighbours and the ridges' orientation
 * among them, for templates that have an orientation map; `plain`, neighbours from further away, for those of other
 * vendors and of ISO/IEC 19794-2, which have none.
 */
import { cos, exp, sin, TWO_PI } from '../kernels/elementary.ts'
import { newPrefilterKernels, type PrefilterKernels } from '../kernels/prefilter.ts'
import { MINUTIAE_MAX, type OrientationMap, type Template } from '../template/template.ts'
import { projectionBase64 as plainProjection } from './projection.generated.ts'
import { addTexture, TEXTURE_DIMENSIONS } from './texture.ts'
import { projectionBase64 as texturedProjection } from './textured-projection.generated.ts'

/** So many of the most reliable minutiae have codes. */
export const CODED_MAX = 40
export const CODE_BYTES = 32
export const CODE_BITS = 8 * CODE_BYTES
const NEIGHBOURHOOD_DIMENSIONS = 384

export interface Form {
  /** Numbers that describe a minutia. */
  readonly dimensions: number
  readonly cellPx: number
  readonly sigmaPx: number
  readonly reachPx: number
  /** What a neighbour of no reliability counts beside one of full. */
  readonly unreliable: number
  /** So many fingers, by their bags, are looked at one by one: a share of all. */
  readonly stageShare: number
  /** CODE_BITS rows of `dimensions` weights (i8), then as many thresholds (i32). */
  readonly projection: string
}

export const plain: Form = {
  dimensions: NEIGHBOURHOOD_DIMENSIONS,
  cellPx: 20,
  sigmaPx: 11,
  reachPx: 100,
  unreliable: 1,
  stageShare: 0.12,
  projection: plainProjection,
}

export const textured: Form = {
  dimensions: NEIGHBOURHOOD_DIMENSIONS + TEXTURE_DIMENSIONS,
  cellPx: 13,
  sigmaPx: 8,
  reachPx: 65,
  unreliable: 0.3,
  stageShare: 0.05,
  projection: texturedProjection,
}

const SIGMA_RAD = 0.45
const HALF_PIXELS = 512
const TURN_STEPS = 256
const POSITION_PX_MAX = 16384
/** Room in the kernels' memory for each minutia's descriptor: i16. */
const DESCRIPTOR_STRIDE = 480
const MINUTIA_FIELDS = 6

export interface Encoded {
  readonly count: number
  /** CODE_BYTES each; views of the kernels' memory, good until the next finger is encoded. */
  readonly codes: Uint8Array
  /** CODE_BYTES each: the same with the least certain bit of each byte turned over. */
  readonly flipped: Uint8Array
  /** Which minutiae of the template, best first. */
  readonly chosen: readonly number[]
}

export class Encoder {
  private readonly kernels: PrefilterKernels = newPrefilterKernels()

  /** `projection`: another one than the form's, for fitting. */
  constructor(
    readonly form: Form,
    projection = Buffer.from(form.projection, 'base64'),
  ) {
    const { kernels } = this
    const { buffer } = kernels.memory
    new Uint8Array(buffer, kernels.projectionAt(), projection.length).set(projection)
    const tables = new Float32Array(buffer, kernels.tablesAt(), HALF_PIXELS + TURN_STEPS)
    const { sigmaPx } = form
    for (let i = 0; i < HALF_PIXELS; i++) tables[i] = exp(-((i / 2) * (i / 2)) / (2 * sigmaPx * sigmaPx))
    for (let i = 0; i < TURN_STEPS; i++) {
      const angle = (TWO_PI * Math.min(i, TURN_STEPS - i)) / TURN_STEPS
      tables[HALF_PIXELS + i] = exp(-(angle * angle) / (2 * SIGMA_RAD * SIGMA_RAD))
    }
  }

  encode(template: Template): Encoded {
    const { kernels, form } = this
    const order = mostReliable(template)
    const coded = Math.min(order.length, CODED_MAX)
    this.writeMinutiae(template, order)
    if (form.dimensions > NEIGHBOURHOOD_DIMENSIONS)
      for (let k = 0; k < coded; k++) this.describeTexture(template, order[k], k)
    kernels.describeAll(order.length, coded, form.dimensions, form.cellPx, form.reachPx)
    const { buffer } = kernels.memory
    return {
      count: coded,
      codes: new Uint8Array(buffer, kernels.codesAt(), coded * CODE_BYTES),
      flipped: new Uint8Array(buffer, kernels.flippedAt(), coded * CODE_BYTES),
      chosen: order.slice(0, coded),
    }
  }

  /** What the `k`th of the last finger's codes was made of; a view as the codes are. */
  descriptor(k: number): Int16Array {
    const { memory, descriptorsAt } = this.kernels
    return new Int16Array(memory.buffer, descriptorsAt() + 2 * DESCRIPTOR_STRIDE * k, this.form.dimensions)
  }

  private writeMinutiae(template: Template, order: readonly number[]): void {
    const { xPx, yPx, directionRad, reliability } = template
    const { memory, minutiaeAt } = this.kernels
    const minutiae = new Float32Array(memory.buffer, minutiaeAt(), MINUTIA_FIELDS * MINUTIAE_MAX)
    const { unreliable } = this.form
    order.forEach((i, k) => {
      // As everywhere in comparisons: clockwise, since y grows downwards.
      const angle = -directionRad[i]
      const counts = unreliable + (1 - unreliable) * Math.min(Math.max(reliability[i] || 0, 0), 1)
      const fields = [xPx[i], yPx[i], cos(angle), sin(angle), turnOf(directionRad[i]), counts]
      minutiae.set(fields, MINUTIA_FIELDS * k)
    })
  }

  private describeTexture(template: Template, i: number, k: number): void {
    const into = this.descriptor(k).subarray(NEIGHBOURHOOD_DIMENSIONS)
    into.fill(0)
    const map: OrientationMap | undefined = template.orientation
    if (map !== undefined) addTexture(into, map, template.xPx[i], template.yPx[i], template.directionRad[i])
  }
}

const encoders = new Map<Form, Encoder>()

/** One for all galleries of a thread: they encode one after the other. */
export function encoderOf(form: Form): Encoder {
  let encoder = encoders.get(form)
  if (encoder === undefined) encoders.set(form, (encoder = new Encoder(form)))
  return encoder
}

/** At most MINUTIAE_MAX, best first; none that no finger has. */
function mostReliable({ count, xPx, yPx, directionRad, reliability }: Template): number[] {
  return Array.from({ length: count }, (_, index) => index)
    .filter(i => Math.abs(xPx[i]) <= POSITION_PX_MAX && Math.abs(yPx[i]) <= POSITION_PX_MAX)
    .filter(i => Math.abs(directionRad[i]) <= 1000)
    .sort((a, b) => (reliability[b] || 0) - (reliability[a] || 0) || a - b)
    .slice(0, MINUTIAE_MAX)
}

/** A clockwise direction in 256ths of a turn. */
export function turnOf(directionRad: number): number {
  return Math.round((-directionRad / TWO_PI) * TURN_STEPS) & (TURN_STEPS - 1)
}
