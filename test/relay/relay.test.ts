/**
 * Goal: the relay's promises where broker and ABIS misbehave.
 * Method: the real store, a broker in memory, seals without cryptography (which takes its own time), time
 * moved by hand.
 */
import t, { type Test } from 'tap'
import type { Log } from '../../src/base/log.ts'
import { openMemoryKv } from '../../src/kv/memory.ts'
import type { Message } from '../../src/mqtt/broker.ts'
import { MemoryBroker, type MemoryBrokerOptions } from '../../src/mqtt/memory-broker.ts'
import { anyKioskFilter, kioskTopic } from '../../src/mqtt/topics.ts'
import { Relay, type RelaySettings } from '../../src/relay/relay.ts'
import { memoryHighWaterMark } from '../../src/store/high-water-mark.ts'
import { openStore } from '../../src/store/store.ts'
import { dataKey, indexKey, limits } from '../store/fixture.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { plainSeals } from '../support/plain-seal.ts'
import { enrol, presence } from './world.ts'

const settings: RelaySettings = {
  windowMax: 4,
  receiptTimeoutMs: 10_000,
  probeIntervalMs: 5_000,
  publishesMax: 3,
  outcomeAfterMs: 60_000,
}

async function setUp(
  t: Test,
  {
    entriesMax = limits.entriesMax,
    probeIntervalMs = settings.probeIntervalMs,
    ...options
  }: Partial<MemoryBrokerOptions> & { entriesMax?: number; probeIntervalMs?: number } = {},
) {
  const clock = new ManualClock()
  const { kioskSeal, abisSeal } = plainSeals('kiosk-1', 'abis')
  const lines: string[] = []
  const note = (event: string) => void lines.push(event)
  const log: Log = { info: note, warn: note, error: note }
  const store = await openStore({
    kv: openMemoryKv(),
    clock,
    dataKey,
    indexKey,
    highWaterMark: memoryHighWaterMark(),
    limits: { ...limits, entriesMax },
    freeBytes: async () => 1e12,
    log,
    random: size => new Uint8Array(size),
  })
  const memory = new MemoryBroker({ clock, random: () => 0.5, ...options })
  /** Submissions that the broker was given. */
  const published: string[] = []
  const route = memory.route.bind(memory)
  memory.route = message => {
    if (message.topic.endsWith('/submission') && message.properties?.id) published.push(message.properties.id)
    return route(message)
  }
  const relayBroker = memory.connect(kioskSeal.kiosk)
  const relay = new Relay({
    broker: relayBroker,
    store,
    seal: kioskSeal,
    clock,
    log,
    settings: { ...settings, probeIntervalMs },
    presence,
  })
  await relay.start()
  /** Submissions as the centre sees them. */
  const seen: string[] = []
  const centre = memory.connect(abisSeal.abis)
  let answers = (_id: string) => true
  const style = { times: 1, alsoFor: [] as string[] }
  const answer = async (message: Message) => {
    const id = message.properties?.id as string
    seen.push(id)
    if (!answers(id)) return
    const receipt = {
      id,
      sha256: message.properties?.sha256 as string,
      receivedAt: new Date(clock.nowMs()).toISOString(),
      highestContiguous: 0,
    }
    for (const id of [...Array<string>(style.times).fill(receipt.id), ...style.alsoFor]) {
      const { body } = await abisSeal.sealReceipt(kioskSeal.kiosk, { ...receipt, id })
      await centre.publish({ topic: kioskTopic(kioskSeal.kiosk, 'receipt'), body, qos: 1 })
    }
  }
  t.teardown(async () => {
    await clock.finish(relay.stop())
    await clock.finish(Promise.all([relayBroker.close(), centre.close()]))
    await store.close()
  })
  const people = async (count: number) => {
    const ids: string[] = []
    for (let n = 0; n < count; n++) ids.push((await enrol(store, kioskSeal, { person: nextPerson++ })).id)
    return ids
  }
  return {
    clock,
    store,
    relay,
    memory,
    centre,
    seen,
    lines,
    kioskSeal,
    abisSeal,
    people,
    published,
    listen: ({ times = 1, alsoFor }: { times?: number; alsoFor?: string } = {}) => {
      Object.assign(style, { times, alsoFor: alsoFor === undefined ? [] : [alsoFor] })
      return centre.subscribe(anyKioskFilter('submission'), answer)
    },
    answerOnly: (choose: (id: string) => boolean) => (answers = choose),
    pass: (durationMs: number) => clock.advance(durationMs),
  }
}
let nextPerson = 1

