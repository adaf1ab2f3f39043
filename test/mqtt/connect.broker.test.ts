import t, { type Test } from 'tap'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Message } from '../../src/mqtt/broker.ts'
import { type ConnectOptions, connectBroker } from '../../src/mqtt/connect.ts'
import { brokerContract, connected } from '../contract/broker.ts'
import { startPlainMosquitto } from './plain-mosquitto.ts'
import { startProxy } from './tcp-proxy.ts'

const quick = {
  backoff: { backoffMsMin: 20, backoffMsMax: 200 },
  clock: systemClock,
  random: () => 0.9,
  log: silentLog,
}

function open(t: Test, options: Pick<ConnectOptions, 'url' | 'clientId'> & Partial<ConnectOptions>) {
  const broker = connectBroker({ ...quick, ...options })
  t.teardown(() => broker.close())
  return broker
}

async function throughProxy(t: Test, port: number) {
  const proxy = await startProxy(t, () => port)
  return {
    connect: (clientId: string, options: { will?: Message } = {}) =>
      connectBroker({ ...quick, ...options, url: proxy.url, clientId }),
    cut: () => proxy.cut(),
    refuse: (refuse: boolean) => proxy.refuse(refuse),
  }
}

brokerContract(t, 'aedes', async t => {
  const broker = await startEmbeddedBroker()
  t.teardown(() => broker.stop())
  return throughProxy(t, broker.port)
})

brokerContract(t, 'Mosquitto', async t => throughProxy(t, (await startPlainMosquitto(t)).port))

t.test('Mosquitto says that nobody listens', async t => {
  const { url } = await startPlainMosquitto(t)
  const broker = open(t, { url, clientId: 'alone' })
  await connected(broker)
  t.same(await broker.publish({ topic: 'a', body: Buffer.of(1), qos: 1 }), { subscribed: false })
  await broker.subscribe('a', async () => {})
  t.same(await broker.publish({ topic: 'a', body: Buffer.of(1), qos: 1 }), { subscribed: true })
})
