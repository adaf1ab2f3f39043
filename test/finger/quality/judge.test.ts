/**
 * Goal: the score falls with everything that makes a sample useless, and the reason names it.
 * Method: one synthetic finger, placed well and then badly in one way at a time.
 */
import t from 'tap'
import { qualityReasons } from '../../../src/finger/engine.ts'
import { QUALITY_MIN } from '../../../src/finger/quality/judge.ts'
import { syntheticFinger } from '../../../src/finger/synthetic/finger.ts'
import { type ImpressionOptions, impression } from '../../../src/finger/synthetic/impression.ts'
import { extract } from '../../../src/finger/template/extract.ts'

const finger = syntheticFinger(11)
const well = {
  seed: 1,
  displacementPx: { x: 0, y: 0 },
  rotationRad: 0,
  distortion: 0,
  pressure: 0,
  moisture: 0,
  noise: 0.05,
}
const qualityOf = (options: Partial<ImpressionOptions>) =>
  extract(impression(finger, { ...well, ...options })).quality

const good = qualityOf({})

t.test('a good sample is accepted', async t => {
  t.ok(good.score >= 70 && good.score <= 100, `${good.score}`)
  t.equal(good.accept, true)
  t.equal(good.reason, 'ok')
})

t.test('what is wrong costs points', async t => {
  const wrong: Record<string, Partial<ImpressionOptions>> = {
    'half off the platen': { displacementPx: { x: 140, y: 0 } },
    'very dry': { moisture: -1, pressure: -0.5 },
    dripping: { moisture: 1, pressure: 0.5 },
    'barely touching': { pressure: -1 },
  }
  for (const [name, options] of Object.entries(wrong)) {
    const { score, reason } = qualityOf(options)
    t.ok(score <= good.score - 4, `${name}: ${score} (${reason}) against ${good.score}`)
  }
})

t.test('accepted is what reaches the least score, and only that is ok', async t => {
  let refused = 0
  for (let step = 0; step <= 8; step++) {
    for (const options of [
      { displacementPx: { x: 25 * step, y: 10 * step } },
      { noise: step / 8, pressure: -1 },
    ]) {
      const quality = qualityOf(options)
      t.equal(quality.accept, quality.score >= QUALITY_MIN)
      t.equal(quality.reason === 'ok', quality.accept)
      t.ok(qualityReasons.includes(quality.reason))
      t.ok(Object.values(quality.measures).every(Number.isFinite))
      if (!quality.accept) refused++
    }
  }
  t.ok(refused > 0, 'the walk does reach refused samples')
})

t.test('a sliver of a finger at the edge is too small an area', async t => {
  const { accept, reason } = qualityOf({ displacementPx: { x: 215, y: 0 } })
  t.equal(accept, false)
  t.ok(['too-small-area', 'off-centre'].includes(reason), reason)
})
