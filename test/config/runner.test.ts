/**
 * Goal: a kiosk does what operations want, when nobody is at it, and goes back by itself where that does it no good;
 * operations are told what came of it.
 * Method: the runner with real seals on a broker in memory and a clock that the test moves; the kiosk is a stand-in
 * that the test makes ill.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { silentLog } from '../../src/base/log.ts'
import { heldFile } from '../../src/config/held-file.ts'
import { Kept } from '../../src/config/kept.ts'
import { NO_BROKER } from '../../src/config/probation.ts'
import { ConfigRunner } from '../../src/config/runner.ts'
import { openSigningKeys } from '../../src/keys/file-key-store.ts'
import { ExchangeableBroker } from '../../src/mqtt/exchangeable-broker.ts'
import { MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { openConfigSeal, openOpsSeal } from '../../src/seal/config-seal.ts'
import type { ConfigSeal } from '../../src/seal/seal.ts'
import { type Reported, reportedSchema } from '../../src/settings/desired.ts'
import type { Effect, PartialSettings } from '../../src/settings/overlay.ts'
import { type Settings, settingsSchema } from '../../src/settings/settings.ts'
import { until } from '../contract/broker.ts'
import { demoKeys } from '../support/demo-keys.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { CutDisk } from './cut-disk.ts'
import { at, base as file } from './worlds.ts'

const GOOD_MS = 10_000
const LIMIT_MS = 30_000
const base = settingsSchema.parse({ ...file, probation: { goodMs: GOOD_MS, limitMs: LIMIT_MS } })
const clock = new ManualClock(Date.now())
const { kioskKeys, keys } = await demoKeys(t, clock)
const ops = openOpsSeal({ keys: await openSigningKeys(join(keys, 'ops'), 'ops'), clock })
const KIOSK = kioskKeys.name
const desiredTopic = kioskTopic(KIOSK, 'config/desired')

class StandInKiosk {
  readonly used: { settings: Settings; effect: Effect }[] = []
  readonly illnesses = new Set<string>()
  private readonly listeners = new Set<() => void>()
  isIdle = true

  constructor(private readonly broker: ExchangeableBroker) {}

  async troubles(): Promise<readonly string[]> {
    return [...(this.broker.connection ? [] : [NO_BROKER]), ...this.illnesses]
  }

  onIdle(listener: () => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  leave(): void {
    this.isIdle = true
    for (const listener of [...this.listeners]) listener()
  }

  use = async (settings: Settings, effect: Effect): Promise<void> => {
    this.used.push({ settings, effect })
  }
}

async function newWorld(t: Test, disk = new CutDisk()) {
  const options = { clock, random: () => 0.5 }
  const centre = new MemoryBroker(options)
  const nowhere = new MemoryBroker(options)
  nowhere.stop()
  const operations = centre.connect(ops.ops)
  const reports: Reported[] = []
  await operations.subscribe(kioskTopic(KIOSK, 'config/reported'), async ({ body }) => {
    reports.push(reportedSchema.parse(JSON.parse(Buffer.from(body).toString())))
  })
  const broker = new ExchangeableBroker(centre.connect(KIOSK))
  const kiosk = new StandInKiosk(broker)
  // Signatures are checked on another thread: time that the clock knows nothing of.
  const seal = openConfigSeal({ keys: kioskKeys, clock })
  let opened = 0
  const countingSeal: ConfigSeal = {
    ...seal,
    openConfig: (body, schema) => seal.openConfig(body, schema).finally(() => opened++),
  }
  const open = async () => {
    const kept = await Kept.open(heldFile(disk), { log: silentLog, at })
    await kept.begin(base, at)
    const runner = new ConfigRunner({
      kept,
      base,
      broker,
      seal: countingSeal,
      clock,
      log: silentLog,
      kiosk,
    })
    await runner.start()
    return runner
  }
  let runner = await open()
  await clock.advance(100)
  const end = async () => {
    await runner.stop()
    await broker.close()
    await operations.close()
  }
  t.teardown(() => clock.finish(end()))
  const publish = async (body: Uint8Array) => {
    const before = opened
    await operations.publish({ topic: desiredTopic, body, qos: 1, retain: true })
    const isJudged = body.length > 0 && body.length < 100_000 && broker.connection !== undefined
    if (isJudged) await until(() => opened > before)
    await clock.advance(0)
  }
  return {
    centre,
    nowhere,
    broker,
    kiosk,
    reports,
    last: () => reports.at(-1),
    publish,
    opened: () => opened,
    push: async (version: number, settings: PartialSettings) =>
      publish((await ops.sealConfig(KIOSK, { version, settings })).body),
    /** The process ends, and another one begins. */
    restart: async () => {
      await runner.stop()
      runner = await open()
      await clock.advance(0)
    },
  }
}

