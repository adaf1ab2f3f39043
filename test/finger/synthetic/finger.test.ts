import { createHash } from 'node:crypto'
import t from 'tap'
import { syntheticFinger } from '../../../src/finger/synthetic/finger.ts'
import { impression } from '../../../src/finger/synthetic/impression.ts'
import { Random } from '../../../src/finger/synthetic/random.ts'
import { drawPatternClass } from '../../../src/finger/synthetic/ridge-flow.ts'

const finger = syntheticFinger(9)

t.test('one finger, one impression: the same pixels on every board and in every version', async t => {
  const frame = impression(syntheticFinger(9), { seed: 1 })
  t.match(frame, { widthPx: 300, heightPx: 400, resolutionDpi: 500 })
  t.equal(
    createHash('sha256').update(frame.pixels).digest('hex'),
    'f9d40a13a2adb6d2ca51f9952f084bc61f72fee36e2ee5dfdf33cb73f537940b',
  )
})

t.test('classes come as often as among people', async t => {
  const counts = new Map<string, number>()
  for (let seed = 0; seed < 5000; seed++) {
    const name = drawPatternClass(new Random(seed))
    counts.set(name, (counts.get(name) ?? 0) + 1 / 5000)
  }
  const expected = {
    arch: 0.037,
    'tented-arch': 0.029,
    'left-loop': 0.338,
    'right-loop': 0.317,
    whorl: 0.279,
  }
  for (const [name, share] of Object.entries(expected))
    t.ok(Math.abs((counts.get(name) ?? 0) - share) < 0.02, name)
})

t.test('ridges are grown over the whole pad, as wide apart as ridges are', async t => {
  const { widthPx, heightPx, heights } = finger
  for (const row of [0.3, 0.5, 0.7]) {
    for (const column of [0.35, 0.5, 0.65]) {
      const period = periodPx(heights, widthPx, Math.round(column * widthPx), Math.round(row * heightPx))
      t.ok(period > 6 && period < 13, `${period} px at ${column}, ${row}`)
    }
  }
})

t.test('another seed is another finger', async t => {
  const other = syntheticFinger(10)
  let same = 0
  let skin = 0
  finger.heights.forEach((height, i) => {
    if (height === 0 || other.heights[i] === 0) return
    skin++
    if (height > 0 === other.heights[i] > 0) same++
  })
  t.ok(Math.abs(same / skin - 0.5) < 0.06, `${same / skin} agree, as chance has it`)
})

/** The ridge period around a point by its definition: area over half the length of the ridges' borders. */
function periodPx(heights: Float32Array, widthPx: number, centreX: number, centreY: number): number {
  const radius = 24
  let acrossBorders = 0
  let downBorders = 0
  let points = 0
  for (let y = centreY - radius; y < centreY + radius; y++) {
    for (let x = centreX - radius; x < centreX + radius; x++) {
      const here = heights[y * widthPx + x] > 0
      if (here !== heights[y * widthPx + x + 1] > 0) acrossBorders++
      if (here !== heights[(y + 1) * widthPx + x] > 0) downBorders++
      points++
    }
  }
  return (2 * points) / Math.sqrt(acrossBorders * acrossBorders + downBorders * downBorders)
}
