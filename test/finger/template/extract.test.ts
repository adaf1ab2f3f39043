/**
 * Goal: minutiae come out where they are, as what they are, pointing where they point, whatever the
 * image's size, resolution and rotation; what is no finger is refused.
 * Method: waves with one spiral in their phase, which is one minutia by construction; synthetic fingers.
 */
import t, { type Test } from 'tap'
import type { Frame } from '../../../src/finger/image/frame.ts'
import { resample } from '../../../src/finger/image/resample.ts'
import { syntheticFinger } from '../../../src/finger/synthetic/finger.ts'
import { impression } from '../../../src/finger/synthetic/impression.ts'
import { extract } from '../../../src/finger/template/extract.ts'
import { KIND, MINUTIAE_MAX, type Template } from '../../../src/finger/template/template.ts'
import { traceSteps } from '../../../src/finger/template/trace.ts'
import { notFingers } from './not-fingers.ts'
import { embedded, rotatedByQuarter } from './placing.ts'
import { spiralFrame } from './spiral.ts'

/** Difference of two angles, 0…π. */
const turnBetween = (a: number, b: number) => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)))

for (const kind of [KIND.ending, KIND.bifurcation]) {
  t.test(`one minutia of kind ${kind} in 16 directions`, async t => {
    for (let step = 0; step < 16; step++) {
      const spiral = { xPx: 101.3, yPx: 94.7, directionRad: (step * Math.PI) / 8 + 0.01, kind }
      checkSpiral(t, spiral, extract(spiralFrame(spiral)).template, `at ${step}`)
    }
  })
}

t.test('one minutia at every ridge period of people, and in the smallest image', async t => {
  for (const periodPx of [5.5, 7, 9, 11, 13]) {
    const spiral = { xPx: 97.6, yPx: 102.2, directionRad: 2, kind: KIND.ending }
    checkSpiral(t, spiral, extract(spiralFrame(spiral, { periodPx })).template, `period ${periodPx}`)
  }
  const small = { xPx: 32.4, yPx: 31.2, directionRad: 0.7, kind: KIND.bifurcation }
  checkSpiral(t, small, extract(spiralFrame(small, { sidePx: 64 })).template, '64 pixels')
})

function checkSpiral(
  t: Test,
  spiral: { xPx: number; yPx: number; directionRad: number; kind: number },
  template: Template,
  what: string,
): void {
  t.equal(template.count, 1, `exactly one, ${what}`)
  t.ok(Math.abs(template.xPx[0] - spiral.xPx) < 2, `x, ${what}`)
  t.ok(Math.abs(template.yPx[0] - spiral.yPx) < 2, `y, ${what}`)
  t.ok(turnBetween(template.directionRad[0], spiral.directionRad) < 0.2, `direction, ${what}`)
  t.equal(template.kind[0], spiral.kind, `kind, ${what}`)
}

for (const [name, frame] of notFingers())
  t.test(`refuses ${name}`, async t => {
    t.throws(() => extract(frame), { code: 'finger/not-a-finger' })
  })

const sample = impression(syntheticFinger(3), { seed: 5, carelessness: 0.3 })

t.test('a template is within its bounds, best minutiae first', async t => {
  const { template, quality } = extract(sample)
  t.ok(template.count > 10 && template.count <= MINUTIAE_MAX)
  t.equal(template.widthPx, sample.widthPx)
  t.equal(template.heightPx, sample.heightPx)
  t.equal(template.quality, quality.score)
  for (let i = 0; i < template.count; i++) {
    const inside = template.xPx[i] >= 0 && template.xPx[i] < template.widthPx
    const below = template.yPx[i] >= 0 && template.yPx[i] < template.heightPx
    const angle = template.directionRad[i] >= 0 && template.directionRad[i] < 2 * Math.PI
    const order = i === 0 || template.reliability[i] <= template.reliability[i - 1]
    if (!inside || !below || !angle || !order) t.fail('out of bounds or order', { i })
  }
  const { orientation } = template
  t.ok(orientation)
  t.equal(orientation?.columns, Math.ceil(template.widthPx / 16))
  t.equal(orientation?.rows, Math.ceil(template.heightPx / 16))
})

t.test('the same image gives the same template, whatever came between', async t => {
  const first = extract(sample)
  extract(spiralFrame({ xPx: 60, yPx: 60, directionRad: 1, kind: KIND.ending }, { sidePx: 333 }))
  t.same(extract(sample), first)
})

