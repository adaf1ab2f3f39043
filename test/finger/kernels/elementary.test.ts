/**
 * Goal: the engine's own sine and its kin are right to the last few bits.
 * Method: against `Math`, over many values of every range (`Math` may differ in the last bit only).
 */
import t from 'tap'
import { atan2, cos, exp, ln, pow, sin } from '../../../src/finger/kernels/elementary.ts'

function worst(from: number, to: number, error: (x: number) => number): number {
  let max = 0
  for (let i = 0; i <= 5000; i++) max = Math.max(max, error(from + ((to - from) * i) / 5000))
  return max
}

t.test('sine and cosine', async t => {
  t.ok(worst(-100, 100, x => Math.abs(sin(x) - Math.sin(x))) < 1e-13)
  t.ok(worst(-100, 100, x => Math.abs(cos(x) - Math.cos(x))) < 1e-13)
})

t.test('angle of a point, in all quadrants and on the axes', async t => {
  t.ok(
    worst(-4, 4, x => Math.abs(atan2(Math.sin(x), Math.cos(x)) - Math.atan2(Math.sin(x), Math.cos(x)))) <
      1e-14,
  )
  for (const [y, x] of [
    [0, 1],
    [1, 0],
    [0, -1],
    [-1, 0],
    [1, 1],
    [-1, -1],
  ])
    t.ok(Math.abs(atan2(y, x) - Math.atan2(y, x)) < 1e-15, `${y}, ${x}`)
  t.equal(atan2(0, 0), 0)
})

t.test('exponential, logarithm, power', async t => {
  t.ok(worst(-600, 600, x => Math.abs(exp(x) / Math.exp(x) - 1)) < 1e-12)
  t.equal(exp(-1000), 0)
  t.ok(worst(1e-6, 1e6, x => Math.abs(ln(x) - Math.log(x))) < 1e-13)
  t.equal(ln(0), Number.NEGATIVE_INFINITY)
  t.ok(Number.isNaN(ln(-1)))
  t.ok(worst(0.1, 50, x => Math.abs(pow(x, 1.7) / x ** 1.7 - 1)) < 1e-13)
})
