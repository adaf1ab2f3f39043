import t from 'tap'
import { within } from '../../../hal/ports/within.ts'
import { ManualClock } from '../../support/manual-clock.ts'

function bench() {
  const clock = new ManualClock()
  let resolve: (value: string) => void = () => {}
  let reject: (cause: Error) => void = () => {}
  const work = new Promise<string>((yes, no) => {
    resolve = yes
    reject = no
  })
  const stop = new AbortController()
  const waiting = within(work, { clock, timeoutMs: 100, signal: stop.signal })
  return { clock, stop, waiting, resolve, reject }
}
const failure = new Error('it failed')

t.test('it settles as the work does, in time', async t => {
  const done = bench()
  await done.clock.advance(99)
  done.resolve('done')
  t.equal(await done.waiting, 'done')
  const failed = bench()
  failed.reject(failure)
  await t.rejects(failed.waiting, failure)
  for (const { clock } of [done, failed]) t.equal(clock.sleeping, 0, 'nothing is left waiting')
})

t.test(
  'after its time, and on a signal, it waits no longer; what the work does then harms nobody',
  async t => {
    const late = bench()
    const rejected = t.rejects(late.waiting, { code: 'hal/no-answer', details: { timeoutMs: 100 } })
    await late.clock.advance(100)
    await rejected
    const stopped = bench()
    const reason = new Error('the citizen left')
    stopped.stop.abort(reason)
    await t.rejects(stopped.waiting, reason)
    // An unhandled rejection would end this process.
    late.reject(failure)
    stopped.reject(failure)
    await stopped.clock.advance(1)
    for (const { clock } of [late, stopped]) t.equal(clock.sleeping, 0, 'nothing is left waiting')
  },
)

t.test('a signal that has aborted already', async t => {
  const clock = new ManualClock()
  const reason = new Error('the citizen left')
  const signal = AbortSignal.abort(reason)
  await t.rejects(within(new Promise(() => {}), { clock, timeoutMs: 100, signal }), reason)
  t.equal(clock.sleeping, 0)
})
