/**
 * Goal: the line and the broker of a small office: a broker that drops what waits too long, a line of seconds. What a
 * citizen was told is done reaches the ABIS once, and nothing is sent again and again meanwhile.
 * Method: real seals, stores and broker clients; Mosquitto; a proxy that delays and stalls. TCP turns lost packets
 * into stalls, so that is what loss looks like from here.
 */
import t from 'tap'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { defaultSettings } from '../../src/settings/settings.ts'
import { connected, until } from '../contract/broker.ts'
import { startPlainMosquitto } from '../mqtt/plain-mosquitto.ts'
import { startProxy } from '../mqtt/tcp-proxy.ts'
import { openWorld } from './world.ts'

const QUEUE_MAX = 1_000
const LATENCY_MS = 5_000
t.setTimeout(580_000)

t.test(`a broker that keeps ${QUEUE_MAX} messages for an ABIS that is away`, async t => {
  const mosquitto = await startPlainMosquitto(t, [`max_queued_messages ${QUEUE_MAX}`])
  const world = await openWorld(t, { url: mosquitto.url, relay: { windowMax: 64 } })
  const listener = world.open('listener')
  t.teardown(() => listener.close())
  let published = 0
  await connected(listener)
  await listener.subscribe(kioskTopic(world.kioskSeal.kiosk, 'submission'), async () => {
    published++
  })
  // The broker knows the ABIS, and keeps for it what comes.
  const before = await world.startCentre()
  await connected(before.broker)
  await world.enrol({ person: 1 })
  await until(() => world.store.outbox.count === 0)
  await before.stop()
  const waiting = QUEUE_MAX + 500
  for (let person = 2; person <= waiting + 1; person++) await world.enrol({ person })
  await until(() => !world.relay.state().answered)
  t.equal(world.store.outbox.count, waiting)
  t.ok(published < QUEUE_MAX / 2, `${published} published while nobody answers`)

  const after = await world.startCentre()
  await until(() => world.store.outbox.count === 0)
  t.match(after.abis.counts, {
    received: waiting + 1,
    alarms: 0,
    byKiosk: { [world.kioskSeal.kiosk]: { missing: 0 } },
  })
  t.same(await world.store.outbox.setAsideList(), [])
  t.ok(published < waiting * 1.2, `${published} published for ${waiting + 1}`)
})

t.test(`a line of ${LATENCY_MS} ms each way, which stalls`, async t => {
  const mosquitto = await startPlainMosquitto(t)
  const proxy = await startProxy(t, () => mosquitto.port)
  proxy.slow({ latencyMs: LATENCY_MS, stallEvery: 5, stallMs: 1_500 })
  // The ABIS has a good line; what operations set by default is what must do.
  const world = await openWorld(t, { url: proxy.url, relay: defaultSettings.relay, centreUrl: mosquitto.url })
  const { abis } = await world.startCentre()
  const count = 40
  for (let person = 1; person <= count; person++) await world.enrol({ person })
  const listener = world.open('listener', mosquitto.url)
  t.teardown(() => listener.close())
  await connected(listener)
  let published = 0
  await listener.subscribe(kioskTopic(world.kioskSeal.kiosk, 'submission'), async () => {
    published++
  })
  await until(() => world.store.outbox.count === 0)
  t.match(abis.counts, { received: count, alarms: 0 })
  t.ok(published <= count + 5, `${published} published for ${count}`)
  t.ok(proxy.connections <= 3, `${proxy.connections} connections`)
})
