import { NoiseField } from './noise-field.ts'
import { Random } from './random.ts'
import {
  drawPatternClass,
  drawSingularities,
  type PatternClass,
  RidgeFlow,
  type Singularities,
} from './ridge-flow.ts'
import { filterNumber, growRidges, type RidgePlan } from './ridge-growth.ts'
import { markSkin } from './skin-marks.ts'

/** The whole pad of one finger that does not exist, as its skin is; `impression` makes images of it. */
export interface SyntheticFinger {
  readonly seed: number
  readonly pattern: PatternClass
  readonly singularities: Singularities
  /** Size of the pad at 500 dpi. */
  readonly widthPx: number
  readonly heightPx: number
  /** widthPx × heightPx heights: -1 bottom of a valley … 1 crest of a ridge; 0 beside the skin. */
  readonly heights: Float32Array
}

const WIDTH_PX = 368
const HEIGHT_PX = 496
const ITERATIONS = 12

/**
 * The finger with this number: same number, same finger, on every board. About 0.13 s of work.
 * Pattern classes come as often as among people.
 */
export function syntheticFinger(seed: number): SyntheticFinger {
  const random = new Random(seed, 1)
  const pattern = drawPatternClass(random)
  const singularities = drawSingularities(pattern, random)
  const flow = new RidgeFlow(singularities, random, { widthPx: WIDTH_PX, heightPx: HEIGHT_PX })
  const plan = planRidges(flow, random)
  const start = new Float32Array(plan.skin.length)
  for (let i = 0; i < start.length; i++) if (plan.skin[i] !== 0) start[i] = random.range(-0.5, 0.5)
  const heights = growRidges(plan, start, ITERATIONS)
  const pad = { widthPx: WIDTH_PX, heightPx: HEIGHT_PX, heights }
  markSkin(pad, random)
  return { seed, pattern, singularities, ...pad }
}

/** Direction and period of the ridges everywhere, at half size. */
function planRidges(flow: RidgeFlow, random: Random): RidgePlan {
  const widthPx = WIDTH_PX / 2
  const heightPx = HEIGHT_PX / 2
  const filter = new Uint16Array(widthPx * heightPx)
  const skin = new Uint8Array(widthPx * heightPx)
  const meanPx = random.range(8, 9.6)
  const wide = new NoiseField(random, WIDTH_PX, HEIGHT_PX, 120)
  const narrow = new NoiseField(random, WIDTH_PX, HEIGHT_PX, 40)
  for (let row = 0; row < heightPx; row++) {
    for (let column = 0; column < widthPx; column++) {
      const x = 2 * column + 1
      const y = 2 * row + 1
      const pixel = row * widthPx + column
      if (!isSkin(x, y)) continue
      skin[pixel] = 1
      // Ridges are wider apart near the joint than at the tip.
      const lower = Math.min(Math.max((y - HEIGHT_PX * 0.62) / 120, 0), 1)
      const periodPx = meanPx * (1 + 0.12 * lower + 0.07 * wide.at(x, y) + 0.04 * narrow.at(x, y))
      filter[pixel] = filterNumber(flow.at(x - WIDTH_PX / 2, HEIGHT_PX / 2 - y), periodPx)
    }
  }
  return { widthPx, heightPx, filter, skin }
}

/** A pad: round at the tip, straighter towards the joint. */
function isSkin(x: number, y: number): boolean {
  const across = (x - WIDTH_PX / 2) / (WIDTH_PX / 2 - 20)
  const along = (y - HEIGHT_PX / 2) / (HEIGHT_PX / 2 - 20)
  const side = across * across
  return along < 0 ? side + along * along < 1 : side * side + along * along * along * along < 1
}
