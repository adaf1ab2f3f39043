import type { Frame } from '../image/frame.ts'
import { cos, sin } from '../kernels/elementary.ts'
import type { SyntheticFinger } from './finger.ts'
import { NoiseField } from './noise-field.ts'
import { Random } from './random.ts'

/** How a finger was placed. What is left out is drawn from `seed`, as people place fingers. */
export interface ImpressionOptions {
  /** Same finger, same options, same seed: same image, bit for bit. */
  readonly seed: number
  /**
   * How widely what is drawn varies: 1 (default) as at an attended desk, 3 as in a benchmark whose
   * volunteers were told to place their fingers badly.
   */
  readonly carelessness?: number
  /** Where the middle of the pad lies, from the middle of the image; x to the right, y down. */
  readonly displacementPx?: { readonly x: number; readonly y: number }
  /** Anticlockwise. */
  readonly rotationRad?: number
  /** How far the skin is pulled along by a finger that moves or turns while it presses. 0 not, 1 as much as people do. */
  readonly distortion?: number
  /** -1 barely touching … 0 as it should be … 1 as hard as possible. */
  readonly pressure?: number
  /** -1 very dry … 1 dripping. */
  readonly moisture?: number
  /** 0 clean … 1 as worn and dirty as can still be read. */
  readonly noise?: number
  /** Size of the platen at 500 dpi. Default 300 × 400. */
  readonly widthPx?: number
  readonly heightPx?: number
}

const RESOLUTION_DPI = 500

/** One image of a synthetic finger, as a live-scan sensor would give it. About 20 ms of work. */
export function impression(finger: SyntheticFinger, options: ImpressionOptions): Frame {
  const touch = placeFinger(finger, options)
  const ink = touchPlaten(finger, touch)
  return {
    widthPx: touch.widthPx,
    heightPx: touch.heightPx,
    resolutionDpi: RESOLUTION_DPI,
    pixels: expose(ink, touch),
  }
}

/** Everything about one touch, with nothing left to chance. */
interface Touch {
  readonly widthPx: number
  readonly heightPx: number
  readonly x: number
  readonly y: number
  readonly rotationRad: number
  readonly pressure: number
  readonly moisture: number
  readonly noise: number
  readonly distortion: number
  readonly random: Random
}

function placeFinger(finger: SyntheticFinger, options: ImpressionOptions): Touch {
  const random = new Random(options.seed, finger.seed ^ 0x1f2e3d4c)
  // Every number is drawn whether it is used or not, so that fixing one option leaves the others as they were.
  const { carelessness = 1 } = options
  const drawn = {
    x: 10 * carelessness * random.bell(),
    y: 14 * carelessness * random.bell(),
    rotationRad: 0.11 * carelessness * random.bell(),
    distortion: carelessness * random.range(0.1, 0.9),
    pressure: within(0.22 * carelessness * random.bell(), 1),
    moisture: within(0.22 * carelessness * random.bell(), 1),
    noise: within(carelessness * random.range(0.1, 0.6), 1),
  }
  return {
    widthPx: options.widthPx ?? 300,
    heightPx: options.heightPx ?? 400,
    x: options.displacementPx?.x ?? drawn.x,
    y: options.displacementPx?.y ?? drawn.y,
    rotationRad: options.rotationRad ?? drawn.rotationRad,
    distortion: options.distortion ?? drawn.distortion,
    pressure: options.pressure ?? drawn.pressure,
    moisture: options.moisture ?? drawn.moisture,
    noise: options.noise ?? drawn.noise,
    random,
  }
}

/** Cut at ±limit. */
function within(value: number, limit: number): number {
  return Math.min(Math.max(value, -limit), limit)
}