t.test('while nobody listens one probe at a time goes out; then everything, oldest first', async t => {
  const { people, pass, seen, published, store, listen, relay } = await setUp(t)
  const ids = await people(10)
  await pass(60_000)
  t.ok(published.length >= 10 && published.length <= 13, `${published.length} probes in 60 s, one each 5 s`)
  t.equal(relay.state().answered, false)
  await listen()
  await pass(20_000)
  t.equal(store.outbox.count, 0)
  t.same(new Set(seen), new Set(ids))
  t.match(relay.state(), { answered: true, waiting: 0, oldestMs: undefined })
})

t.test('the window is never larger than its setting, nor than Receive Maximum', async t => {
  for (const receiveMaximum of [1, 100]) {
    const world = await setUp(t, { receiveMaximum })
    world.answerOnly(() => false)
    await world.listen()
    const [first] = await world.people(12)
    await world.pass(1_000)
    t.same(world.seen, [first], 'one probe')
    let answers = 1
    world.answerOnly(() => answers-- > 0)
    await world.pass(6_000)
    t.equal(new Set(world.seen).size - 1, Math.min(receiveMaximum, settings.windowMax))
  }
})

t.test('one that the ABIS never answers is set aside, and is in nobody’s way', async t => {
  const world = await setUp(t)
  const [bad, ...good] = await world.people(9)
  world.answerOnly(id => id !== bad)
  await world.listen()
  for (let round = 0; round < 10; round++) {
    good.push(...(await world.people(1)))
    await world.pass(10_000)
  }
  t.same(
    (await world.store.outbox.setAsideList()).map(({ id }) => id),
    [bad],
  )
  t.equal(world.store.outbox.count, 0)
  t.ok(good.every(id => world.seen.includes(id)))
  const times = world.seen.filter(id => id === bad).length
  t.ok(times >= 2 && times <= settings.publishesMax + 2, `tried ${times} times`)
})

t.test(
  'too large for the broker: said once, nothing sent, the others go on, the next broker takes it',
  async t => {
    const world = await setUp(t, { packetBytesMax: 512 })
    await world.listen()
    await world.people(5)
    await world.pass(60_000)
    t.equal(world.relay.state().fault, 'broker/too-large')
    t.equal(world.lines.filter(line => line === 'relay-fault').length, 1)
    t.same(world.seen, [])
    t.equal(world.store.outbox.count, 5)
    t.same(await world.store.outbox.setAsideList(), [])
    Object.assign(world.memory.options, { packetBytesMax: 1_000_000 })
    world.memory.cut()
    await world.pass(10_000)
    t.equal(world.store.outbox.count, 0)
    t.equal(world.relay.state().fault, undefined)
  },
)

t.test('a broker that refuses everything sets nothing aside', async t => {
  let refusing = true
  const refuses = ({ topic }: Message) => refusing && topic.endsWith('/submission')
  const world = await setUp(t, { faults: { refuses } })
  await world.listen()
  await world.people(6)
  await world.pass(300_000)
  t.same(await world.store.outbox.setAsideList(), [])
  t.equal(world.relay.state().fault, 'broker/refused')
  refusing = false
  await world.pass(30_000)
  t.equal(world.store.outbox.count, 0)
  t.equal(world.relay.state().fault, undefined)
})

t.test('a broker that acknowledges and forgets: published again until the receipt is here', async t => {
  let forgetting = true
  const world = await setUp(t, {
    faults: { forgets: ({ topic }) => forgetting && topic.endsWith('/submission') },
  })
  await world.listen()
  await world.people(6)
  await world.pass(30_000)
  t.same(world.seen, [])
  t.equal(world.store.outbox.count, 6)
  forgetting = false
  await world.pass(30_000)
  t.equal(world.store.outbox.count, 0)
})

