import t from 'tap'
import type { Frame } from '../../../src/finger/image/frame.ts'
import { type Defect, defectiveFrame, defects } from '../../../src/finger/synthetic/defects.ts'
import { syntheticFinger } from '../../../src/finger/synthetic/finger.ts'
import { impression } from '../../../src/finger/synthetic/impression.ts'

/**
 * Goal: each defect is plainly in the picture.
 * Method: measure its one mark (dark area, contrast, sharpness, where the contact lies) against a sound impression.
 */
const finger = syntheticFinger(12)
const sound = impression(finger, {
  seed: 3,
  pressure: 0,
  moisture: 0,
  noise: 0.2,
  displacementPx: { x: 0, y: 0 },
})
const marks: Record<Defect, (frame: Frame) => boolean> = {
  'blank-platen': frame => darkShare(frame) === 0,
  cloth: frame => darkShare({ ...frame, pixels: frame.pixels.subarray(0, 20 * frame.widthPx) }) > 0.1,
  'light-touch': frame => darkest(frame) > darkest(sound) + 60,
  dry: frame => darkShare(frame) < 0.8 * darkShare(sound) && sharpness(frame) > 0.7 * sharpness(sound),
  wet: frame => darkShare(frame) > 1.4 * darkShare(sound),
  'tip-only': frame => darkShare(frame) < 0.2 * darkShare(sound),
  'beside-the-middle': frame => middleX(frame) > 220,
  wiped: frame => sharpness(frame) < 0.8 * sharpness(sound),
  moving: frame => sharpness(frame) < 0.6 * sharpness(sound),
}

for (const [defect, reason] of Object.entries(defects)) {
  t.test(`${defect} can be seen (${reason}), and is the same each time`, async t => {
    const frame = defectiveFrame(defect as Defect, finger, 3)
    t.ok(marks[defect as Defect](frame))
    t.notOk(marks[defect as Defect](sound), 'a sound impression does not have it')
    t.ok(Buffer.from(frame.pixels).equals(defectiveFrame(defect as Defect, finger, 3).pixels))
  })
}

function darkShare({ pixels }: Frame): number {
  return pixels.filter(grey => grey < 160).length / pixels.length
}

/** The level that one pixel in twenty is darker than. */
function darkest({ pixels }: Frame): number {
  return pixels.slice().sort()[Math.floor(pixels.length / 20)]
}

function middleX({ pixels, widthPx }: Frame): number {
  let sum = 0
  let count = 0
  pixels.forEach((grey, i) => {
    if (grey >= 160) return
    sum += i % widthPx
    count++
  })
  return sum / count
}

/** Mean step between neighbours, over both directions. */
function sharpness({ pixels, widthPx }: Frame): number {
  let sum = 0
  for (let i = widthPx; i < pixels.length; i++)
    sum += Math.abs(pixels[i] - pixels[i - 1]) + Math.abs(pixels[i] - pixels[i - widthPx])
  return sum / pixels.length
}
