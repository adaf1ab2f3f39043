/**
 * Goal: a configuration goes no further than it does no harm, no faster than it may, and waits for nobody for ever.
 * Method: the pure step, walked over time by a fleet in which every kiosk answers as the test says.
 */
import t from 'tap'
import {
  countsOf,
  type KioskProgress,
  nextStep,
  type Plan,
  planSchema,
  type RollOutState,
} from '../../../src/fleet/roll-outs/roll-out.ts'
import type { SeenKiosk } from '../../../src/fleet/seen-kiosk.ts'
import { wishOf } from '../../../src/fleet/wish.ts'
import { nowMs, state } from '../kiosk-words.ts'

const VERSION = 7
const wish = wishOf({ settings: {} }, VERSION)
type Answer = 'applied' | 'rejected' | 'rolled-back' | 'silent' | 'dies' | 'off'

/** Kiosks by number; `answers` of those that do anything but keep it. */
function fleet(count: number, plan: Partial<Plan>, answers: Readonly<Record<number, Answer>> = {}) {
  const whole = planSchema.parse({ to: ['all'], waitMs: 60_000, ...plan })
  const canaries = Math.max(1, Math.ceil((count * whole.canaryPercent) / 100))
  const progress = new Map<string, KioskProgress>()
  const seen = new Map<string, SeenKiosk>()
  for (let number = 0; number < count; number++) {
    progress.set(`kiosk-${number}`, { stage: number < canaries ? 0 : 1 })
    const isOff = answers[number] === 'off'
    seen.set(`kiosk-${number}`, {
      kiosk: `kiosk-${number}`,
      state: { ...state, state: isOff ? 'offline' : 'online' },
    })
  }
  const reply = (kiosk: string) => {
    const answer = answers[Number(kiosk.split('-')[1])] ?? 'applied'
    const before = seen.get(kiosk) as SeenKiosk
    if (answer === 'dies') seen.set(kiosk, { kiosk, state: { ...state, state: 'offline' } })
    if (answer !== 'applied' && answer !== 'rejected' && answer !== 'rolled-back') return
    seen.set(kiosk, {
      ...before,
      reported: {
        version: VERSION,
        state: answer,
        errors: [],
        at: '2026-01-01T00:00:00.000Z',
        running: VERSION,
        confirmed: true,
        settings: {},
      },
    })
  }
  let elapsedMs = 0
  return {
    progress,
    counts: () => countsOf(progress.values()),
    /** One look after `afterMs`; who was sent something has answered by the next. */
    look(afterMs = 1_000, as: RollOutState = 'running') {
      elapsedMs += afterMs
      const step = nextStep(
        { state: as, plan: whole },
        wish,
        progress,
        kiosk => seen.get(kiosk),
        nowMs + elapsedMs,
      )
      for (const [kiosk, each] of step.changed) progress.set(kiosk, each)
      for (const kiosk of step.send) reply(kiosk)
      return step
    },
  }
}

t.test('the first share, then the others, then it is done', async t => {
  const { look, counts } = fleet(20, { canaryPercent: 10 })
  t.same(look().send, ['kiosk-0', 'kiosk-1'])
  t.equal(look().send.length, 18)
  t.same(look().ends, { state: 'done' })
  t.same(counts(), { kiosks: 20, sent: 20, kept: 20, failed: 0, passedOver: 0 })
})

t.test('a poisonous one reaches the first share and nobody else', async t => {
  const { look, counts } = fleet(20, { canaryPercent: 10 }, { 0: 'rolled-back', 1: 'rolled-back' })
  look()
  t.same(look().ends, { state: 'stopped', reason: 'too-many-failed' })
  t.match(counts(), { sent: 2, kept: 0, failed: 2 })
})

t.test('so many may fail, and not one more, at any time', async t => {
  const two = { 3: 'rejected', 9: 'rolled-back' } as const
  const enough = fleet(12, { canaryPercent: 9, failuresMax: 2, perMinute: 4 }, two)
  while (enough.look(61_000).ends === undefined);
  t.match(enough.counts(), { sent: 12, kept: 10, failed: 2 })
  const short = fleet(12, { canaryPercent: 9, failuresMax: 1, perMinute: 4 }, two)
  let last = short.look(61_000)
  while (last.ends === undefined) last = short.look(61_000)
  t.match(last.ends, { state: 'stopped' })
  t.ok(short.counts().sent < 12)
})

t.test('who says nothing is given up: with it, as lost; off all the time, passed over', async t => {
  const { look, progress, counts } = fleet(
    4,
    { canaryPercent: 1, failuresMax: 2 },
    { 1: 'silent', 2: 'dies', 3: 'off' },
  )
  look()
  t.equal(look().send.length, 3)
  t.equal(look(58_000).ends, undefined)
  t.same(look(2_000).ends, { state: 'done' })
  t.equal(progress.get('kiosk-1')?.outcome, 'lost')
  t.equal(progress.get('kiosk-2')?.outcome, 'lost', 'it went away with it')
  t.equal(progress.get('kiosk-3')?.outcome, 'unreachable')
  t.match(counts(), { kept: 1, failed: 2, passedOver: 1 })
})

t.test('at a constant pace, and at one that grows', async t => {
  const constant = fleet(40, { canaryPercent: 1, perMinute: 6 })
  constant.look()
  const sizes = (each: ReturnType<typeof fleet>, looks: number) =>
    Array.from({ length: looks }, () => each.look(30_000).send.length)
  t.same(sizes(constant, 7), [6, 0, 6, 0, 6, 0, 6])
  const growing = fleet(100, { canaryPercent: 1, perMinute: 4, growth: 2 })
  growing.look()
  t.same(sizes(growing, 7), [4, 0, 8, 0, 16, 0, 32])
})

t.test('paused, nobody is sent anything, and what is under way still counts', async t => {
  const { look, counts } = fleet(10, { canaryPercent: 50 }, { 1: 'rejected' })
  look()
  t.match(look(1_000, 'paused'), { send: [], ends: { state: 'stopped' } })
  t.match(counts(), { kept: 4, failed: 1 })
  const calm = fleet(10, { canaryPercent: 50 })
  calm.look()
  t.same(calm.look(1_000, 'paused').send, [])
  t.match(calm.counts(), { kept: 5, sent: 5 })
  t.equal(calm.look(1_000).send.length, 5)
})
