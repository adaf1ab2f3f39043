/** Goal: who uses a broker that is exchanged below them sees a line that broke and came back, and nothing else. */
import t from 'tap'
import { systemClock } from '../../src/base/clock.ts'
import { ExchangeableBroker } from '../../src/mqtt/exchangeable-broker.ts'
import { MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { brokerContract, connected, until } from '../contract/broker.ts'

const newBroker = () => new MemoryBroker({ clock: systemClock, random: () => 0.1 })

brokerContract(t, 'exchangeable', async () => {
  const broker = newBroker()
  return {
    connect: (clientId, options) => new ExchangeableBroker(broker.connect(clientId, options)),
    cut: () => broker.cut(),
    refuse: refuse => (refuse ? broker.stop() : broker.start()),
  }
})

t.test('subscriptions and listeners go along, and leave the old one alone', async t => {
  const [old, next] = [newBroker(), newBroker()]
  const broker = new ExchangeableBroker(old.connect('kiosk'))
  t.teardown(() => broker.close())
  const got: string[] = []
  await broker.subscribe('a', async ({ body }) => void got.push(Buffer.from(body).toString()))
  await connected(broker)
  const states: boolean[] = []
  broker.onConnection(connection => states.push(connection !== undefined))

  await broker.exchange(() => next.connect('kiosk'))
  await connected(broker)
  t.same(states, [true, false, true])
  const publish = async (at: MemoryBroker, text: string) => {
    const other = at.connect('other')
    await connected(other)
    const { subscribed } = await other.publish({ topic: 'a', body: Buffer.from(text), qos: 1 })
    await other.close()
    return subscribed
  }
  await publish(old, 'old')
  t.equal(await publish(next, 'new'), true)
  await until(() => got.length > 0)
  t.same(got, ['new'])
  t.same(await broker.publish({ topic: 'a', body: Buffer.from('own'), qos: 1 }), { subscribed: true })
  await until(() => got.length > 1)
  t.same(got, ['new', 'own'], 'each once')
})

t.test('one exchange after the other, and closed in between', async t => {
  const brokers = [newBroker(), newBroker(), newBroker()]
  const broker = new ExchangeableBroker(brokers[0].connect('kiosk'))
  const made: number[] = []
  const exchange = (index: number) =>
    broker.exchange(() => {
      made.push(index)
      return brokers[index].connect('kiosk')
    })
  await Promise.all([exchange(1), exchange(2)])
  t.same(made, [1, 2])
  await connected(broker)
  const late = exchange(1)
  await broker.close()
  await late
  t.equal(broker.connection, undefined)
  t.same(made, [1, 2], 'nothing is opened any more')
})
