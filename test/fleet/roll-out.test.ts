/**
 * Goal: later stages get nothing before the first has shown that it may, and whoever pushes hears of every kiosk.
 * Method: real seals on a broker in memory and a clock that the test moves; kiosks answer as the test says.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { silentLog } from '../../src/base/log.ts'
import { FleetView } from '../../src/fleet/fleet-view.ts'
import { type KioskOutcome, rollOut, stagesOf } from '../../src/fleet/roll-out.ts'
import { wishOf } from '../../src/fleet/wish.ts'
import { openSigningKeys } from '../../src/keys/file-key-store.ts'
import type { Broker } from '../../src/mqtt/broker.ts'
import { MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { openOpsSeal } from '../../src/seal/config-seal.ts'
import type { Reported } from '../../src/settings/desired.ts'
import { demoKeys } from '../support/demo-keys.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { until } from '../support/until.ts'

const clock = new ManualClock(Date.now())
const { keys } = await demoKeys(t, clock)
const seal = openOpsSeal({ keys: await openSigningKeys(join(keys, 'ops'), 'ops'), clock })
const signal = new AbortController().signal
const WAIT_MS = 60_000

type Answer = Partial<Reported> | 'silent'

/** Kiosks by name, and what each answers to whatever is wanted of it. */
async function newFleet(t: Test, answers: Readonly<Record<string, Answer>>) {
  const memory = new MemoryBroker({ clock, random: () => 0.5 })
  const brokers: Broker[] = []
  const sent: string[] = []
  const report = (kiosk: string, broker: Broker, said: Partial<Reported>) =>
    broker.publish({
      topic: kioskTopic(kiosk, 'config/reported'),
      body: Buffer.from(
        JSON.stringify({
          version: 1,
          state: 'applied',
          errors: [],
          at: '2026-01-01T00:00:00.000Z',
          running: 1,
          confirmed: true,
          settings: {},
          ...said,
        }),
      ),
      qos: 1,
      retain: true,
    })
  for (const [kiosk, answer] of Object.entries(answers)) {
    const broker = memory.connect(kiosk)
    brokers.push(broker)
    await broker.subscribe(kioskTopic(kiosk, 'config/desired'), async () => {
      sent.push(kiosk)
      if (answer !== 'silent') await report(kiosk, broker, answer)
    })
  }
  const broker = memory.connect(seal.ops)
  brokers.push(broker)
  const view = await FleetView.open({ broker, seal, clock, log: silentLog })
  await clock.advance(100)
  t.teardown(() => clock.finish(Promise.all(brokers.map(each => each.close()))))
  const outcomes: KioskOutcome[] = []
  const push = (stages: readonly (readonly string[])[], failuresMax = 0) =>
    rollOut(
      { view, broker, seal, clock },
      {
        wish: wishOf({ settings: { capture: { attemptsMax: 2 } } }, 1),
        stages,
        failuresMax,
        waitMs: WAIT_MS,
      },
      { signal, onOutcome: outcome => outcomes.push(outcome) },
    )
  const publish = (kiosk: string, body: Uint8Array) =>
    ended(broker.publish({ topic: kioskTopic(kiosk, 'config/desired'), body, qos: 1, retain: true }))
  return { sent, outcomes, push, view, publish }
}

const rolledBack: Answer = {
  state: 'rolled-back',
  running: 0,
  errors: [{ code: 'config/unwell', where: 'part printer', text: 'it was well before' }],
}
const named = (count: number, answer: Answer) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`kiosk-${n}`, answer]))
const words = (outcomes: readonly KioskOutcome[]) =>
  outcomes.map(({ kiosk, outcome }) => `${kiosk} ${outcome}`).sort()

/** Signatures are made outside of the clock's time. */
async function ended<T>(result: Promise<T>): Promise<T> {
  let isOver = false
  const over = () => {
    isOver = true
  }
  result.then(over, over)
  await until(async () => {
    await clock.advance(1)
    return isOver
  })
  return result
}

