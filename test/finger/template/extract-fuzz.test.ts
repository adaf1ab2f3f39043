/**
 * Goal: no image of any size or content does anything but give a sound template or the one refusal.
 * Method: seeded patchworks of waves, noise and flat areas, from 1 to 400 pixels a side.
 */
import t from 'tap'
import { KioskError } from '../../../src/base/errors.ts'
import type { Frame } from '../../../src/finger/image/frame.ts'
import { Random } from '../../../src/finger/synthetic/random.ts'
import { extract } from '../../../src/finger/template/extract.ts'
import { MINUTIAE_MAX, type Template } from '../../../src/finger/template/template.ts'

const RUNS = 300

function patchwork(random: Random): Frame {
  const widthPx = 1 + random.below(random.below(4) === 0 ? 30 : 400)
  const heightPx = 1 + random.below(random.below(4) === 0 ? 30 : 400)
  const pixels = new Uint8Array(widthPx * heightPx).fill(random.below(256))
  for (let patch = 0; patch < 6; patch++) {
    const kind = random.below(3)
    const level = random.below(256)
    const frequency = random.range(0.2, 3)
    const angle = random.range(0, Math.PI)
    const left = random.below(widthPx)
    const top = random.below(heightPx)
    for (let y = top; y < heightPx; y++) {
      for (let x = left; x < widthPx; x++) {
        const across = x * Math.cos(angle) + y * Math.sin(angle)
        const wave = 128 + 120 * Math.cos(frequency * across)
        pixels[y * widthPx + x] = kind === 0 ? level : kind === 1 ? wave : random.below(256)
      }
    }
  }
  return { widthPx, heightPx, resolutionDpi: 500, pixels }
}

function isSound(template: Template, { widthPx, heightPx }: Frame): boolean {
  if (template.count > MINUTIAE_MAX || template.xPx.length !== template.count) return false
  for (let i = 0; i < template.count; i++) {
    const inside = template.xPx[i] >= 0 && template.xPx[i] <= widthPx
    const below = template.yPx[i] >= 0 && template.yPx[i] <= heightPx
    const turned = template.directionRad[i] >= 0 && template.directionRad[i] < 2 * Math.PI
    const sure = template.reliability[i] >= 0 && template.reliability[i] <= 1
    if (!(inside && below && turned && sure)) return false
  }
  return true
}

t.test('any image gives a sound template or the refusal', async t => {
  const random = new Random(20)
  let kept = 0
  let refused = 0
  for (let run = 0; run < RUNS; run++) {
    const frame = patchwork(random)
    try {
      const { template, quality } = extract(frame)
      kept++
      if (!isSound(template, frame)) t.fail('unsound template', { run })
      if (!(quality.score >= 0 && quality.score <= 100)) t.fail('unsound quality', { run })
    } catch (error) {
      if (!(error instanceof KioskError) || error.code !== 'finger/not-a-finger') throw error
      refused++
    }
  }
  t.ok(kept > 5 && refused > 50, `${kept} kept, ${refused} refused`)
})