const qualityMin = (value: number) => ({ capture: { qualityMin: value } })

t.test('a configuration comes, is on trial, and is kept', async t => {
  const { push, kiosk, last } = await newWorld(t)
  t.match(last(), { version: 0, state: 'applied', running: 0, confirmed: true, errors: [] })
  await push(1, qualityMin(40))
  t.match(kiosk.used, [
    { effect: 'at-once', settings: { capture: { qualityMin: 40 }, kiosk: { site: base.kiosk.site } } },
  ])
  t.match(last(), { version: 1, state: 'applied', running: 1, confirmed: false })
  t.match(last()?.settings, { capture: { qualityMin: 40 }, kiosk: { site: base.kiosk.site } })
  await clock.advance(GOOD_MS - 2_000)
  t.match(last(), { confirmed: false })
  await clock.advance(3_000)
  t.match(last(), { version: 1, state: 'applied', running: 1, confirmed: true, errors: [] })
  t.equal(kiosk.used.length, 1)
})

t.test('nothing changes while somebody is at the kiosk', async t => {
  const { push, kiosk, last } = await newWorld(t)
  kiosk.isIdle = false
  await push(1, qualityMin(40))
  await clock.advance(3_600_000)
  t.same(kiosk.used, [])
  t.match(last(), { version: 0, running: 0 }, 'and nothing else is said')
  kiosk.leave()
  await clock.advance(0)
  t.equal(kiosk.used.length, 1)
  t.match(last(), { version: 1, confirmed: false })
  kiosk.isIdle = false
  kiosk.illnesses.add('part printer')
  await clock.advance(3_600_000)
  t.equal(kiosk.used.length, 1, 'nor is it taken back')
  kiosk.leave()
  await clock.advance(1_000)
  t.match(last(), { version: 1, state: 'rolled-back', running: 0 })
})

t.test('the kiosk is not well with it: taken back, with the reason, and not tried again', async t => {
  const { push, opened, kiosk, last, centre, reports } = await newWorld(t)
  kiosk.illnesses.add('part lamp')
  await push(1, qualityMin(40))
  kiosk.illnesses.add('store full')
  await clock.advance(LIMIT_MS + 2_000)
  t.match(last(), {
    version: 1,
    state: 'rolled-back',
    running: 0,
    confirmed: true,
    errors: [{ code: 'config/unwell', where: 'store full' }],
  })
  t.equal(last()?.errors.length, 1, 'the lamp was broken before')
  t.match(kiosk.used.at(-1)?.settings, base)
  const { length } = reports
  const before = opened()
  centre.cut(KIOSK)
  await clock.advance(60_000)
  await until(() => opened() > before)
  await clock.advance(60_000)
  t.ok(reports.length > length, 'it came back, and said it again')
  t.equal(kiosk.used.length, 2, 'the broker has sent it again, and it was not tried again')
  await push(2, qualityMin(40))
  t.equal(kiosk.used.length, 3, 'a new version with old content is')
})

t.test('cut off from its broker: it goes back by itself, and says why when it is back', async t => {
  const { push, kiosk, last, centre, nowhere, broker, reports } = await newWorld(t)
  kiosk.use = async (settings, effect) => {
    kiosk.used.push({ settings, effect })
    const target = settings.broker.url === base.broker.url ? centre : nowhere
    void broker.exchange(() => target.connect(KIOSK))
  }
  await push(1, { broker: { url: 'mqtts://nowhere.example:8883' } })
  t.equal(kiosk.used[0].effect, 'part')
  const { length } = reports
  await clock.advance(LIMIT_MS - 5_000)
  t.equal(reports.length, length, 'nothing is heard of it')
  await clock.advance(20_000)
  t.match(last(), {
    version: 1,
    state: 'rolled-back',
    running: 0,
    errors: [{ code: 'config/cut-off', where: 'broker.url' }],
  })
})

