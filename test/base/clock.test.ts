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

t.test('a sleep is as long as it is asked to be, also where a timer is not', async t => {
  const controller = new AbortController()
  let isOver = false
  const slept = systemClock.sleep(2 ** 31 + 1, controller.signal).then(() => {
    isOver = true
  })
  await systemClock.sleep(50)
  t.notOk(isOver)
  const reason = new Error('stop')
  controller.abort(reason)
  await t.rejects(slept, reason)
})
