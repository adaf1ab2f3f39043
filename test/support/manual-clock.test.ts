import t from 'tap'
import { ManualClock } from './manual-clock.ts'

t.test('sleepers wake in the order they are due, and see their own time', async t => {
  const clock = new ManualClock(1_000)
  const woken: string[] = []
  const sleeper = async (name: string, delayMs: number) => {
    await clock.sleep(delayMs)
    woken.push(`${name} ${clock.monotonicMs()} ${clock.nowMs()}`)
  }
  const chain = async () => {
    for (let step = 0; step < 3; step++) await sleeper('chain', 20)
  }
  const all = [sleeper('late', 50), sleeper('early', 10), chain()]
  await clock.advance(9)
  t.same(woken, [])
  await clock.advance(91)
  await Promise.all(all)
  t.same(woken, ['early 10 1010', 'chain 20 1020', 'chain 40 1040', 'late 50 1050', 'chain 60 1060'])
  t.equal(clock.monotonicMs(), 100)
  t.equal(clock.sleeping, 0)
})

t.test('a sleep ends early with the reason of its signal and leaves nothing behind', async t => {
  const clock = new ManualClock()
  const reason = new Error('stop')
  await t.rejects(clock.sleep(10, AbortSignal.abort(reason)), reason)
  const controller = new AbortController()
  const slept = clock.sleep(10, controller.signal)
  t.equal(clock.sleeping, 1)
  controller.abort(reason)
  await t.rejects(slept, reason)
  t.equal(clock.sleeping, 0)
})

t.test('setting the wall clock moves no interval', async t => {
  const clock = new ManualClock(5_000)
  const slept = clock.sleep(10)
  clock.setWall(1)
  await clock.advance(10)
  await slept
  t.equal(clock.nowMs(), 11)
  t.equal(clock.monotonicMs(), 10)
})

t.test('finish lets just enough time pass for a call, whichever way it ends', async t => {
  const clock = new ManualClock()
  t.equal(await clock.finish(clock.sleep(35).then(() => 'slept')), 'slept')
  t.equal(clock.monotonicMs(), 40, 'whole steps of 10 ms')
  const failing = clock.sleep(5).then(() => Promise.reject(new Error('no')))
  await t.rejects(clock.finish(failing), { message: 'no' })
  await t.rejects(clock.finish(new Promise(() => {}), { limitMs: 100 }), /did not end/)
})
