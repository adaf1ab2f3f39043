import t from 'tap'
import { systemClock } from '../../src/base/clock.ts'
import { MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { brokerContract, connected } from '../contract/broker.ts'

brokerContract(t, 'memory', async () => {
  const broker = new MemoryBroker({ clock: systemClock, random: () => 0.1 })
  return {
    connect: (clientId, options) => broker.connect(clientId, options),
    cut: () => broker.cut(),
    refuse: refuse => (refuse ? broker.stop() : broker.start()),
  }
})

t.test('nobody listens: the acknowledgement says so', async t => {
  const broker = new MemoryBroker({ clock: systemClock, random: Math.random }).connect('alone')
  t.teardown(() => broker.close())
  await connected(broker)
  t.same(await broker.publish({ topic: 'a', body: Buffer.of(1), qos: 1 }), { subscribed: false })
})

t.test('what is too large is not sent', async t => {
  const memory = new MemoryBroker({ clock: systemClock, random: Math.random, packetBytesMax: 1024 })
  const broker = memory.connect('large')
  t.teardown(() => broker.close())
  await connected(broker)
  const publish = broker.publish({ topic: 'a', body: Buffer.alloc(1024), qos: 1 })
  await t.rejects(publish, { code: 'broker/too-large' })
})
