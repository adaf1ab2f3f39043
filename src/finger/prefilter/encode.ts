/**
 * The codes of a finger's minutiae: 256 bits each, of which two captures share more than two fingers do. What
 * stands round a minutia (384 numbers) is projected on axes that tell fingers apart best (linear discriminants
 * of simulated recaptures, `scripts/fit-prefilter.ts`); the signs are the bits.
 */
import { cos, exp, sin, TWO_PI } from '../kernels/elementary.ts'
import { newPrefilterKernels, type PrefilterKernels } from '../kernels/prefilter.ts'
import { MINUTIAE_MAX, type Template } from '../template/template.ts'
import { projectionBase64 } from './projection.generated.ts'

/** So many of the most reliable minutiae have codes. */
export const CODED_MAX = 40
export const CODE_BYTES = 32
export const DIMENSIONS = 384

const SIGMA_PX = 11
const SIGMA_RAD = 0.45
const HALF_PIXELS = 512
const TURN_STEPS = 256
const POSITION_PX_MAX = 16384

export interface Encoded {
  readonly count: number
  /** CODE_BYTES each; views of the kernels' memory, good until the next finger is encoded. */
  readonly codes: Uint8Array
  /** The same with the least certain bit of each byte turned over. */
  readonly flipped: Uint8Array
  /** Which minutiae of the template, best first. */
  readonly chosen: readonly number[]
}

/** Kernels that know the projection; `projection` is another one for fitting. */
export function newEncoder(projection = Buffer.from(projectionBase64, 'base64')): PrefilterKernels {
  const kernels = newPrefilterKernels()
  const { buffer } = kernels.memory
  new Uint8Array(buffer, kernels.projectionAt(), projection.length).set(projection)
  const tables = new Float32Array(buffer, kernels.tablesAt(), HALF_PIXELS + TURN_STEPS)
  for (let i = 0; i < HALF_PIXELS; i++) tables[i] = exp(-((i / 2) * (i / 2)) / (2 * SIGMA_PX * SIGMA_PX))
  for (let i = 0; i < TURN_STEPS; i++) {
    const angle = (TWO_PI * Math.min(i, TURN_STEPS - i)) / TURN_STEPS
    tables[HALF_PIXELS + i] = exp(-(angle * angle) / (2 * SIGMA_RAD * SIGMA_RAD))
  }
  return kernels
}

export function encode(kernels: PrefilterKernels, template: Template): Encoded {
  const { count, xPx, yPx, directionRad, reliability } = template
  const order = Array.from({ length: count }, (_, index) => index)
    .filter(i => Math.abs(xPx[i]) <= POSITION_PX_MAX && Math.abs(yPx[i]) <= POSITION_PX_MAX)
    .filter(i => Math.abs(directionRad[i]) <= 1000)
    .sort((a, b) => (reliability[b] || 0) - (reliability[a] || 0) || a - b)
    .slice(0, MINUTIAE_MAX)
  const coded = Math.min(order.length, CODED_MAX)
  const minutiae = new Float32Array(kernels.memory.buffer, kernels.minutiaeAt(), 5 * MINUTIAE_MAX)
  order.forEach((i, k) => {
    // As everywhere in comparisons: clockwise, since y grows downwards.
    const angle = -directionRad[i]
    minutiae.set([xPx[i], yPx[i], cos(angle), sin(angle), turnOf(directionRad[i])], 5 * k)
  })
  kernels.describeAll(order.length, coded)
  const { buffer } = kernels.memory
  return {
    count: coded,
    codes: new Uint8Array(buffer, kernels.codesAt(), coded * CODE_BYTES),
    flipped: new Uint8Array(buffer, kernels.flippedAt(), coded * CODE_BYTES),
    chosen: order.slice(0, coded),
  }
}

/** A clockwise direction in 256ths of a turn. */
export function turnOf(directionRad: number): number {
  return Math.round((-directionRad / TWO_PI) * TURN_STEPS) & (TURN_STEPS - 1)
}
