/**
 * Goal: whatever a broker forgets, doubles, puts out of order or is too small for: what a citizen was told is done
 * reaches the ABIS once, and nothing is sent again and again meanwhile.
 * Method: real seals, stores and broker clients; Mosquitto where it can be made to do it, a broker in memory for what it
 * never does.
 */
import t from 'tap'
import { systemClock } from '../../src/base/clock.ts'
import { Random } from '../../src/finger/synthetic/random.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { isVerdict } from '../../src/record/status.ts'
import { connected, until } from '../contract/broker.ts'
import { startPlainMosquitto } from '../mqtt/plain-mosquitto.ts'
import { startProxy } from '../mqtt/tcp-proxy.ts'
import { openWorld, quickRelay, reaches } from './world.ts'

t.setTimeout(300_000)

t.test('a broker that acknowledged and dies before it has saved', async t => {
  // Mosquitto saves when it ends, and else every half hour.
  const mosquitto = await startPlainMosquitto(t)
  const world = await openWorld(t, { url: mosquitto.url })
  const first = await world.startCentre()
  await connected(first.broker)
  const before = await world.enrol({ person: 1 })
  await reaches(world.store, before.id, 'ADJUDICATE_RECORD')
  // Its session stays: for it the broker keeps what comes, and acknowledges.
  await first.stop()
  const acknowledged: string[] = []
  const publish = world.kioskBroker.publish.bind(world.kioskBroker)
  world.kioskBroker.publish = async (message, signal) => {
    const result = await publish(message, signal)
    if (message.topic.endsWith('/submission')) acknowledged.push(message.properties?.id ?? '')
    return result
  }
  const told = []
  for (let person = 2; person <= 13; person++) told.push(await world.enrol({ person }))
  await until(() => acknowledged.length > 0)
  await mosquitto.kill()
  await until(() => !world.relay.state().online)
  t.equal(world.store.outbox.count, told.length, 'an acknowledgement settles nothing')

  await mosquitto.start()
  const { abis } = await world.startCentre()
  await until(() => world.store.outbox.count === 0)
  for (const { id } of told) await reaches(world.store, id, 'ADJUDICATE_RECORD')
  t.match(abis.counts, { received: 13, adjudicate: 13, alarms: 0, refused: 0 })
})

t.test('every message twice, and in any order', async t => {
  const random = new Random(1)
  const world = await openWorld(t, {
    memory: { latencyMs: () => random.below(60), doubles: () => true },
    relay: { windowMax: 16 },
  })
  const { abis } = await world.startCentre()
  const arrived: number[] = []
  const listener = world.open('listener')
  t.teardown(() => listener.close())
  const people = 40
  const sequenceOf = new Map<string, number>()
  await listener.subscribe(kioskTopic(world.kioskSeal.kiosk, 'submission'), async ({ properties }) => {
    arrived.push(sequenceOf.get(properties?.id ?? '') ?? 0)
  })
  for (let person = 1; person <= people; person++) {
    const { id, sequence } = await world.enrol({ person })
    sequenceOf.set(id, sequence)
  }
  await until(() => world.store.outbox.count === 0)
  for (const id of sequenceOf.keys()) await reaches(world.store, id, 'ADJUDICATE_RECORD')
  await abis.settled()
  t.match(abis.counts, {
    received: people,
    adjudicate: people,
    alarms: 0,
    byKiosk: { [world.kioskSeal.kiosk]: { missing: 0 } },
  })
  const isOutOfOrder = arrived.some((sequence, index) => index > 0 && sequence < arrived[index - 1])
  t.ok(isOutOfOrder, 'they did arrive out of order')
  t.ok(arrived.length >= 2 * people, `${arrived.length} arrived for ${people}`)
  for (const id of sequenceOf.keys()) {
    const record = await world.store.record(id)
    const steps = record?.history.map(({ status }) => status) ?? []
    t.equal(new Set(steps).size, steps.length, 'no status twice')
    t.ok(isVerdict(steps.at(-1) ?? 'BIO_CAPTURED'), 'the verdict last')
  }
})

t.test('a broker for one message at a time', async t => {
  const mosquitto = await startPlainMosquitto(t, ['max_inflight_messages 1'])
  const world = await openWorld(t, { url: mosquitto.url })
  const { abis } = await world.startCentre()
  for (let person = 1; person <= 40; person++) await world.enrol({ person })
  await until(() => world.store.outbox.count === 0)
  t.equal(world.kioskBroker.connection?.receiveMaximum, 1)
  t.match(abis.counts, { received: 40, alarms: 0, refused: 0 })
})

t.test('a broker for packets of 1 KiB is a fault, said once; the next broker gets everything', async t => {
  const PACKET_BYTES_MAX = 1024
  const small = await startPlainMosquitto(t, [`max_packet_size ${PACKET_BYTES_MAX}`])
  const large = await startPlainMosquitto(t)
  let broker = small
  const proxy = await startProxy(t, () => broker.port)
  const lines: string[] = []
  const note = (event: string) => void lines.push(event)
  const log = { info: note, warn: note, error: note }
  const world = await openWorld(t, { url: proxy.url, centreUrl: large.url, log })
  const { abis } = await world.startCentre()
  const told = []
  for (let person = 1; person <= 10; person++) told.push(await world.enrol({ person }))
  await until(() => world.relay.state().fault === 'broker/too-large')
  const { connections } = proxy
  const quiet = world.open('quiet', small.url)
  t.teardown(() => quiet.close())
  await connected(quiet)
  let heard = 0
  await quiet.subscribe(kioskTopic(world.kioskSeal.kiosk, 'submission'), async () => {
    heard++
  })
  await systemClock.sleep(10 * quickRelay.probeIntervalMs)
  t.equal(heard, 0)
  t.equal(proxy.connections, connections, 'the connection is kept')
  t.equal(lines.filter(line => line === 'relay-fault').length, 1, 'said once')
  t.equal(world.store.outbox.count, told.length)
  t.same(await world.store.outbox.setAsideList(), [], 'nothing is set aside for it')
  broker = large
  proxy.cut()
  await until(() => world.store.outbox.count === 0)
  t.match(abis.counts, { received: told.length, alarms: 0, refused: 0 })
  t.equal(world.relay.state().fault, undefined)
})

t.test('a disk that was set back whole: the ABIS sees a number twice', async t => {
  const mosquitto = await startPlainMosquitto(t)
  const world = await openWorld(t, { url: mosquitto.url })
  const { abis } = await world.startCentre()
  const first = await world.enrol({ person: 1 })
  await reaches(world.store, first.id, 'ADJUDICATE_RECORD')
  const before = world.backUpKiosk()
  const forgotten = await world.enrol({ person: 2 })
  await reaches(world.store, forgotten.id, 'ADJUDICATE_RECORD')
  t.equal(abis.counts.alarms, 0)
  await world.restoreKiosk(before)
  t.same(world.store.auditFindings, [], 'the kiosk itself cannot know')
  const next = await world.enrol({ person: 3 })
  t.equal(next.sequence, forgotten.sequence)
  await reaches(world.store, next.id, 'ADJUDICATE_RECORD')
  t.match(abis.counts, { received: 3, alarms: 1 }, 'both records are kept, and somebody is told')
})
