/**
 * Fingers that fill a gallery where there are too few real ones: the minutiae and ridge flow of two real fingers on
 * either side of a line, warped, jittered, and mirrored, so that none holds a part of a finger that probes. They are
 * not as alike as the most alike real fingers are; the bench shows their impostor tail beside the real one.
 */
import { Random } from '../../src/finger/synthetic/random.ts'
import type { OrientationMap, Template } from '../../src/finger/template/template.ts'

const JITTER_PX = 3
const JITTER_RAD = 0.12
const WARP_PX = 8

/** The same for one seed and the same real fingers. */
export function filler(real: readonly Template[], seed: number): Template {
  const random = new Random(seed, 7)
  const first = real[random.below(real.length)]
  const second = real[random.below(real.length)]
  const angle = 2 * Math.PI * random.uniform()
  const normal = { x: Math.cos(angle), y: Math.sin(angle) }
  const middle = { x: first.widthPx / 2, y: first.heightPx / 2 }
  const offsetPx = 40 * random.bell()
  const sideOf = (x: number, y: number): number =>
    (x - middle.x) * normal.x + (y - middle.y) * normal.y - offsetPx
  const wave = { x: random.range(60, 140), y: random.range(60, 140), phase: 6 * random.uniform() }
  const minutiae = [first, second].flatMap((template, part) =>
    Array.from({ length: template.count }, (_, i) => ({ template, i })).filter(
      ({ i }) => sideOf(template.xPx[i], template.yPx[i]) < 0 === (part === 0),
    ),
  )
  const clamp = (value: number, end: number): number => Math.min(Math.max(value, 0), end)
  const turn = (rad: number): number => rad - 2 * Math.PI * Math.floor(rad / (2 * Math.PI))
  const { widthPx, heightPx } = first
  return mirrored({
    count: Math.min(minutiae.length, 100),
    widthPx,
    heightPx,
    ...columns(minutiae.slice(0, 100), ({ template, i }) => {
      const [x, y] = [template.xPx[i], template.yPx[i]]
      return {
        xPx: clamp(x + WARP_PX * Math.sin(y / wave.y + wave.phase) + JITTER_PX * random.bell(), widthPx),
        yPx: clamp(y + WARP_PX * Math.cos(x / wave.x + wave.phase) + JITTER_PX * random.bell(), heightPx),
        directionRad: turn(template.directionRad[i] + JITTER_RAD * random.bell()),
        kind: template.kind[i],
        reliability: template.reliability[i],
      }
    }),
    orientation: mosaic(first.orientation!, second.orientation!, sideOf),
  })
}

/** As the other hand's finger would be. */
function mirrored(template: Template): Template {
  const { widthPx, orientation } = template
  const map = orientation!
  const flip = (values: Uint8Array): Uint8Array =>
    values.map((_, cell) => values[cell - (cell % map.columns) + map.columns - 1 - (cell % map.columns)])
  return {
    ...template,
    xPx: template.xPx.map(x => widthPx - x),
    directionRad: template.directionRad.map(rad => (rad <= Math.PI ? Math.PI - rad : 3 * Math.PI - rad)),
    orientation: {
      ...map,
      angle: flip(map.angle).map(angle => -angle & 255),
      coherence: flip(map.coherence),
    },
  }
}

interface Minutia {
  readonly xPx: number
  readonly yPx: number
  readonly directionRad: number
  readonly kind: number
  readonly reliability: number
}

function columns<Source>(
  sources: readonly Source[],
  toMinutia: (source: Source) => Minutia,
): Pick<Template, keyof Minutia> {
  const minutiae = sources.map(toMinutia)
  return {
    xPx: Float32Array.from(minutiae, ({ xPx }) => xPx),
    yPx: Float32Array.from(minutiae, ({ yPx }) => yPx),
    directionRad: Float32Array.from(minutiae, ({ directionRad }) => Math.min(directionRad, 6.28318)),
    kind: Uint8Array.from(minutiae, ({ kind }) => kind),
    reliability: Float32Array.from(minutiae, ({ reliability }) => reliability),
  }
}

function mosaic(
  first: OrientationMap,
  second: OrientationMap,
  sideOf: (x: number, y: number) => number,
): OrientationMap {
  const angle = Uint8Array.from(first.angle)
  const coherence = Uint8Array.from(first.coherence)
  for (let row = 0; row < first.rows; row++) {
    for (let column = 0; column < first.columns; column++) {
      const [x, y] = [(column + 0.5) * first.cellPx, (row + 0.5) * first.cellPx]
      if (sideOf(x, y) < 0) continue
      const cell = row * first.columns + column
      const isThere = row < second.rows && column < second.columns
      const other = row * second.columns + column
      angle[cell] = isThere ? second.angle[other] : 0
      coherence[cell] = isThere ? second.coherence[other] : 0
    }
  }
  return { ...first, angle, coherence }
}