/** 0 (nothing) … 1 (full contact) for each pixel of the platen. */
function touchPlaten(finger: SyntheticFinger, touch: Touch): Float32Array {
  const { widthPx, heightPx, random } = touch
  const ink = new Float32Array(widthPx * heightPx)
  const outline = new Outline(finger, touch)
  const drag = new Drag(finger, touch)
  const threshold = new Threshold(finger, touch)
  const turnX = cos(touch.rotationRad)
  const turnY = sin(touch.rotationRad)
  for (let row = 0; row < heightPx; row++) {
    for (let column = 0; column < widthPx; column++) {
      const speck = random.uniform()
      const right = column - widthPx / 2 - touch.x
      const down = row - heightPx / 2 - touch.y
      const u = right * turnX - down * turnY
      const v = right * turnY + down * turnX
      const firmness = outline.firmness(u, v)
      if (firmness <= 0) continue
      drag.move(u, v)
      const height = heightAt(finger, drag.x, drag.y)
      const above = height - threshold.at(u, v, firmness, speck)
      ink[row * widthPx + column] = Math.min(Math.max(above * 1.8 + 0.5, 0), 1)
    }
  }
  return ink
}

/** Bilinear; -1 (no contact) outside the pad. */
function heightAt({ widthPx, heightPx, heights }: SyntheticFinger, x: number, y: number): number {
  const column = Math.floor(x)
  const row = Math.floor(y)
  if (column < 0 || row < 0 || column >= widthPx - 1 || row >= heightPx - 1) return -1
  const across = x - column
  const pixel = row * widthPx + column
  const top = heights[pixel] + (heights[pixel + 1] - heights[pixel]) * across
  const lower = pixel + widthPx
  const bottom = heights[lower] + (heights[lower + 1] - heights[lower]) * across
  return top + (bottom - top) * (y - row)
}

/** Where skin meets glass: round at the tip, ragged all around, larger under pressure. */
class Outline {
  private readonly halfWidthPx: number
  private readonly tipPx: number
  private readonly basePx: number
  private readonly ragged: NoiseField

  constructor(
    private readonly finger: SyntheticFinger,
    touch: Touch,
  ) {
    const size = 1 + 0.12 * touch.pressure
    this.halfWidthPx = 124 * size * (1 + 0.04 * touch.random.bell())
    this.tipPx = 170 * size * (1 + 0.04 * touch.random.bell())
    this.basePx = 185 * size * (1 + 0.06 * touch.random.bell())
    this.ragged = new NoiseField(touch.random, finger.widthPx, finger.heightPx, 24)
  }

  /** 0 no contact, 1 well inside; at a point from the middle of the pad. */
  firmness(u: number, v: number): number {
    const across = (u / this.halfWidthPx) * (u / this.halfWidthPx)
    const along = v < 0 ? v / this.tipPx : v / this.basePx
    const out = v < 0 ? across + along * along : across * across + along * along * along * along
    if (out > 1.4) return 0
    const ragged = 0.09 * this.ragged.at(u + this.finger.widthPx / 2, v + this.finger.heightPx / 2)
    return Math.min(Math.max((1.05 + ragged - out) / 0.4, 0), 1)
  }
}

/**
 * Elastic distortion, after Cappelli, Maio and Maltoni ("Modelling plastic distortion in fingerprint images",
 * 2001): in the middle the skin sticks to the glass, outside it follows the finger's pull and turn.
 */
class Drag {
  /** Where the last moved point lies on the pad, pixels from its top left. */
  x = 0
  y = 0
  private readonly pullX: number
  private readonly pullY: number
  private readonly turn: number
  private readonly shiftX: NoiseField
  private readonly shiftY: NoiseField
  private readonly wanderPx: number

  constructor(
    private readonly finger: SyntheticFinger,
    { random, distortion }: Touch,
  ) {
    this.pullX = 7 * distortion * random.bell()
    this.pullY = 7 * distortion * random.bell()
    this.turn = 0.05 * distortion * random.bell()
    this.wanderPx = 2.5 * distortion
    this.shiftX = new NoiseField(random, finger.widthPx, finger.heightPx, 90)
    this.shiftY = new NoiseField(random, finger.widthPx, finger.heightPx, 90)
  }

