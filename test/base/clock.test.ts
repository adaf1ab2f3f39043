import t from 'tap'
import { systemClock } from '../../src/base/clock.ts'

t.test('a sleep ends early with the reason of its signal', async t => {
  const reason = new Error('stop')
  await t.rejects(systemClock.sleep(60_000, AbortSignal.abort(reason)), reason)
  const controller = new AbortController()
  const slept = systemClock.sleep(60_000, controller.signal)
  controller.abort(reason)
  await t.rejects(slept, reason)
})

t.test('a sleep without a signal just ends', async t => {
  t.equal(await systemClock.sleep(1), undefined)
})
