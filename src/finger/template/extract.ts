/**
 * From an image of a finger to its template and quality.
 *
 * Contrast is evened out; orientation and period of the ridges are estimated; a complex filter tuned to
 * them turns the image into a wave with a phase; a second pass does the same again from the cleaned
 * wave; minutiae are the points where the phase has no value. docs/ENGINE.md says why, with figures.
 */
import { KioskError } from '../../base/errors.ts'
import type { Quality } from '../engine.ts'
import type { Frame } from '../image/frame.ts'
import { resample } from '../image/resample.ts'
import { atan2 } from '../kernels/elementary.ts'
import { judge } from '../quality/judge.ts'
import { clarityOf, enhance, evenContrast, type Ridges } from './enhance.ts'
import type { Field } from './field.ts'
import { distanceToEdge, fingerMask } from './mask.ts'
import { normalise } from './normalise.ts'
import { type Orientation, orient } from './orientation.ts'
import { orientationMap } from './orientation-map.ts'
import { estimateLogPeriod } from './period.ts'
import { findResidues } from './residues.ts'
import { selectMinutiae } from './select.ts'
import type { Template } from './template.ts'
import { type Trace, tracer } from './trace.ts'

export const RESOLUTION_DPI = 500

const FIRST_SIGMAS_PX = [5, 10, 20]
const SECOND_SIGMAS_PX = [4.5, 9, 18]

/** Everything that was seen of one finger on the way to its minutiae. */
export interface Seen {
  readonly mask: Field
  readonly orientation: Orientation
  readonly logPeriod: Field
  readonly clarity: Field
  readonly mean: Field
  readonly deviation: Field
}

/**
 * Template and quality of one sample. Any resolution; the template is at 500 dpi. Synchronous, tens of
 * milliseconds. Throws `finger/not-a-finger` where no ridges of a finger are in the image; a poor
 * finger is no error but a low quality.
 */
export function extract(
  frame: Frame,
  options: { trace?: Trace } = {},
): { template: Template; quality: Quality } {
  const image = resample(frame, RESOLUTION_DPI)
  const trace = tracer(options.trace)
  const { plane, rough, mean, deviation } = normalise(image)
  trace.plane('normalised', 1, plane)

  const firstOrientation = orient(plane, FIRST_SIGMAS_PX)
  const firstPeriod = estimateLogPeriod(plane, firstOrientation, rough)
  const first = enhance(plane, firstOrientation, firstPeriod, rough)
  const firstClarity = clarityOf(plane, first)
  tracePass(1, firstOrientation, firstPeriod, first, firstClarity)

  const orientation = orient(evenContrast(first, firstClarity), SECOND_SIGMAS_PX)
  const logPeriod = estimateLogPeriod(plane, orientation, rough)
  const ridges = enhance(plane, orientation, logPeriod, rough)
  const clarity = clarityOf(plane, ridges)
  tracePass(2, orientation, logPeriod, ridges, clarity)

  const mask = fingerMask(rough, clarity)
  trace.field('mask', 2, mask)
  trace.phase(ridges, mask)
  const candidates = findResidues(ridges, orientation, logPeriod, mask)
  const selected = selectMinutiae(candidates, clarity, distanceToEdge(mask))
  const seen: Seen = { mask, orientation, logPeriod, clarity, mean, deviation }
  const { quality, isFinger, fingerShare } = judge(seen, selected)
  if (!isFinger) throw new KioskError('finger/not-a-finger', { fingerShare })

  const count = selected.length
  const template: Template = {
    count,
    widthPx: image.widthPx,
    heightPx: image.heightPx,
    xPx: Float32Array.from(selected, ({ candidate }) => candidate.xPx),
    yPx: Float32Array.from(selected, ({ candidate }) => candidate.yPx),
    directionRad: Float32Array.from(selected, ({ candidate }) => directionOf(candidate)),
    kind: Uint8Array.from(selected, ({ candidate }) => candidate.kind),
    reliability: Float32Array.from(selected, ({ reliability }) => reliability),
    quality: quality.score,
    orientation: orientationMap(image, orientation, mask),
  }
  trace.minutiae(template)
  return { template, quality }

  function tracePass(pass: 1 | 2, turn: Orientation, period: Field, wave: Ridges, clear: Field): void {
    trace.orientation(pass, turn)
    trace.period(pass, period)
    trace.plane('enhanced', pass, wave.even)
    trace.field('clarity', pass, clear)
  }
}

/** Anticlockwise from the x axis, 0…2π, from a vector whose y grows downwards. */
function directionOf({ dx, dy }: { dx: number; dy: number }): number {
  const angle = atan2(-dy, dx)
  return angle < 0 ? Math.fround(Math.min(angle + 2 * Math.PI, 6.2831845)) : angle
}