t.test('one that came before the connection was said to be there may not cut it either', async t => {
  const { push, kiosk, last } = await newWorld(t)
  kiosk.illnesses.add(NO_BROKER)
  await push(1, { broker: { keepAliveSeconds: 30 } })
  await clock.advance(LIMIT_MS + 2_000)
  t.match(last(), { version: 1, state: 'rolled-back', errors: [{ code: 'config/cut-off' }] })
})

t.test('what the schema does not know is rejected, everything by its name', async t => {
  const { push, kiosk, last } = await newWorld(t)
  await push(1, { capture: { ofAnOlderSchema: 1 }, relay: { windowMax: 0 } })
  t.match(last(), { version: 1, state: 'rejected', running: 0, confirmed: true })
  t.same(
    last()?.errors.map(({ where }) => where),
    ['capture', 'relay.windowMax'],
  )
  t.same(kiosk.used, [])
})

t.test('what is not signed for this kiosk, or is old, changes nothing and is counted', async t => {
  const { push, publish, kiosk, last } = await newWorld(t)
  await push(5, qualityMin(40))
  await push(4, qualityMin(30))
  t.match(last()?.refused, { count: 1, code: 'config/stale' })
  await publish((await ops.sealConfig('kiosk-0002', { version: 9, settings: {} })).body)
  t.match(last()?.refused, { count: 2, code: 'seal/untrusted' })
  await publish(Buffer.from('{"version":9,"settings":{}}'))
  t.match(last()?.refused, { count: 3, code: 'seal/malformed' })
  await publish(Buffer.alloc(200_000, 0x41))
  t.match(last()?.refused, { count: 4, code: 'seal/too-large' })
  await publish((await ops.sealConfig(KIOSK, { version: 0, settings: {} })).body)
  t.match(last()?.refused, { count: 5, code: 'seal/malformed' })
  await publish(new Uint8Array(0))
  t.match(last(), { refused: { count: 5 }, version: 5, state: 'applied', running: 5 })
  t.equal(kiosk.used.length, 1)
})

t.test('what came while the kiosk was off is there when it comes back', async t => {
  const { push, opened, kiosk, last, broker, centre, nowhere } = await newWorld(t)
  await clock.finish(broker.exchange(() => nowhere.connect(KIOSK)))
  await push(1, qualityMin(40))
  t.same(kiosk.used, [])
  await clock.finish(broker.exchange(() => centre.connect(KIOSK)))
  await clock.advance(1_000)
  await until(() => opened() > 0)
  await clock.advance(0)
  t.equal(kiosk.used.length, 1)
  t.match(last(), { version: 1, running: 1 })
})

t.test('a restart: the trial goes on, and ends where it comes to no end', async t => {
  const { push, kiosk, last, restart } = await newWorld(t)
  await push(1, { store: { entriesMax: 7 } })
  t.equal(kiosk.used[0].effect, 'runtime')
  await restart()
  t.match(last(), { version: 1, running: 1, confirmed: false, settings: { store: { entriesMax: 7 } } })
  await clock.advance(GOOD_MS + 2_000)
  t.match(last(), { version: 1, running: 1, confirmed: true })
  await push(2, { store: { entriesMax: 8 } })
  for (let starts = 0; starts < 3; starts++) {
    await restart()
    t.match(last(), { version: 2, running: 2, confirmed: false })
  }
  await restart()
  t.match(last(), { version: 2, state: 'rolled-back', running: 1, errors: [{ code: 'config/not-starting' }] })
})

t.test('the disk refuses for a while: nothing changes until it is written down', async t => {
  const disk = new CutDisk()
  const { push, opened, kiosk, last, centre } = await newWorld(t, disk)
  kiosk.isIdle = false
  await push(1, qualityMin(40))
  disk.cutAt = 0
  kiosk.leave()
  await clock.advance(5_000)
  t.same(kiosk.used, [])
  t.match(last(), { version: 0 })
  disk.cutAt = Number.POSITIVE_INFINITY
  await clock.advance(2_000)
  t.equal(kiosk.used.length, 1)
  t.match(last(), { version: 1 })

  disk.cutAt = 0
  await push(2, qualityMin(50))
  t.equal(kiosk.used.length, 1)
  disk.cutAt = Number.POSITIVE_INFINITY
  const before = opened()
  centre.cut(KIOSK)
  await clock.advance(20_000)
  await until(() => opened() > before)
  await clock.advance(0)
  t.equal(kiosk.used.at(-1)?.settings.capture.qualityMin, 50, 'the broker sent again what was not taken')
})
