/**
 * Goal: the relay's promises where broker and ABIS misbehave.
 * Method: the real store, a broker in memory, seals without cryptography (which takes its own time), time
 * moved by hand.
 */
import t from 'tap'
import { KioskError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Message } from '../../src/mqtt/broker.ts'
import { anyKioskFilter, kioskTopic } from '../../src/mqtt/topics.ts'
import { Telling, type TellingParts } from '../../src/relay/telling.ts'
import { isOldestFirst, monthAway } from './month-away.ts'
import { relayWorld, settings } from './relay-world.ts'

t.test('while nobody listens one probe at a time goes out; then everything, oldest first', async t => {
  const { people, pass, seen, published, store, listen, relay } = await relayWorld(t)
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
    const world = await relayWorld(t, { receiveMaximum })
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
  const world = await relayWorld(t)
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

t.test('a disk that refuses to set one aside is asked again', async t => {
  const world = await relayWorld(t)
  const [bad] = await world.people(1)
  const { outbox } = world.store
  const setAside = outbox.setAside.bind(outbox)
  let refusals = 1
  outbox.setAside = async (id, reason) => {
    if (refusals-- > 0) throw new KioskError('kv/io')
    await setAside(id, reason)
  }
  world.answerOnly(id => id !== bad)
  await world.listen()
  for (let round = 0; round < 12; round++) {
    await world.people(1)
    await world.pass(10_000)
  }
  t.ok(refusals < 0)
  t.same(
    (await outbox.setAsideList()).map(({ id }) => id),
    [bad],
  )
})

t.test('events that get no receipt have their turns, and are in nobody’s way', async t => {
  const world = await relayWorld(t)
  await world.listen()
  const ids = await world.people(40)
  await world.pass(60_000)
  t.equal(world.store.outbox.count, 0)
  const known = new Set(ids.slice(-3))
  const told: string[] = []
  await world.centre.subscribe(anyKioskFilter('record'), async ({ properties }) => {
    const id = properties?.id as string
    told.push(id)
    if (!known.has(id)) return
    const receivedAt = new Date(world.clock.nowMs()).toISOString()
    const receipt = { id, sha256: properties?.sha256 as string, receivedAt, highestContiguous: 0 }
    const { body } = await world.abisSeal.sealReceipt(world.kioskSeal.kiosk, receipt)
    await world.centre.publish({ topic: kioskTopic(world.kioskSeal.kiosk, 'receipt'), body, qos: 1 })
  })
  for (const id of ids) await world.store.withdraw(id, 'operator', world.kioskSeal.sealRecordEvent)
  await world.pass(10 * settings.receiptTimeoutMs)
  t.equal(world.store.events.count, 37)
  const times = ids.slice(0, 37).map(id => told.filter(one => one === id).length)
  t.ok(
    times.every(count => count >= 2 && count <= 6),
    `each told ${times} times`,
  )
})

t.test('an event that gets no receipt is in nobody’s way while the ABIS is silent', async t => {
  const world = await relayWorld(t)
  const events = [1, 2, 3].map(number => ({ number, id: `${number}`, sha256: '', body: new Uint8Array() }))
  const told: string[] = []
  const telling = new Telling({
    store: {
      events: { count: 3, peek: async (limit: number, after = 0) => events.slice(after, after + limit) },
    },
    broker: { publish: async ({ properties }: Message) => void told.push(properties?.id as string) },
    seal: world.kioskSeal,
    clock: world.clock,
    log: silentLog,
    settings,
  } as unknown as TellingParts)
  const { receiptTimeoutMs } = settings
  for (let turn = 0; turn < 5; turn++) await telling.tell(turn * receiptTimeoutMs, { isSilent: true })
  t.same(told, ['1', '2', '3', '1', '2'])
})

t.test(
  'too large for the broker: said once, nothing sent, the others go on, the next broker takes it',
  async t => {
    const world = await relayWorld(t, { packetBytesMax: 512 })
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
  const world = await relayWorld(t, { faults: { refuses } })
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
  const world = await relayWorld(t, {
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
  const world = await relayWorld(t)
  await world.listen()
  const questions: string[] = []
  await world.centre.subscribe(anyKioskFilter('query'), async ({ body }) => {
    const query = await world.abisSeal.openQuery(world.kioskSeal.kiosk, body)
    if ('id' in query) questions.push(query.id)
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
  const world = await relayWorld(t)
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
    const world = await relayWorld(t)
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
  const COUNT = 600
  const month = await monthAway(t, COUNT)
  t.match(month, { waiting: COUNT, level: 'full', refusal: 'store/full', left: 0 })
  const { probes } = month
  t.ok(probes > 0 && probes <= 30 * 24 + 1, `${probes} probes in 30 days, one an hour`)
  t.equal(new Set(month.seen).size, COUNT)
  t.ok(isOldestFirst(month.seen))
  t.ok(month.refused > 0, 'receipts for nobody were counted')
})
