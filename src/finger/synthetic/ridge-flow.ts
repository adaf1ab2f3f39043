import { atan2 } from '../kernels/elementary.ts'
import { NoiseField } from './noise-field.ts'
import type { Random } from './random.ts'

/** The five classes of ridge pattern that textbooks count (Henry's, as NIST counts them). */
export type PatternClass = 'arch' | 'tented-arch' | 'left-loop' | 'right-loop' | 'whorl'

/** How common each class is among all fingers (Wilson, Candela and Watson, NIST 1993). */
const frequencies: readonly (readonly [PatternClass, number])[] = [
  ['arch', 0.037],
  ['tented-arch', 0.029],
  ['left-loop', 0.338],
  ['right-loop', 0.317],
  ['whorl', 0.279],
]

/** A point in pixels from the middle of the finger, x to the right, y up. */
interface Point {
  readonly x: number
  readonly y: number
}

/** Where ridges turn (`cores`, half a turn each) and where three flows meet (`deltas`). */
export interface Singularities {
  readonly cores: readonly Point[]
  readonly deltas: readonly Point[]
}

export function drawPatternClass(random: Random): PatternClass {
  let rest = random.uniform()
  for (const [name, share] of frequencies) {
    if (rest < share) return name
    rest -= share
  }
  return 'whorl'
}

export function drawSingularities(pattern: PatternClass, random: Random): Singularities {
  const near = (x: number, y: number, spreadPx: number): Point => ({
    x: x + spreadPx * random.bell(),
    y: y + spreadPx * random.bell(),
  })
  switch (pattern) {
    case 'arch':
      return { cores: [], deltas: [] }
    case 'tented-arch': {
      const core = near(0, 10, 8)
      return { cores: [core], deltas: [{ x: core.x + 3 * random.bell(), y: core.y - random.range(70, 110) }] }
    }
    case 'left-loop':
      return { cores: [near(-5, 25, 9)], deltas: [near(95, -95, 12)] }
    case 'right-loop':
      return { cores: [near(5, 25, 9)], deltas: [near(-95, -95, 12)] }
    case 'whorl': {
      const middle = near(0, 15, 8)
      const apart = { x: 12 * random.bell(), y: random.range(12, 42) }
      return {
        cores: [
          { x: middle.x + apart.x / 2, y: middle.y + apart.y / 2 },
          { x: middle.x - apart.x / 2, y: middle.y - apart.y / 2 },
        ],
        deltas: [near(-108, -105, 12), near(108, -105, 12)],
      }
    }
  }
}

const ARCH_HALF_WIDTH_PX = 160

/**
 * The direction of the ridges of one finger, radians anticlockwise from the x axis, at a point in
 * pixels from the middle (y up).
 *
 * Around cores and deltas: the zero-pole model of Sherlock and Monro ("A model for interpreting
 * fingerprint topology", 1993). Alone it is too flat away from them, which Vizcaya and Gerhardt (1996)
 * mend with a curve for each singularity; here one smooth term for the whole finger bends the ridges down at
 * both sides, as they follow the outline of the tip, and a little noise makes every finger its own.
 */
export class RidgeFlow {
  private readonly bend: number
  private readonly crestY: number
  private readonly wobble: NoiseField

  constructor(
    private readonly singularities: Singularities,
    random: Random,
    private readonly sizePx: { widthPx: number; heightPx: number },
  ) {
    const isArch = singularities.cores.length === 0
    this.bend = isArch ? random.range(0.75, 1.0) : random.range(0.9, 1.15)
    this.crestY = (isArch ? 0 : singularities.cores[0].y) + 10 * random.bell()
    this.wobble = new NoiseField(random, sizePx.widthPx, sizePx.heightPx, 80)
  }

  at(x: number, y: number): number {
    let angle = 0
    for (const core of this.singularities.cores) angle += atan2(y - core.y, x - core.x) / 2
    for (const delta of this.singularities.deltas) angle -= atan2(y - delta.y, x - delta.x) / 2
    const across = Math.min(Math.max(x / ARCH_HALF_WIDTH_PX, -1), 1)
    angle -= this.bend * across * (1.5 - 0.5 * across * across) * this.bendAtHeight(y)
    return angle + 0.09 * this.wobble.at(x + this.sizePx.widthPx / 2, this.sizePx.heightPx / 2 - y)
  }

  /** None at the crease of the joint, all of it at the crest, and less again towards the tip. */
  private bendAtHeight(y: number): number {
    const above = y - this.crestY
    if (above >= 0) return 1 - 0.35 * Math.min(above / 190, 1)
    const t = Math.max(1 + above / 180, 0)
    return t * t * (3 - 2 * t)
  }
}
