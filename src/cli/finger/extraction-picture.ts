/**
 * What a technician wants to see of one sample, side by side at 500 dpi: the image, its evened contrast, the
 * ridges as enhanced, their orientation and period, their clarity, and the minutiae that came of it.
 */
import { KioskError } from '../../base/errors.ts'
import type { Quality } from '../../finger/engine.ts'
import type { Frame } from '../../finger/image/frame.ts'
import { resample } from '../../finger/image/resample.ts'
import { extract, RESOLUTION_DPI } from '../../finger/template/extract.ts'
import type { Template } from '../../finger/template/template.ts'
import type { TraceData, TraceStep } from '../../finger/template/trace.ts'
import { arrange, BLUE, drawMinutiae, grey, PAPER, type Panel, type Pen, type Shade } from './panels.ts'

const COLUMNS = 4
const STROKE_EVERY_PX = 12
const PERIOD_PX = { min: 4, max: 18 } as const

type Plane = Extract<TraceData, { type: 'plane' }>
type Field = Extract<TraceData, { type: 'field' }>
/** A picture of one sample; `seen` is undefined where no finger was found in what was drawn. */
export interface ExtractionPicture {
  readonly png: Uint8Array
  readonly seen: { readonly template: Template; readonly quality: Quality } | undefined
}

/**
 * Draws also what is refused as no finger, for that is when somebody wants to look. Throws `finger/not-a-finger`
 * only where there is nothing to draw: the image has no contrast at all.
 */
export function extractionPicture(frame: Frame): ExtractionPicture {
  // Of steps that run twice the second pass is the last, and stays.
  const steps = new Map<TraceStep, TraceData>()
  const seen = extractIfFinger(frame, steps)
  const image = resample(frame, RESOLUTION_DPI)
  const original = (x: number, y: number) => grey(image.pixels[y * image.widthPx + x])
  const faint = (x: number, y: number) => grey(128 + image.pixels[y * image.widthPx + x] / 2)
  const orientation = fieldOf(steps, 'orientation')
  const mask = fieldOf(steps, 'mask')
  const panels: Panel[] = [
    {
      title: seen === undefined ? 'image, no finger' : `image, quality ${seen.quality.score}`,
      shade: original,
    },
    { title: 'evened contrast', shade: shadeOfPlane(planeOf(steps, 'normalised')) },
    { title: 'ridges', shade: shadeOfPlane(planeOf(steps, 'enhanced')) },
    { title: 'phase', shade: shadeOfPhase(planeOf(steps, 'phase')) },
    { title: 'orientation', shade: faint, draw: pen => drawOrientation(pen, orientation, mask, image) },
    { title: 'period', shade: shadeOfField(fieldOf(steps, 'period'), mask, PERIOD_PX) },
    { title: 'clarity', shade: shadeOfField(fieldOf(steps, 'clarity'), mask, { min: 0, max: 1 }) },
  ]
  if (seen !== undefined) {
    const { template } = seen
    panels.push({
      title: `${template.count} minutiae`,
      shade: faint,
      draw: pen => drawMinutiae(pen, template),
    })
  }
  return { png: arrange(panels, image, COLUMNS), seen }
}

/** The last step before the judgement is the phase: with it, all that is drawn is there. */
function extractIfFinger(frame: Frame, steps: Map<TraceStep, TraceData>): ExtractionPicture['seen'] {
  try {
    return extract(frame, { trace: (step, data) => steps.set(step, data) })
  } catch (error) {
    const isDrawable =
      error instanceof KioskError && error.code === 'finger/not-a-finger' && steps.has('phase')
    if (!isDrawable) throw error
    return undefined
  }
}

function drawOrientation(pen: Pen, orientation: Field, mask: Field, size: Frame): void {
  for (let y = STROKE_EVERY_PX / 2; y < size.heightPx; y += STROKE_EVERY_PX)
    for (let x = STROKE_EVERY_PX / 2; x < size.widthPx; x += STROKE_EVERY_PX) {
      if (valueAt(mask, mask.values, x, y) === 0) continue
      const angle = valueAt(orientation, orientation.values, x, y)
      const coherence = valueAt(orientation, orientation.coherence ?? mask.values, x, y)
      const halfPx = STROKE_EVERY_PX * (0.15 + 0.35 * Math.min(coherence, 1))
      const dx = halfPx * Math.cos(angle)
      const dy = -halfPx * Math.sin(angle)
      pen.line(x - dx, y - dy, x + dx, y + dy, BLUE)
    }
}

function planeOf(steps: ReadonlyMap<TraceStep, TraceData>, step: TraceStep): Plane {
  return steps.get(step) as Plane
}

function fieldOf(steps: ReadonlyMap<TraceStep, TraceData>, step: TraceStep): Field {
  return steps.get(step) as Field
}

function valueAt(field: Field, values: Float32Array, x: number, y: number): number {
  const column = Math.min(Math.floor(x / field.cellPx), field.columns - 1)
  const row = Math.min(Math.floor(y / field.cellPx), field.rows - 1)
  return values[row * field.columns + column]
}

/** Grey from three deviations below the mean to three above. */
function shadeOfPlane({ widthPx, values }: Plane): Shade {
  let squares = 0
  for (const value of values) squares += value * value
  const reach = 3 * Math.sqrt(squares / values.length) || 1
  return (x, y) => grey(128 + (127 * values[y * widthPx + x]) / reach)
}

/** Dark on a ridge (±π), light in a valley (0). */
function shadeOfPhase({ widthPx, values }: Plane): Shade {
  return (x, y) => grey(255 - (215 * Math.abs(values[y * widthPx + x])) / Math.PI)
}

/** From red (least) over yellow to green (most); white where there is no finger. */
function shadeOfField(field: Field, mask: Field, range: { min: number; max: number }): Shade {
  return (x, y) => {
    if (valueAt(mask, mask.values, x, y) === 0) return PAPER
    const share = (valueAt(field, field.values, x, y) - range.min) / (range.max - range.min)
    const t = Math.min(Math.max(share, 0), 1)
    return [Math.round(220 * Math.min(1, 2 - 2 * t)), Math.round(190 * Math.min(1, 2 * t)), 60]
  }
}
