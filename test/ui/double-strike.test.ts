/** Goal: a hand that trembles types what it means, and a scanner is not taken for one. */
import t from 'tap'
import { DoubleStrike } from '../../src/ui/page/double-strike.ts'

const strikes = (keys: readonly (readonly [string, number])[], sameKeyAfterMs: number) => {
  const strike = new DoubleStrike()
  return keys.filter(([key, atMs]) => !strike.isSecond(key, atMs, { sameKeyAfterMs })).map(([key]) => key)
}

t.test('the same key again is another one only after a while', async t => {
  const keys = [
    ['1', 0],
    ['1', 100],
    ['1', 550],
    ['2', 600],
    ['1', 650],
    ['1', 1200],
  ] as const
  t.same(strikes(keys, 500), ['1', '2', '1', '1'])
  t.same(strikes(keys, 0), ['1', '1', '1', '2', '1', '1'])
  t.equal(new DoubleStrike().isSecond('1', 0, undefined), false)
})

t.test('a scanner types the same digit again at once', async t => {
  const keys = [...'317000'].map((key, index) => [key, index * 3] as const)
  t.equal(strikes(keys, 500).join(''), '317000')
})