t.test('all keep it: stage after stage', async t => {
  const { push, outcomes, sent } = await newFleet(t, named(4, {}))
  const result = await ended(push([['kiosk-2'], ['kiosk-0', 'kiosk-1', 'kiosk-3']]))
  t.match(result, { stopped: false, unsent: [] })
  t.same(words(outcomes), ['kiosk-0 kept', 'kiosk-1 kept', 'kiosk-2 kept', 'kiosk-3 kept'])
  t.equal(sent[0], 'kiosk-2')
})

t.test('one of the first goes back: the others are sent nothing, unless one may', async t => {
  const answers = { ...named(4, {}), 'kiosk-1': rolledBack }
  const stages = [
    ['kiosk-0', 'kiosk-1'],
    ['kiosk-2', 'kiosk-3'],
  ]
  const strict = await newFleet(t, answers)
  t.match(await ended(strict.push(stages)), { stopped: true, unsent: ['kiosk-2', 'kiosk-3'] })
  t.same([...strict.sent].sort(), ['kiosk-0', 'kiosk-1'])
  t.same(words(strict.outcomes), ['kiosk-0 kept', 'kiosk-1 rolled-back'])
  t.match(strict.outcomes.find(({ outcome }) => outcome === 'rolled-back')?.seen?.reported?.errors, [
    { where: 'part printer' },
  ])

  const lenient = await newFleet(t, answers)
  t.match(await ended(lenient.push(stages, 1)), { stopped: false, unsent: [] })
  t.equal(lenient.sent.length, 4)
})

t.test('who says nothing in time has failed', async t => {
  const { push, outcomes, sent } = await newFleet(t, { ...named(3, {}), 'kiosk-1': 'silent' })
  const result = push([['kiosk-0', 'kiosk-1'], ['kiosk-2']])
  await until(async () => {
    await clock.advance(1)
    return sent.length === 2 && outcomes.length === 1
  })
  await clock.advance(WAIT_MS)
  t.match(await result, { stopped: true, unsent: ['kiosk-2'] })
  t.same(words(outcomes), ['kiosk-0 kept', 'kiosk-1 waiting'])
})

t.test('on trial is not yet kept; a later version takes its place', async t => {
  const { push, outcomes } = await newFleet(t, {
    'kiosk-0': { confirmed: false },
    'kiosk-1': { version: 2, running: 2 },
  })
  const result = push([['kiosk-0', 'kiosk-1']])
  await until(async () => {
    await clock.advance(1)
    return outcomes.length === 1
  })
  t.same(words(outcomes), ['kiosk-1 superseded'])
  await clock.advance(WAIT_MS)
  t.match(await result, { stopped: false })
  t.same(words(outcomes), ['kiosk-0 on-trial', 'kiosk-1 superseded'])
})

t.test('what the broker keeps is the whole view, and a forged wish is none', async t => {
  const { view, push, publish } = await newFleet(t, named(2, {}))
  await ended(push([['kiosk-0', 'kiosk-1']]))
  const wanted = (kiosk: string) => view.kiosks.get(kiosk)?.desired?.version
  await until(() => wanted('kiosk-0') === 1 && wanted('kiosk-1') === 1)
  t.match(view.kiosks.get('kiosk-1'), { reported: { version: 1 } })
  t.same(
    stagesOf([...view.kiosks.values()], 50).map(stage => stage.length),
    [1, 1],
  )
  await clock.finish(view.settled({ timeoutMs: 5_000, signal }))
  await publish('kiosk-0', Buffer.from('{"version":9,"settings":{}}'))
  await publish('kiosk-1', (await seal.sealConfig('kiosk-0', { version: 9, settings: {} })).body)
  await until(() => wanted('kiosk-0') === undefined && wanted('kiosk-1') === undefined)
  t.pass('neither without a seal, nor with that of another kiosk')
})
