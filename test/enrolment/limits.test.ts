/**
 * Goal: a kiosk that lacks a part says what it still can do before anybody begins, on screen and by its lamp.
 * Method: parts up and down in every combination that matters; then the runner, on stand-ins.
 */
import t from 'tap'
import type { BoardPart, PartKind } from '../../hal/ports/part.ts'
import { noticeOf, showOnLamps } from '../../src/enrolment/lamp.ts'
import { limitsOf } from '../../src/enrolment/limits.ts'
import type { Capacity } from '../../src/store/ports.ts'
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
  const limits = (parts: BoardPart[], store: Capacity['level'] | 'fault' = 'ok', more = {}) =>
    limitsOf({ parts, store, isInMaintenance: false, isOpen: true, ...more })
  t.same(limits([sensor, part('receipt-printer', true)]), [])
  t.same(limits([sensor], 'warning'), [], 'a model without a printer is not short of one')
  t.same(limits([sensor, part('receipt-printer', false)], 'urgent'), ['no-printer'])
  t.same(limits([part('fingerprint-sensor', false)]), ['no-sensor'])
  t.same(limits([], 'full'), ['store-full', 'no-sensor'])
  t.same(limits([sensor, part('fingerprint-sensor', false)], 'fault'), ['store-fault'])
  t.same(limits([sensor], 'ok', { isInMaintenance: true }), ['maintenance'])
  t.same(limits([sensor], 'ok', { isOpen: false }), ['closed'])
})

t.test(
  'out of service or closed, whoever has begun is served to the end, and nobody else begins',
  async t => {
    for (const limit of ['maintenance', 'closed'] as const) {
      const { runner, touch, clock } = standInKiosk()
      await touch({ name: 'begin', language: 'id' })
      runner.setLimits([limit])
      t.match(await touch({ name: 'nik', text: '3171011708850001' }), { step: 'confirm' })
      await touch({ name: 'leave' })
      t.match(await touch({ name: 'begin', language: 'id' }), { step: 'idle', limits: [limit] })
      runner.setLimits([])
      t.match(await touch({ name: 'begin', language: 'id' }), { step: 'identify' })
      runner.close()
      await clock.advance(0)
    }
  },
)

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
  t.equal(noticeOf({ helpCalled: false, limits: ['maintenance'], step: 'idle' }), 'fault')
  t.equal(
    noticeOf({ helpCalled: false, limits: ['closed'], step: 'idle' }),
    'attention',
    'closed is no fault',
  )
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