t.test('the orientation map runs along the ridges, also after a quarter turn', async t => {
  const spiral = { xPx: 100, yPx: 100, directionRad: 0.5, kind: KIND.ending }
  const map = extract(spiralFrame(spiral)).template.orientation!
  const at = 5 * map.columns + 20
  t.ok(map.coherence[at] > 200)
  t.ok(Math.abs((map.angle[at] * Math.PI) / 256 - 0.5) < 0.1)
})

t.test('minutiae turn with the image', async t => {
  const { template } = extract(sample)
  const turned = extract(rotatedByQuarter(sample)).template
  // A quarter turn clockwise takes (x, y) to (height - 1 - y, x).
  const found = countPaired(template, turned, (x, y) => [sample.heightPx - 1 - y, x], -Math.PI / 2)
  t.ok(found > 0.9 * template.count, `${found} of ${template.count}`)
})

t.test('where the finger lies in a larger image changes nothing, or little between cells', async t => {
  const { template } = extract(sample)
  for (const [leftPx, topPx, share] of [
    [612, 396, 1],
    [613, 395, 0.85],
  ]) {
    const frame = embedded(sample, { widthPx: 1100, heightPx: 1200, leftPx, topPx })
    const moved = extract(frame).template
    t.equal(moved.widthPx, 1100)
    const found = countPaired(template, moved, (x, y) => [x + leftPx, y + topPx], 0)
    t.ok(found >= share * template.count, `${found} of ${template.count} at ${leftPx}`)
  }
})

t.test('other resolutions give the same template at 500 dpi', async t => {
  const { template } = extract(sample)
  for (const resolutionDpi of [569, 512, 1000]) {
    const other = extract(resample(sample, resolutionDpi)).template
    const found = countPaired(template, other, (x, y) => [x, y], 0)
    t.ok(found > 0.85 * template.count, `${found} of ${template.count} at ${resolutionDpi} dpi`)
  }
})

t.test('a sensor of 192 × 192 pixels', async t => {
  const left = Math.floor((sample.widthPx - 192) / 2)
  const top = Math.floor((sample.heightPx - 192) / 2)
  const pixels = new Uint8Array(192 * 192)
  for (let y = 0; y < 192; y++)
    pixels.set(sample.pixels.subarray((top + y) * sample.widthPx + left).subarray(0, 192), y * 192)
  const { template } = extract({ widthPx: 192, heightPx: 192, resolutionDpi: 500, pixels })
  const found = countPaired(template, extract(sample).template, (x, y) => [x + left, y + top], 0)
  t.ok(template.count >= 8 && found > 0.85 * template.count, `${found} of ${template.count}`)
})

t.test('images of no use end quickly and by name', async t => {
  const blank = (widthPx: number, heightPx: number): Frame => ({
    widthPx,
    heightPx,
    resolutionDpi: 500,
    pixels: new Uint8Array(widthPx * heightPx).fill(77),
  })
  for (const [width, height] of [
    [1, 1],
    [3, 200],
    [200, 3],
    [3000, 3000],
  ])
    t.throws(() => extract(blank(width, height)), { code: 'finger/not-a-finger' }, `${width} × ${height}`)
  t.throws(() => extract(blank(4000, 3000)), { code: 'image/too-large' })
})

t.test('a trace hands out every step', async t => {
  const steps = new Map<string, number>()
  const { template } = extract(sample, {
    trace(step, data) {
      steps.set(step, (steps.get(step) ?? 0) + 1)
      if (data.type === 'plane') t.equal(data.values.length, sample.widthPx * sample.heightPx, step)
      if (data.type === 'field') t.equal(data.values.length, data.columns * data.rows, step)
      if (data.type === 'minutiae') t.ok(data.template.count > 0, step)
    },
  })
  t.same([...steps.keys()].sort(), [...traceSteps].sort())
  for (const step of ['orientation', 'period', 'enhanced', 'clarity']) t.equal(steps.get(step), 2, step)
  t.same(extract(sample).template, template, 'looking changes nothing')
})

/** How many minutiae of `a` have one of `b` within 3 pixels and 0.25 rad of where `place` takes them. */
function countPaired(
  a: Template,
  b: Template,
  place: (x: number, y: number) => readonly [number, number],
  turnRad: number,
): number {
  let found = 0
  for (let i = 0; i < a.count; i++) {
    const [x, y] = place(a.xPx[i], a.yPx[i])
    for (let j = 0; j < b.count; j++) {
      if (Math.hypot(b.xPx[j] - x, b.yPx[j] - y) > 3) continue
      if (turnBetween(b.directionRad[j], a.directionRad[i] + turnRad) > 0.25) continue
      found++
      break
    }
  }
  return found
}