  move(u: number, v: number): void {
    const { widthPx, heightPx } = this.finger
    const out = (u * u) / (150 * 150) + (v * v) / (210 * 210)
    const loose = out < 0.1 ? 0 : Math.min((out - 0.1) / 0.9, 1)
    const follow = loose * loose * (3 - 2 * loose)
    const x = u + widthPx / 2
    const y = v + heightPx / 2
    this.x = x + follow * (this.pullX - this.turn * v) + this.wanderPx * this.shiftX.at(x, y)
    this.y = y + follow * (this.pullY + this.turn * u) + this.wanderPx * this.shiftY.at(x, y)
  }
}

/** How high skin must stand to touch the glass: ridges grow broad under pressure and water, thin and broken when dry. */
class Threshold {
  private readonly base: number
  private readonly dryness: number
  private readonly uneven: NoiseField
  private readonly blotches: NoiseField
  private readonly grain: number

  constructor(
    private readonly finger: SyntheticFinger,
    touch: Touch,
  ) {
    this.dryness = Math.max(-touch.moisture, 0)
    const wetness = Math.max(touch.moisture, 0)
    this.base = 0.08 - 0.55 * touch.pressure - 0.85 * wetness + 0.25 * this.dryness
    this.uneven = new NoiseField(touch.random, finger.widthPx, finger.heightPx, 30)
    this.blotches = new NoiseField(touch.random, finger.widthPx, finger.heightPx, 5)
    this.grain = 0.25 + 0.6 * touch.noise
  }

  at(u: number, v: number, firmness: number, speck: number): number {
    const x = u + this.finger.widthPx / 2
    const y = v + this.finger.heightPx / 2
    const blotch = this.blotches.at(x, y)
    const edge = (1 - firmness) * (1 - firmness)
    const dry = this.dryness * (0.9 * blotch + 1.4 * (speck - 0.4))
    return (
      this.base +
      0.28 * this.uneven.at(x, y) +
      0.45 * this.grain * blotch +
      0.8 * edge +
      dry +
      0.5 * this.grain * (speck - 0.5)
    )
  }
}

/** Ink and platen as grey levels: uneven light, a little blur, and the noise of the sensor. */
function expose(ink: Float32Array, touch: Touch): Uint8Array {
  const { widthPx, heightPx, random, noise } = touch
  const light = new NoiseField(random, widthPx, heightPx, 130)
  const contrast = new NoiseField(random, widthPx, heightPx, 70)
  const pixels = new Uint8Array(widthPx * heightPx)
  for (let row = 0; row < heightPx; row++) {
    for (let column = 0; column < widthPx; column++) {
      const dark = blurred(ink, widthPx, heightPx, column, row)
      const platen = 232 + 7 * light.at(column, row)
      const depth = 168 + 22 * contrast.at(column, row) - 40 * noise
      const grey = platen - depth * dark + (2 + 6 * noise) * random.bell()
      pixels[row * widthPx + column] = Math.min(Math.max(Math.round(grey), 0), 255)
    }
  }
  return pixels
}

/** Weights 1 2 1 / 2 4 2 / 1 2 1 over 16; the edge repeats. */
function blurred(image: Float32Array, widthPx: number, heightPx: number, x: number, y: number): number {
  const left = x > 0 ? -1 : 0
  const right = x < widthPx - 1 ? 1 : 0
  const middle = y * widthPx + x
  const above = y > 0 ? middle - widthPx : middle
  const below = y < heightPx - 1 ? middle + widthPx : middle
  return (
    (image[above + left] +
      2 * image[above] +
      image[above + right] +
      2 * image[middle + left] +
      4 * image[middle] +
      2 * image[middle + right] +
      image[below + left] +
      2 * image[below] +
      image[below + right]) /
    16
  )
}
