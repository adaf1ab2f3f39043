import t from 'tap'
import type { Frame } from '../../../src/finger/image/frame.ts'
import { syntheticFinger } from '../../../src/finger/synthetic/finger.ts'
import { type ImpressionOptions, impression } from '../../../src/finger/synthetic/impression.ts'

const finger = syntheticFinger(11)
const still = {
  displacementPx: { x: 0, y: 0 },
  rotationRad: 0,
  distortion: 0,
  pressure: 0,
  moisture: 0,
  noise: 0,
}
const press = (options: Partial<ImpressionOptions>) => impression(finger, { seed: 1, ...still, ...options })

t.test('the same seed gives the same image, another seed another', async t => {
  const pixels = (seed: number) => Buffer.from(impression(finger, { seed }).pixels)
  t.ok(pixels(1).equals(pixels(1)))
  t.notOk(pixels(1).equals(pixels(2)))
})

t.test('the platen has the size that was asked for', async t => {
  t.match(press({ widthPx: 200, heightPx: 150 }), { widthPx: 200, heightPx: 150, pixels: { length: 30_000 } })
})

t.test('displacement moves the middle of the contact', async t => {
  const from = contact(press({}))
  const to = contact(press({ displacementPx: { x: 20, y: -15 } }))
  t.ok(Math.abs(to.x - from.x - 20) < 4, `${to.x - from.x}`)
  t.ok(Math.abs(to.y - from.y + 15) < 6, `${to.y - from.y}`)
})

/**
 * Goal: rotation is anticlockwise and about the middle of the pad.
 * Method: turn the image back by hand and count agreeing pixels, against the picture that was not turned.
 */
t.test('rotation turns anticlockwise', async t => {
  const straight = press({})
  const turned = press({ rotationRad: 0.3 })
  t.ok(agreement(straight, turned, 0.3) > 0.85, `${agreement(straight, turned, 0.3)}`)
  t.ok(agreement(straight, turned, -0.3) < 0.7)
})

t.test('pressure and moisture print more, dryness and lightness less', async t => {
  const dark = (options: Partial<ImpressionOptions>) => contact(press(options)).darkness
  t.ok(dark({ pressure: -0.8 }) < 0.9 * dark({}))
  t.ok(dark({ pressure: 0.8 }) > 1.1 * dark({}))
  t.ok(dark({ moisture: 0.8 }) > 1.1 * dark({}))
  t.ok(dark({ moisture: -0.8 }) < 0.9 * dark({}))
})

t.test('distortion bends the skin by a few pixels and no more', async t => {
  const straight = press({})
  t.ok(agreement(straight, press({ distortion: 0.3 }), 0) > 0.7)
  t.ok(agreement(straight, press({ distortion: 1 }), 0) < 0.9)
})

t.test('careless people place their fingers further away', async t => {
  const spread = (carelessness: number) => {
    const seeds = Array.from({ length: 12 }, (_, seed) => seed)
    const middles = seeds.map(
      seed => contact(impression(finger, { seed, carelessness, pressure: 0, moisture: 0 })).y,
    )
    return Math.max(...middles) - Math.min(...middles)
  }
  t.ok(spread(3) > 1.5 * spread(1))
})

/** Middle of what is darker than the platen, pixels, and how dark it is in all. */
function contact({ widthPx, pixels }: Frame): { x: number; y: number; darkness: number } {
  let sum = 0
  let x = 0
  let y = 0
  pixels.forEach((grey, i) => {
    if (grey > 160) return
    const dark = 255 - grey
    sum += dark
    x += dark * (i % widthPx)
    y += dark * Math.floor(i / widthPx)
  })
  return { x: x / sum, y: y / sum, darkness: sum }
}

/** Share of pixels near the middle that are ridge in both or valley in both, with `b` turned back. */
function agreement(a: Frame, b: Frame, turnRad: number): number {
  let same = 0
  let all = 0
  for (let v = -90; v < 90; v++) {
    for (let u = -90; u < 90; u++) {
      const x = Math.round(u * Math.cos(turnRad) + v * Math.sin(turnRad) + a.widthPx / 2)
      const y = Math.round(v * Math.cos(turnRad) - u * Math.sin(turnRad) + a.heightPx / 2)
      const here = a.pixels[(v + a.heightPx / 2) * a.widthPx + u + a.widthPx / 2] < 150
      all++
      if (here === b.pixels[y * b.widthPx + x] < 150) same++
    }
  }
  return same / all
}
