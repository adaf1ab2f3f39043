/** Goal: a loop rests until its time or until it is woken, and misses nothing that happened during its turn. */
import t from 'tap'
import { Rest } from '../../src/base/rest.ts'
import { ManualClock } from '../support/manual-clock.ts'

function world() {
  const clock = new ManualClock()
  const rest = new Rest(clock)
  let rested = 0
  const until = (atMs: number) => void rest.until(atMs).then(() => rested++)
  return { clock, rest, until, rested: () => rested }
}

t.test('until its time', async t => {
  const { clock, until, rested } = world()
  until(1_000)
  await clock.advance(999)
  t.equal(rested(), 0)
  await clock.advance(1)
  t.equal(rested(), 1)
})

t.test('a time that is over is a short rest, so that others have their turn', async t => {
  const { clock, until, rested } = world()
  await clock.advance(5_000)
  until(1_000)
  t.equal(rested(), 0)
  await clock.advance(1)
  t.equal(rested(), 1)
})

t.test('until it is woken, and then nothing sleeps any more', async t => {
  for (const atMs of [1_000, Number.POSITIVE_INFINITY, 1e15]) {
    const { clock, rest, until, rested } = world()
    until(atMs)
    await clock.advance(500)
    t.equal(rested(), 0)
    rest.wake()
    await clock.advance(0)
    t.equal(rested(), 1)
    t.equal(clock.sleeping, 0)
  }
})

t.test('woken during its turn it does not rest, once', async t => {
  const { clock, rest, until, rested } = world()
  rest.wake()
  rest.wake()
  until(Number.POSITIVE_INFINITY)
  await clock.advance(0)
  t.equal(rested(), 1)
  until(Number.POSITIVE_INFINITY)
  await clock.advance(10_000)
  t.equal(rested(), 1)
})
