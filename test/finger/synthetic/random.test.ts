import t from 'tap'
import { Random } from '../../../src/finger/synthetic/random.ts'

t.test('the sequence of a seed is fixed for ever: stored seeds name fingers', async t => {
  const random = new Random(42)
  t.same([random.uint32(), random.uint32(), random.uint32()], [3360737087, 218457946, 2395871078])
})

t.test('seeds and streams next to each other have nothing in common', async t => {
  const first = new Set<number>()
  for (let seed = 0; seed < 200; seed++) {
    for (let stream = 0; stream < 5; stream++) first.add(new Random(seed, stream).uint32())
    first.add(new Random(seed + 0x1_0000_0000).uint32())
  }
  t.equal(first.size, 200 * 6)
})

t.test('uniform, below and bell keep to their range, mean and spread', async t => {
  const random = new Random(7)
  const draws = 20_000
  let sum = 0
  let bellSum = 0
  let bellSquares = 0
  const counts = [0, 0, 0]
  for (let i = 0; i < draws; i++) {
    const value = random.uniform()
    if (value < 0 || value >= 1) t.fail('outside [0, 1)', { value })
    sum += value
    const bell = random.bell()
    bellSum += bell
    bellSquares += bell * bell
    counts[random.below(3)]++
  }
  t.ok(Math.abs(sum / draws - 0.5) < 0.01)
  t.ok(Math.abs(bellSum / draws) < 0.03)
  t.ok(Math.abs(bellSquares / draws - 1) < 0.03)
  for (const count of counts) t.ok(Math.abs(count / draws - 1 / 3) < 0.02)
})
