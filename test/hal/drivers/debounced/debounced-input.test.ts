import t from 'tap'
import { observe, settlesAtMs, unknown } from '../../../../hal/drivers/debounced/debounce.ts'
import { headphoneDetect } from '../../../../hal/drivers/headphone/headphone.ts'
import { presenceSensor } from '../../../../hal/drivers/presence/presence.ts'
import { serviceKey } from '../../../../hal/drivers/service-key/service-key.ts'
import { tamperSwitch } from '../../../../hal/drivers/tamper/tamper.ts'
import { SimulatedGpio } from '../../../../hal/sim/gpio-lines.ts'
import { SimulatedTwoStatePart } from '../../../../hal/sim/two-state-part.ts'
import { Random } from '../../../../src/finger/synthetic/random.ts'
import { twoStatePartContract } from '../../../contract/two-state-part.ts'
import { ManualClock } from '../../../support/manual-clock.ts'

const LINE = 'sim:17'
const drivers = { presenceSensor, tamperSwitch, serviceKey, headphoneDetect }

function bench(make: (typeof drivers)[keyof typeof drivers], activeLow = false) {
  const clock = new ManualClock()
  const gpio = new SimulatedGpio()
  const set = (active: boolean) => gpio.set(LINE, active === activeLow ? 0 : 1)
  set(false)
  const part = make({ line: gpio.input(LINE, { activeLow }), clock })
  const heard: (boolean | undefined)[] = []
  part.onChange(active => heard.push(active))
  return { clock, gpio, set, part, heard }
}

for (const [name, make] of Object.entries(drivers)) {
  for (const activeLow of [false, true]) {
    twoStatePartContract(`the driver ${name}, active ${activeLow ? 'low' : 'high'}`, async () => {
      const { clock, gpio, set, part } = bench(make, activeLow)
      const setSilent = (silent: boolean) => gpio.setFault(LINE, silent ? 'gone' : undefined)
      return { part, clock, set, setSilent }
    })
  }
}

twoStatePartContract('a simulated part', async () => {
  const clock = new ManualClock()
  const part = new SimulatedTwoStatePart({ kind: 'presence-sensor', clock })
  return { part, clock, set: active => part.set(active), setSilent: silent => part.setSilent(silent) }
})

t.test('a key that bounces is heard once, when it has settled', async t => {
  const { clock, set, part, heard } = bench(serviceKey, true)
  await part.open()
  for (let bounce = 0; bounce < 10; bounce++) {
    set(bounce % 2 === 0)
    await clock.advance(3)
  }
  set(true)
  await clock.advance(49)
  t.same(heard, [])
  await clock.advance(2)
  t.same(heard, [true])
  await part.close()
})

t.test('a housing opened for a moment is tampering; shutting takes a second', async t => {
  const { clock, set, part, heard } = bench(tamperSwitch)
  await part.open()
  set(true)
  await clock.advance(1)
  set(false)
  await clock.advance(1)
  t.same(heard, [true])
  t.equal(part.active, true)
  await clock.advance(1000)
  t.same(heard, [true, false])
  await part.close()
})

t.test('somebody who holds still for four seconds has not left', async t => {
  const { clock, set, part, heard } = bench(presenceSensor)
  await part.open()
  for (let time = 0; time < 5; time++) {
    set(true)
    await clock.advance(2000)
    set(false)
    await clock.advance(4000)
  }
  t.same(heard, [true])
  await clock.advance(2000)
  t.same(heard, [true, false])
  await part.close()
})

t.test('an edge that got lost is noticed all the same', async t => {
  const { clock, gpio, set, part, heard } = bench(headphoneDetect)
  await part.open()
  // An edge while the line is faulty is not reported; the fault is over before the next look.
  gpio.setFault(LINE, 'gone')
  set(true)
  await clock.advance(1)
  gpio.setFault(LINE, undefined)
  await clock.advance(2000)
  t.same(heard, [true])
  await part.close()
})

t.test('a line that cannot be had is let go', async t => {
  const { gpio, part, clock } = bench(serviceKey)
  gpio.setFault(LINE, 'no-permission')
  await t.rejects(part.open(), { code: 'hal/no-permission' })
  gpio.setFault(LINE, undefined)
  await part.open()
  t.equal(part.active, false)
  t.match(await part.diagnose({ timeoutMs: 100, signal: new AbortController().signal }), [
    { name: 'turned', value: false },
    { name: 'line', value: 'inactive' },
  ])
  await part.close()
  t.equal(clock.sleeping, 0)
})

/**
 * Goal: nothing shorter than its settle time is believed, and nothing that stays longer is missed.
 * Method: 100,000 random sequences of levels against a plain account of when the level last changed.
 */
t.test('100,000 random sequences of levels settle as they should', async t => {
  const random = new Random(17)
  const times = { activeMs: 30, inactiveMs: 80 }
  let changes = 0
  for (let run = 0; run < 100_000; run++) {
    let state = unknown
    let nowMs = 0
    let lastLevel: boolean | undefined
    let sinceMs = 0
    for (let i = 0; i < 8; i++) {
      nowMs += random.below(60)
      const level = random.below(20) === 0 ? undefined : random.below(2) === 0
      if (level !== lastLevel) sinceMs = nowMs
      const before = state
      state = observe(before, level, nowMs, times)
      const stayedMs = nowMs - sinceMs
      lastLevel = level
      const expected =
        level === undefined || before.settled === undefined || level === before.settled
          ? level
          : stayedMs >= (level ? times.activeMs : times.inactiveMs)
            ? level
            : before.settled
      if (state.settled !== expected) t.fail('believed otherwise', { run, before, level, nowMs })
      const dueMs = settlesAtMs(state, times)
      if (dueMs !== undefined && dueMs < nowMs) t.fail('due in the past', { run, state, nowMs })
      if (state.settled !== before.settled) changes++
    }
  }
  t.ok(changes > 100_000)
})
