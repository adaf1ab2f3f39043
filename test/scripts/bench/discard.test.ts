/**
 * Goal: a curve falls when the score knows the bad samples, and ties favour nobody.
 * Method: 40 samples in pairs of one finger; the samples 0-3 fail all their genuine comparisons.
 */
import t from 'tap'
import { areaUnder, DISCARDED, discardCurve } from '../../../scripts/bench/discard.ts'
import type { Pair } from '../../../scripts/bench/quality-samples.ts'

const COUNT = 40
const pairs: Pair[] = []
for (let a = 0; a < COUNT; a++) {
  for (let b = a + 1; b < COUNT; b++) {
    const genuine = a >> 1 === b >> 1
    pairs.push({ a, b, genuine, score: genuine && a >= 4 ? 90 : 10 })
  }
}
const indices = Array.from({ length: COUNT }, (_, index) => index)

t.test('a score that knows the bad samples empties the curve once they are gone', async t => {
  const curve = discardCurve(pairs, indices)
  t.ok(Math.abs(curve[0] - 2 / 20) < 1e-9)
  t.ok(Math.abs(curve[DISCARDED.indexOf(0.05)] - 1 / 19) < 1e-9)
  t.same(curve.slice(DISCARDED.indexOf(0.1)), [0, 0, 0, 0, 0])
})

t.test('a score that prefers them makes it rise', async t => {
  const curve = discardCurve(
    pairs,
    indices.map(index => -index),
  )
  t.ok(curve[DISCARDED.length - 1] > curve[0])
})

t.test('a score that says nothing gets no credit for the order of the files', async t => {
  const flat = areaUnder(
    discardCurve(
      pairs,
      indices.map(() => 3),
      200,
    ),
  )
  t.ok(Math.abs(flat - 0.1) < 0.015, `${flat}`)
})

t.test('the area is the mean height', async t => {
  t.equal(areaUnder([1, 1, 1]), 1)
  t.equal(areaUnder([1, 0]), 0.5)
})
