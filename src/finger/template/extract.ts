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
import { type Canvas, canvasBytes, normalise } from './canvas.ts'
import { clarityOf, enhance, evenContrast, newRidges, type Ridges } from './enhance.ts'
import type { Field } from './field.ts'
import { distanceToEdge, fingerMask } from './mask.ts'
import { contrastBytes, cropOf, measureContrast, wholeImage } from './normalise.ts'
import { type Orientation, orient } from './orientation.ts'
import { orientationMap } from './orientation-map.ts'
import { estimateLogPeriod } from './period.ts'
import { findResidues } from './residues.ts'
import { type Selected, selectMinutiae } from './select.ts'
import type { OrientationMap, Template } from './template.ts'
import { tools } from './tools.ts'
import { type Trace, type Tracer, tracer } from './trace.ts'

export const RESOLUTION_DPI = 500

const FIRST_SIGMAS_PX = [5, 10, 20]
const SECOND_SIGMAS_PX = [4.5, 9, 18]

/** No finger is larger at 500 dpi; a scan of a whole hand is none. */
const PIXELS_MAX = 10_000_000

/** Everything that was seen of one finger on the way to its minutiae. Good until the next extraction. */
export interface Seen {
  readonly canvas: Canvas
  readonly mask: Field
  readonly orientation: Orientation
  readonly logPeriod: Field
  readonly clarity: Field
}

/**
 * Template and quality of one sample. Any resolution; the template is at 500 dpi. Synchronous, some
 * milliseconds. Throws `finger/not-a-finger` where no ridges of a finger are in the image (a poor finger
 * is no error but a low quality), `image/too-large` above ten million pixels at 500 dpi.
 */
export function extract(
  frame: Frame,
  options: { trace?: Trace } = {},
): { template: Template; quality: Quality } {
  const image = resample(frame, RESOLUTION_DPI)
  const { widthPx, heightPx } = image
  if (widthPx * heightPx > PIXELS_MAX) throw new KioskError('image/too-large', { widthPx, heightPx })
  const canvas = newCanvas(image)
  if (canvas === undefined) throw new KioskError('finger/not-a-finger', { ridgeShare: 0 })
  const trace = tracer(options.trace, canvas)
  trace.plane('normalised', 1, canvas.plane)
  const { ridges, ...passed } = followRidges(canvas, trace)
  const mask = fingerMask(canvas, passed.clarity)
  trace.field('mask', 2, mask)
  trace.phase(ridges, mask)
  const candidates = findResidues(canvas, ridges, passed.orientation, passed.logPeriod, mask)
  const selected = selectMinutiae(candidates, passed.clarity, distanceToEdge(canvas, mask))
  const { quality, isFinger, ridgeShare } = judge({ canvas, mask, ...passed }, selected)
  if (!isFinger) throw new KioskError('finger/not-a-finger', { ridgeShare })
  const template = templateOf(canvas, selected, quality, orientationMap(canvas, passed.orientation, mask))
  trace.minutiae(template)
  return { template, quality }
}

/** The image with its contrast evened out, cut to the finger; undefined where it has no contrast. */
function newCanvas(image: Frame): Canvas | undefined {
  const { workspace } = tools()
  // Room for the whole image, of which only what the finger covers is ever touched.
  workspace.begin(contrastBytes(image) + canvasBytes(wholeImage(image)))
  const contrast = measureContrast(image, workspace)
  const crop = cropOf(contrast)
  if (crop === undefined) return undefined
  return normalise(image, contrast, crop, workspace)
}

/** Two passes of orientation, period and filter; the second sees what the first has cleaned. */
function followRidges(canvas: Canvas, trace: Tracer): Omit<Seen, 'canvas' | 'mask'> & { ridges: Ridges } {
  const { bank, spectrum } = tools()
  const ridges = newRidges(canvas)
  const rough = orient(canvas, canvas.plane, FIRST_SIGMAS_PX)
  const firstPeriod = estimateLogPeriod(canvas, rough, spectrum)
  enhance(canvas, rough, firstPeriod, bank, ridges)
  const firstClarity = clarityOf(canvas, ridges)
  trace.pass(1, rough, firstPeriod, ridges, firstClarity)

  const orientation = orient(canvas, evenContrast(canvas, ridges, firstClarity), SECOND_SIGMAS_PX)
  const logPeriod = estimateLogPeriod(canvas, orientation, spectrum)
  enhance(canvas, orientation, logPeriod, bank, ridges)
  const clarity = clarityOf(canvas, ridges)
  trace.pass(2, orientation, logPeriod, ridges, clarity)
  return { ridges, orientation, logPeriod, clarity }
}

function templateOf(
  canvas: Canvas,
  selected: readonly Selected[],
  quality: Quality,
  orientation: OrientationMap,
): Template {
  return {
    count: selected.length,
    widthPx: canvas.imageWidthPx,
    heightPx: canvas.imageHeightPx,
    xPx: Float32Array.from(selected, ({ candidate }) => candidate.xPx + canvas.leftPx),
    yPx: Float32Array.from(selected, ({ candidate }) => candidate.yPx + canvas.topPx),
    directionRad: Float32Array.from(selected, ({ candidate }) => directionOf(candidate)),
    kind: Uint8Array.from(selected, ({ candidate }) => candidate.kind),
    reliability: Float32Array.from(selected, ({ reliability }) => reliability),
    quality: quality.score,
    orientation,
  }
}

/** Anticlockwise from the x axis, 0…2π, from a vector whose y grows downwards. */
function directionOf({ dx, dy }: { dx: number; dy: number }): number {
  const angle = atan2(-dy, dx)
  return angle < 0 ? Math.fround(Math.min(angle + 2 * Math.PI, 6.2831845)) : angle
}
