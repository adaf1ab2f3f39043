/**
 * Goal: the score falls with everything that makes a sample useless, and the reason names it.
 * Method: one synthetic finger, placed well and then badly in one way at a time.
 */
import t from 'tap'
import { KioskError } from '../../../src/base/errors.ts'
import { qualityReasons } from '../../../src/finger/engine.ts'
import { QUALITY_MIN } from '../../../src/finger/quality/judge.ts'
import { type Defect, defectiveFrame, defects } from '../../../src/finger/synthetic/defects.ts'
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

/**
 * Goal: what a person can act on is named. Dry prints match as well as sound ones and are accepted; so are some wet,
 * wiped and blurred ones whose ridges can still be followed.
 */
const alwaysRefused: readonly Defect[] = [
  'blank-platen',
  'cloth',
  'light-touch',
  'tip-only',
  'beside-the-middle',
]
const oftenRefused: readonly Defect[] = ['wet', 'moving', 'wiped']

t.test('each defect that is refused has its own reason', async t => {
  for (const defect of Object.keys(defects) as Defect[]) {
    let refused = 0
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const { accept, reason } = judged(defect, seed)
      if (!accept) refused++
      t.equal(reason, accept ? 'ok' : defects[defect], `${defect} of finger ${seed}`)
    }
    if (alwaysRefused.includes(defect)) t.equal(refused, 6, defect)
    if (oftenRefused.includes(defect)) t.ok(refused >= 2, `${defect}: ${refused} of 6 refused`)
  }
})

function judged(defect: Defect, seed: number): { accept: boolean; reason: string } {
  try {
    return extract(defectiveFrame(defect, syntheticFinger(seed), seed)).quality
  } catch (error) {
    if (error instanceof KioskError && error.code === 'finger/not-a-finger')
      return { accept: false, reason: 'not-a-finger' }
    throw error
  }
}