t.test('an outcome that was lost is asked for', async t => {
  const world = await setUp(t)
  await world.listen()
  const questions: string[] = []
  await world.centre.subscribe(anyKioskFilter('query'), async ({ body }) => {
    questions.push((await world.abisSeal.openQuery(world.kioskSeal.kiosk, body)).id)
  })
  const [id] = await world.people(1)
  await world.pass(5_000)
  t.equal((await world.store.record(id))?.status, 'RECEIVED_AT_CENTRAL')
  t.same(questions, [])
  await world.pass(80_000)
  t.ok(questions.length >= 1 && questions.length <= 2)
  t.ok(questions.every(asked => asked === id))
})

t.test('birth, goodbye and what is older than the connection', async t => {
  const world = await setUp(t)
  const states: string[] = []
  const replays: (string | undefined)[] = []
  await world.centre.subscribe(anyKioskFilter('state'), async ({ body }) => {
    states.push(JSON.parse(Buffer.from(body).toString()).state)
  })
  await world.centre.subscribe(anyKioskFilter('submission'), async ({ properties }) => {
    replays.push(properties?.replay)
  })
  await world.pass(1_000)
  await world.people(1)
  await world.pass(1_000)
  world.memory.cut()
  await world.pass(8_000)
  t.same(changes(replays), ['false', 'true'])
  await world.clock.finish(world.relay.stop())
  await world.pass(1_000)
  t.same(changes(states), ['online', 'offline'])
})

/** Without what only repeats the one before: copies are allowed. */
function changes<T>(values: readonly T[]): readonly T[] {
  return values.filter((value, index) => value !== values[index - 1])
}

t.test(
  'the wall clock jumps ten years either way and starts in 1970: everything goes, in its order',
  async t => {
    const world = await setUp(t)
    await world.listen()
    const ids: string[] = []
    const YEARS_MS = 10 * 365 * 24 * 3_600_000
    for (const wallMs of [0, YEARS_MS, Date.UTC(2026, 0, 1) + YEARS_MS, Date.UTC(2026, 0, 1) - YEARS_MS]) {
      world.clock.setWall(wallMs)
      ids.push(...(await world.people(3)))
      await world.pass(20_000)
      t.equal(world.store.outbox.count, 0, `all of ${ids.length} taken within 20 s`)
    }
    t.same([...new Set(world.seen)], ids, 'in the order in which they were enrolled')
    t.equal(world.relay.state().refused, 0)
  },
)

t.test('the ABIS is away for 30 days with 600 waiting, then answers late, twice and for nobody', async t => {
  const DAY_MS = 24 * 3_600_000
  const COUNT = 600
  const world = await setUp(t, { entriesMax: COUNT, probeIntervalMs: 3_600_000 })
  const ids: string[] = []
  for (let day = 0; day < 30; day++) {
    ids.push(...(await world.people(Math.ceil(COUNT / 30))).slice(0, COUNT - ids.length))
    await world.pass(DAY_MS)
  }
  await world.people(COUNT - world.store.outbox.count)
  t.equal(world.store.outbox.count, COUNT)
  t.equal((await world.store.capacity()).level, 'full')
  await t.rejects(world.people(1), { code: 'store/full' })
  const published = world.published.length
  t.ok(published > 0 && published <= 30 * 24 + 1, `${published} probes in 30 days, one an hour`)
  await world.listen({ times: 2, alsoFor: '01a210c0-c6ea-75a5-a583-25b326f08cd0' })
  for (let round = 0; round < 200 && world.store.outbox.count > 0; round++) await world.pass(60_000)
  t.equal(world.store.outbox.count, 0)
  // The probe that opens the window is the one whose turn it was; behind it the oldest go first.
  const rest = world.seen.filter(id => id !== world.seen[0])
  const first = [...new Set(rest)]
  t.same(first, [...first].sort(), 'oldest first')
  t.ok(world.relay.state().refused > 0, 'receipts for nobody were counted')
})
