/**
 * Goal: a kiosk that lacks a part says what it still can do before anybody begins, on screen and by its lamp.
 * Method: parts up and down in every combination that matters; then the runner, on stand-ins.
 */
import t from 'tap'
import type { BoardPart, PartKind } from '../../hal/ports/part.ts'
import { noticeOf, showOnLamps } from '../../src/enrolment/lamp.ts'
import { limitsOf } from '../../src/enrolment/limits.ts'
import { standInKiosk } from './stand-ins.ts'

const part = (kind: PartKind, up: boolean): BoardPart => ({
  name: kind,
  kind,
  driver: 'x',
  on: {},
  state: up ? { up } : { up, code: 'hal/no-answer', detail: '' },
  diagnose: async () => [],
})

t.test('limits of a board and a store', async t => {
  const sensor = part('fingerprint-sensor', true)
  t.same(limitsOf([sensor, part('receipt-printer', true)], 'ok'), [])
  t.same(limitsOf([sensor], 'warning'), [], 'a model without a printer is not short of one')
  t.same(limitsOf([sensor, part('receipt-printer', false)], 'urgent'), ['no-printer'])
  t.same(limitsOf([part('fingerprint-sensor', false)], 'ok'), ['no-sensor'])
  t.same(limitsOf([], 'full'), ['store-full', 'no-sensor'])
  t.same(limitsOf([sensor, part('fingerprint-sensor', false)], 'fault'), ['store-fault'])
})

t.test('the screen knows them, and nobody begins what cannot end', async t => {
  const { runner, touch, clock } = standInKiosk()
  const seen: string[] = []
  runner.onView(({ limits }) => seen.push(limits.join('+')))
  runner.setLimits(['no-printer'])
  runner.setLimits(['no-printer'])
  t.same(seen, ['', 'no-printer'], 'shown once a change')
  t.match(
    await touch({ name: 'begin', language: 'id' }),
    { step: 'identify' },
    'without a printer all goes on',
  )
  await touch({ name: 'leave' })
  runner.setLimits(['no-sensor'])
  t.match(await touch({ name: 'begin', language: 'id' }), { step: 'idle', notice: 'no-sensor' })
  runner.setLimits([])
  t.match(await touch({ name: 'begin', language: 'id' }), { step: 'identify' })
  runner.close()
  await clock.advance(0)
})

t.test('the lamp: who needs staff comes first', async t => {
  t.equal(noticeOf({ helpCalled: false, limits: [], step: 'idle' }), 'ready')
  t.equal(noticeOf({ helpCalled: false, limits: [], step: 'capture' }), 'busy')
  t.equal(noticeOf({ helpCalled: false, limits: ['no-printer'], step: 'idle' }), 'attention')
  t.equal(noticeOf({ helpCalled: false, limits: ['no-sensor'], step: 'idle' }), 'fault')
  t.equal(noticeOf({ helpCalled: true, limits: ['no-sensor'], step: 'capture' }), 'help-called')
})

t.test('lamps follow the visit; one that fails stops nobody', async t => {
  const { runner, touch } = standInKiosk()
  const shown: string[] = []
  const lamp = {
    use: async (call: (device: never) => Promise<void>) =>
      call({ show: async (what: string) => shown.push(what) } as never),
  }
  const broken = { use: () => Promise.reject(new Error('no lamp')) }
  const lamps = showOnLamps(runner, [broken, lamp])
  await touch({ name: 'begin', language: 'id' })
  await touch({ name: 'help' })
  t.same(shown, ['ready', 'busy', 'help-called'])
  lamps.again()
  t.equal(shown.at(-1), 'help-called')
  t.equal(shown.length, 4)
  lamps.stop()
  await touch({ name: 'leave' })
  t.equal(shown.length, 4)
  runner.close()
})
