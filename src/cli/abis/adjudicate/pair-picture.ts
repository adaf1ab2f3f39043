/**
 * What a person who decides looks at: the fingers of two records side by side, each with its minutiae, on its image
 * where the submission brought one, else on white. The record in question is on the left. Position by position.
 */
import type { AbisRecord } from '../../../abis/layout.ts'
import { KioskError } from '../../../base/errors.ts'
import { compare } from '../../../finger/compare/compare.ts'
import { decodeImage } from '../../../finger/image/decode.ts'
import type { Frame } from '../../../finger/image/frame.ts'
import { resample } from '../../../finger/image/resample.ts'
import { RESOLUTION_DPI } from '../../../finger/template/extract.ts'
import { readInterchange } from '../../../finger/template/interchange.ts'
import type { Template } from '../../../finger/template/template.ts'
import { type FingerPosition, fingerNames, fingerPositions } from '../../../record/finger-position.ts'
import { arrange, drawMinutiae, grey, PAPER, type Panel } from '../../finger/panels.ts'

const SIDES = 2
/** Room for a title where both fingers are small. */
const WIDTH_PX_MIN = 312

interface Finger {
  readonly template: Template
  readonly frame?: Frame
}

/** One position: `score` where both records have the finger. */
export interface Pair {
  readonly position: FingerPosition
  readonly score?: number
}

/** `png` is undefined where neither record has a finger left. */
export function pairPicture(
  record: AbisRecord,
  candidate: AbisRecord | undefined,
): { readonly png?: Uint8Array; readonly pairs: readonly Pair[] } {
  const [ours, theirs] = [fingersOf(record), fingersOf(candidate)]
  const positions = fingerPositions.filter(position => ours.has(position) || theirs.has(position))
  if (positions.length === 0) return { pairs: [] }
  const all = [...ours.values(), ...theirs.values()].map(({ template }) => template)
  const size = {
    widthPx: Math.max(WIDTH_PX_MIN, ...all.map(({ widthPx }) => widthPx)),
    heightPx: Math.max(...all.map(({ heightPx }) => heightPx)),
  }
  const pairs: Pair[] = []
  const panels: Panel[] = []
  for (const position of positions) {
    const [a, b] = [ours.get(position), theirs.get(position)]
    const score = a && b && Math.round(compare(a.template, b.template).score)
    pairs.push({ position, ...(score !== undefined && { score }) })
    panels.push(panelOf(fingerNames[position], a))
    panels.push(panelOf(score === undefined ? 'earlier record' : `earlier record, score ${score}`, b))
  }
  return { png: arrange(panels, size, SIDES), pairs }
}

function panelOf(title: string, finger: Finger | undefined): Panel {
  if (finger === undefined) return { title: `${title}: none`, shade: () => PAPER }
  const { template, frame } = finger
  const shade = (x: number, y: number) => {
    const isInside = frame !== undefined && x < frame.widthPx && y < frame.heightPx
    // Faint, so that the minutiae show.
    return isInside ? grey(96 + (frame.pixels[y * frame.widthPx + x] * 5) / 8) : PAPER
  }
  return { title, shade, draw: pen => drawMinutiae(pen, template) }
}

function fingersOf(record: AbisRecord | undefined): ReadonlyMap<FingerPosition, Finger> {
  const fingers = new Map<FingerPosition, Finger>()
  for (const finger of record?.fingers ?? []) {
    if (!('template' in finger)) continue
    const read = readFinger(finger)
    if (read !== undefined) fingers.set(finger.position as FingerPosition, read)
  }
  return fingers
}

/** Undefined where the template is damaged: nothing to be looked at. */
function readFinger({
  template,
  image,
}: {
  readonly template: string
  readonly image?: string
}): Finger | undefined {
  try {
    const [view] = readInterchange(Buffer.from(template, 'base64')).views
    const frame = image && resample(decodeImage(Buffer.from(image, 'base64')), RESOLUTION_DPI)
    return { template: view.template, ...(frame && { frame }) }
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    return undefined
  }
}
