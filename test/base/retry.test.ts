import t from 'tap'
import { backoffMs } from '../../src/base/retry.ts'

/** Goal: waits spread over the whole interval and never pass the ceiling, however long it lasts. */
const backoff = { backoffMsMin: 500, backoffMsMax: 60_000 }

t.test('the ceiling doubles, then stays', async t => {
  const almostOne = () => 0.999_999
  const waits = [1, 2, 3, 4, 8, 100, 5000].map(attempt => Math.round(backoffMs(backoff, attempt, almostOne)))
  t.same(waits, [500, 1000, 2000, 4000, 60_000, 60_000, 60_000])
})

t.test('jitter is full', async t => {
  t.equal(
    backoffMs(backoff, 5, () => 0),
    0,
  )
  t.equal(
    backoffMs(backoff, 1, () => 0.5),
    250,
  )
})
