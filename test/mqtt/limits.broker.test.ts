/**
 * Goal: what mqtt.js leaves to its user is kept: limits, acknowledgements that never come, lines that
 * look alive, two clients of one name.
 */
import t, { type Test } from 'tap'
import { type EmbeddedBrokerOptions, startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import type { Broker, Message } from '../../src/mqtt/broker.ts'
import { type ConnectOptions, connectBroker } from '../../src/mqtt/connect.ts'
import { publishBytes } from '../../src/mqtt/packet-size.ts'
import { connected, until } from '../contract/broker.ts'
import { startPlainMosquitto } from './plain-mosquitto.ts'
import { startRawBroker } from './raw-broker.ts'
import { startProxy } from './tcp-proxy.ts'

const message: Message = { topic: 'a/b', body: Buffer.from('body'), qos: 1 }

async function aedes(t: Test, options: EmbeddedBrokerOptions = {}) {
  const broker = await startEmbeddedBroker(options)
  t.teardown(() => broker.stop())
  return broker
}

function open(t: Test, url: string, options: Partial<ConnectOptions> = {}): Broker {
  const broker = connectBroker({
    url,
    clientId: 'client',
    backoff: { backoffMsMin: 20, backoffMsMax: 100 },
    clock: systemClock,
    random: () => 0.999,
    log: silentLog,
    ...options,
  })
  t.teardown(() => broker.close())
  return broker
}

/** Remembers the lines of the log that tell why there is no connection. */
function reasons(): { log: Log; seen: string[] } {
  const seen: string[] = []
  const note = (_event: string, fields = {}) => {
    if ('reason' in fields) seen.push(String(fields.reason))
  }
  return { log: { info() {}, warn: note, error: note }, seen }
}

t.test('never more unacknowledged than the broker’s Receive Maximum', async t => {
  const raw = await startRawBroker(t, { receiveMaximum: 5 })
  const broker = open(t, raw.url)
  t.equal((await connected(broker)).receiveMaximum, 5)
  const all = Promise.all(Array.from({ length: 40 }, () => broker.publish(message)))
  for (let passed = 0; passed < 40; passed++) {
    const expected = Math.min(5, 40 - passed)
    await until(() => raw.unacknowledged.length >= expected)
    // More would be on its way by now.
    await systemClock.sleep(2)
    t.equal(raw.unacknowledged.length, expected)
    raw.acknowledge()
  }
  await all
})

t.test('given up, a publish keeps its place until the broker has acknowledged it', async t => {
  const raw = await startRawBroker(t, { receiveMaximum: 1 })
  const broker = open(t, raw.url)
  await connected(broker)
  const stop = new AbortController()
  const first = broker.publish(message, stop.signal)
  const second = broker.publish(message)
  await until(() => raw.unacknowledged.length === 1)
  stop.abort(new Error('enough'))
  await t.rejects(first, { message: 'enough' })
  await systemClock.sleep(20)
  t.equal(raw.unacknowledged.length, 1)
  raw.acknowledge()
  await until(() => raw.unacknowledged.length === 1)
  raw.acknowledge()
  await second
})

t.test('one that was given up and is never acknowledged keeps nobody waiting for ever', async t => {
  const raw = await startRawBroker(t, { receiveMaximum: 1 })
  const { log, seen } = reasons()
  const broker = open(t, raw.url, { publishTimeoutMs: 200, log })
  await connected(broker)
  const stop = new AbortController()
  const first = broker.publish(message, stop.signal)
  const second = broker.publish(message)
  await until(() => raw.unacknowledged.length === 1)
  stop.abort(new Error('enough'))
  await t.rejects(first, { message: 'enough' })
  await t.rejects(second, { code: 'broker/offline' })
  await until(() => seen.length > 0)
  t.equal(seen[0], 'no-acknowledgement')
})

t.test('a broker that answers no subscription is left', async t => {
  const raw = await startRawBroker(t, { receiveMaximum: 1 })
  const { log, seen } = reasons()
  const broker = open(t, raw.url, { publishTimeoutMs: 200, log })
  await broker.subscribe('a/b', async () => {})
  await until(() => seen.length > 0)
  t.equal(seen[0], 'no-acknowledgement')
})

t.test('a packet that is larger than we said is not read to its end', async t => {
  const raw = await startRawBroker(t, { receiveMaximum: 1 })
  const { log, seen } = reasons()
  const broker = open(t, raw.url, { inboundBytesMax: 100_000, log })
  await connected(broker)
  raw.flood()
  await until(() => seen.length > 0)
  t.equal(seen[0], 'inbound-packet-too-large')
})

t.test('a broker that never ends a connection is let go of', async t => {
  const raw = await startRawBroker(t, { receiveMaximum: 1 })
  const broker = open(t, raw.url)
  await connected(broker)
  await broker.close()
  await raw.released()
})

t.test('a broker that hangs up because of a packet’s size means the largest', async t => {
  const raw = await startRawBroker(t, { receiveMaximum: 10 })
  const broker = open(t, raw.url)
  await connected(broker)
  const small = broker.publish(message)
  const large = broker.publish({ ...message, body: Buffer.alloc(5_000) })
  await until(() => raw.unacknowledged.length === 2)
  raw.disconnect(0x95)
  await t.rejects(large, { code: 'broker/too-large' })
  await t.rejects(small, { code: 'broker/offline' })
})

t.test('Mosquitto’s Receive Maximum of 1', async t => {
  const { url } = await startPlainMosquitto(t, ['max_inflight_messages 1'])
  const broker = open(t, url)
  t.equal((await connected(broker)).receiveMaximum, 1)
  await broker.subscribe('a/b', async () => {})
  const results = await Promise.all(Array.from({ length: 100 }, () => broker.publish(message)))
  t.equal(results.length, 100)
})

for (const packetBytesMax of [1024, 20_000]) {
  t.test(`a maximum packet size of ${packetBytesMax}, to the byte`, async t => {
    const brokers = {
      aedes: (await aedes(t, { packetBytesMax })).url,
      Mosquitto: (await startPlainMosquitto(t, [`max_packet_size ${packetBytesMax}`])).url,
    }
    for (const [name, url] of Object.entries(brokers)) {
      const broker = open(t, url)
      const connection = await connected(broker)
      t.equal(connection.packetBytesMax, packetBytesMax, name)
      const properties = { id: 'x', 'ein längerer Name': 'ü' }
      let bodyBytes = packetBytesMax
      while (publishBytes({ ...message, properties, body: Buffer.alloc(bodyBytes) }) > packetBytesMax)
        bodyBytes--
      const fits = { ...message, properties, body: Buffer.alloc(bodyBytes) }
      t.equal(publishBytes(fits), packetBytesMax)
      await broker.publish(fits)
      const tooLarge = { ...fits, body: Buffer.alloc(fits.body.length + 1) }
      await t.rejects(broker.publish(tooLarge), { code: 'broker/too-large' })
      t.equal(broker.connection, connection, 'the connection is not harmed')
    }
  })
}

t.test('a broker that acknowledges nothing is left, and tried again', async t => {
  const server = await aedes(t)
  server.aedes.authorizePublish = () => {}
  const { log, seen } = reasons()
  const broker = open(t, server.url, { publishTimeoutMs: 200, log })
  const first = await connected(broker)
  const publishes = [broker.publish(message), broker.publish(message)]
  await t.rejects(publishes[0], { code: 'broker/timeout' })
  await t.rejects(publishes[1], { code: /^broker\/(timeout|offline)$/ })
  await until(() => broker.connection !== undefined && broker.connection !== first)
  t.equal(seen[0], 'no-acknowledgement')
})

t.test('a half-open line is noticed', async t => {
  const server = await aedes(t)
  const proxy = await startProxy(t, () => server.port)
  const { log, seen } = reasons()
  const broker = open(t, proxy.url, { keepAliveSeconds: 1, log })
  const first = await connected(broker)
  proxy.freeze()
  await until(() => broker.connection !== undefined && broker.connection !== first)
  t.equal(seen[0], 'keepalive-timeout')
})

t.test('two clients of one name wait longer and longer', async t => {
  const server = await aedes(t)
  const { log, seen } = reasons()
  const waits: number[] = []
  const clock: Clock = {
    ...systemClock,
    sleep: (delayMs, signal) => {
      if (delayMs <= 100) waits.push(delayMs)
      return systemClock.sleep(delayMs, signal)
    },
  }
  open(t, server.url)
  open(t, server.url, { clock, log })
  await until(() => waits.length >= 4)
  t.same(waits.slice(0, 4).map(Math.round), [20, 40, 80, 100])
  t.equal(seen[0], 'client-id-taken-over')
})

t.test('failed handlers do not fill the window for good', async t => {
  const server = await aedes(t)
  const sender = open(t, server.url, { clientId: 'sender' })
  const { log, seen } = reasons()
  const receiver = open(t, server.url, { clientId: 'receiver', log })
  const failed = new Set<string>()
  const got = new Set<string>()
  await receiver.subscribe('a/b', async ({ body }) => {
    const text = Buffer.from(body).toString()
    if (failed.has(text)) return void got.add(text)
    failed.add(text)
    throw new Error('not now')
  })
  await Promise.all([connected(sender), connected(receiver)])
  for (let n = 0; n < 40; n++) await sender.publish({ ...message, body: Buffer.from(`${n}`) })
  await until(() => got.size >= 32)
  t.equal(seen[0], 'handlers-failed')
})

t.test('what has no handler yet waits for it', async t => {
  const server = await aedes(t)
  const sender = open(t, server.url, { clientId: 'sender' })
  const before = open(t, server.url, { clientId: 'receiver' })
  await before.subscribe('a/b', async () => {})
  await Promise.all([connected(sender), connected(before)])
  await before.close()
  for (const body of ['1', '2']) await sender.publish({ ...message, body: Buffer.from(body) })
  const after = open(t, server.url, { clientId: 'receiver' })
  await connected(after)
  await after.publish({ ...message, topic: 'round/trip' })
  const got: string[] = []
  await after.subscribe('a/b', async ({ body }) => {
    got.push(Buffer.from(body).toString())
  })
  await until(() => got.length === 2)
  t.same(got, ['1', '2'])
})

t.test('where shared subscriptions are not to be had, the plain one is taken', async t => {
  const brokers = { aedes: (await aedes(t)).url, Mosquitto: (await startPlainMosquitto(t)).url }
  for (const [name, url] of Object.entries(brokers)) {
    const broker = open(t, url)
    const got: string[] = []
    await broker.subscribe('$share/group/shared/+', async ({ topic }) => {
      got.push(topic)
    })
    await connected(broker)
    await broker.publish({ ...message, topic: 'shared/1' })
    await until(() => got.length > 0)
    t.same(got, ['shared/1'], name)
  }
})
