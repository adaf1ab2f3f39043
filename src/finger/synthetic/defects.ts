import type { QualityReason } from '../engine.ts'
import type { Frame } from '../image/frame.ts'
import { cos, sin, TWO_PI } from '../kernels/elementary.ts'
import type { SyntheticFinger } from './finger.ts'
import { impression } from './impression.ts'
import { NoiseField } from './noise-field.ts'
import { Random } from './random.ts'

/** What can go wrong at a sensor, and the reason that a judge of quality should give for it. */
export const defects = {
  'blank-platen': 'not-a-finger',
  cloth: 'not-a-finger',
  'light-touch': 'too-light',
  dry: 'too-dry',
  wet: 'too-wet',
  'tip-only': 'too-small-area',
  'beside-the-middle': 'off-centre',
  wiped: 'smudged',
  moving: 'moved',
} as const satisfies Record<string, QualityReason>
export type Defect = keyof typeof defects

/** An image of `finger` with that one thing wrong, strongly enough that nobody would disagree. */
export function defectiveFrame(defect: Defect, finger: SyntheticFinger, seed: number): Frame {
  const sound = { seed, pressure: 0, moisture: 0, noise: 0.2, distortion: 0.3 }
  const centred = { displacementPx: { x: 0, y: 0 }, rotationRad: 0 }
  switch (defect) {
    case 'blank-platen':
      return impression(finger, { ...sound, displacementPx: { x: 2000, y: 0 } })
    case 'cloth':
      return cloth(impression(finger, { ...sound, displacementPx: { x: 2000, y: 0 } }), seed)
    case 'light-touch':
      return faded(impression(finger, { ...sound, pressure: -0.9 }), 0.3)
    case 'dry':
      return impression(finger, { ...sound, moisture: -0.9 })
    case 'wet':
      return impression(finger, { ...sound, moisture: 1, pressure: 0.7 })
    case 'tip-only':
      return tipOnly(impression(finger, { ...sound, displacementPx: { x: 0, y: 110 }, rotationRad: 0 }))
    case 'beside-the-middle':
      return impression(finger, { ...sound, rotationRad: 0, displacementPx: { x: 150, y: 60 } })
    case 'wiped':
      return wiped(impression(finger, { ...sound, ...centred, pressure: 0.3 }), seed)
    case 'moving':
      return smeared(impression(finger, { ...sound, ...centred }), 11, 0.7, () => 1)
  }
}

/** Grey levels moved towards the platen's. */
function faded(frame: Frame, contrast: number): Frame {
  return { ...frame, pixels: frame.pixels.map(grey => Math.round(228 + (grey - 228) * contrast)) }
}

/** Warp and weft, and the hairs of the threads. */
function cloth(platen: Frame, seed: number): Frame {
  const { widthPx, heightPx } = platen
  const random = new Random(seed, 3)
  const bulge = new NoiseField(random, widthPx, heightPx, 60)
  const hairs = new NoiseField(random, widthPx, heightPx, 3)
  const pixels = platen.pixels.slice()
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const weave =
        sin((TWO_PI * (x + 4 * bulge.at(x, y))) / 7.5) + cos((TWO_PI * (y + 3 * bulge.at(y, x))) / 7.5)
      const dark = Math.min(Math.max(0.5 + 0.25 * weave + 0.2 * hairs.at(x, y), 0), 1)
      pixels[y * widthPx + x] = Math.round(pixels[y * widthPx + x] - 130 * dark)
    }
  }
  return { ...platen, pixels }
}

/** Contact in a spot of about 5 mm, as when a nail is in the way; platen elsewhere. */
function tipOnly(frame: Frame): Frame {
  const { widthPx, heightPx } = frame
  const pixels = frame.pixels.slice()
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const across = (x - widthPx / 2) / 62
      const along = (y - heightPx / 2) / 48
      const out = across * across + along * along
      const contact = Math.min(Math.max((1.15 - out) / 0.3, 0), 1)
      const pixel = y * widthPx + x
      pixels[pixel] = Math.round(pixels[pixel] * contact + 230 * (1 - contact))
    }
  }
  return { ...frame, pixels }
}

/** Large patches pulled sideways, as by a finger that slid off. */
function wiped(frame: Frame, seed: number): Frame {
  const patches = new NoiseField(new Random(seed, 4), frame.widthPx, frame.heightPx, 60)
  return smeared(frame, 34, -0.5, (x, y) => Math.min(Math.max(patches.at(x, y) * 4 + 1.6, 0), 1))
}

/** The mean along a line of `lengthPx`, mixed in by `share` (0…1) of the place. */
function smeared(
  frame: Frame,
  lengthPx: number,
  angleRad: number,
  share: (x: number, y: number) => number,
): Frame {
  const { widthPx, heightPx, pixels: source } = frame
  const pixels = source.slice()
  const stepX = cos(angleRad)
  const stepY = sin(angleRad)
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      let sum = 0
      for (let step = 0; step < lengthPx; step++) {
        const along = step - lengthPx / 2
        const column = Math.min(Math.max(Math.round(x + along * stepX), 0), widthPx - 1)
        const row = Math.min(Math.max(Math.round(y + along * stepY), 0), heightPx - 1)
        sum += source[row * widthPx + column]
      }
      const part = share(x, y)
      const pixel = y * widthPx + x
      pixels[pixel] = Math.round((sum / lengthPx) * part + source[pixel] * (1 - part))
    }
  }
  return { ...frame, pixels }
}
