/** Goal: nobody is served more often than said, nobody pays for another, and waiting as long as told is enough. */
import t from 'tap'
import { RateLimit } from '../../src/base/rate-limit.ts'
import { ManualClock } from '../support/manual-clock.ts'

t.test('a caller', async t => {
  const clock = new ManualClock()
  const limit = new RateLimit({ burst: 3, perMinute: 6, clock })
  for (let call = 0; call < 3; call++) t.equal(limit.take('a'), 0)
  t.equal(limit.take('a'), 10_000)
  t.equal(limit.take('b'), 0, 'another caller has a bucket of its own')
  await clock.advance(4_000)
  const waitMs = limit.take('a')
  t.ok(Math.abs(waitMs - 6_000) < 1, `${waitMs}`)
  await clock.advance(6_001)
  t.equal(limit.take('a'), 0)
  t.not(limit.take('a'), 0)
  await clock.advance(3_600_000)
  for (let call = 0; call < 3; call++) t.equal(limit.take('a'), 0)
  t.not(limit.take('a'), 0, 'never more than a burst')
})

t.test('callers that come once do not fill the memory', async t => {
  const limit = new RateLimit({ burst: 1, perMinute: 1, clock: new ManualClock() })
  t.equal(limit.take('first'), 0)
  t.not(limit.take('first'), 0)
  for (let caller = 0; caller < 10_000; caller++) limit.take(`${caller}`)
  t.equal(limit.take('first'), 0, 'forgotten')
})
