import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Broker, Connection, Message } from '../../src/mqtt/broker.ts'

/** A broker, and what can happen to the lines to it. */
export interface BrokerWorld {
  connect(clientId: string, options?: { will?: Message }): Broker
  /** Breaks every connection; clients come back by themselves. */
  cut(): void
  /** While true nobody gets a connection. */
  refuse(refuse: boolean): void
}

const text = (body: Uint8Array) => Buffer.from(body).toString()
const message = (topic: string, body: string): Message => ({ topic, body: Buffer.from(body), qos: 1 })

/** Resolves once `condition` holds; the suite's time-out is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5)
}

export function connected(broker: Broker): Promise<Connection> {
  return new Promise(resolve => {
    const stop = broker.onConnection(connection => {
      if (connection === undefined) return
      resolve(connection)
      queueMicrotask(() => stop())
    })
  })
}

/** Breaks every line, and resolves once these clients are back on a new one. */
async function cut(world: BrokerWorld, ...brokers: readonly Broker[]): Promise<void> {
  const before = brokers.map(({ connection }) => connection)
  world.cut()
  await until(() =>
    brokers.every(({ connection }, n) => connection !== undefined && connection !== before[n]),
  )
}

/** Goal: the promises of `Broker`, whatever is behind it. */
export function brokerContract(t: Test, name: string, setUp: (t: Test) => Promise<BrokerWorld>): void {
  const inWorld = (title: string, run: (t: Test, world: BrokerWorld) => Promise<void>) =>
    t.test(`${name}: ${title}`, async t => run(t, await setUp(t)))
  const join = (t: Test, world: BrokerWorld, clientId: string, options?: { will?: Message }) => {
    const broker = world.connect(clientId, options)
    t.teardown(() => broker.close())
    return broker
  }

  inWorld('nothing is queued while there is no connection', async (t, world) => {
    world.refuse(true)
    const broker = join(t, world, 'early')
    await t.rejects(broker.publish(message('a/b', 'lost')), { code: 'broker/offline' })
    t.equal(broker.connection, undefined)
  })

  inWorld('a message arrives with its properties', async (t, world) => {
    const [sender, receiver] = [join(t, world, 'sender'), join(t, world, 'receiver')]
    const got: Message[] = []
    await receiver.subscribe('in/+/it', async message => {
      got.push(message)
    })
    await Promise.all([connected(sender), connected(receiver)])
    const result = await sender.publish({
      ...message('in/1/it', 'hello'),
      properties: { id: 'x', replay: '1' },
    })
    t.same(result, { subscribed: true })
    await until(() => got.length > 0)
    t.equal(text(got[0].body), 'hello')
    t.equal(got[0].topic, 'in/1/it')
    t.same(got[0].properties, { id: 'x', replay: '1' })
    t.equal(got[0].retain, false)
  })

  inWorld('a subscription outlives the connection, and what came meanwhile arrives', async (t, world) => {
    const [sender, receiver] = [join(t, world, 'sender'), join(t, world, 'receiver')]
    const got: string[] = []
    await receiver.subscribe('in/#', async ({ body }) => {
      got.push(text(body))
    })
    await Promise.all([connected(sender), connected(receiver)])
    for (const round of ['1', '2', '3']) {
      await cut(world, sender)
      await sender.publish(message('in/it', round))
      await until(() => got.includes(round))
    }
  })

  inWorld(
    'what its handler refused comes again after a reconnect, what it took does not',
    async (t, world) => {
      const [sender, receiver] = [join(t, world, 'sender'), join(t, world, 'receiver')]
      const got: string[] = []
      let refusing = true
      await receiver.subscribe('in/it', async ({ body }) => {
        got.push(text(body))
        if (refusing && text(body) === 'bad') throw new Error('not now')
      })
      await Promise.all([connected(sender), connected(receiver)])
      for (const body of ['good', 'bad', 'better']) await sender.publish(message('in/it', body))
      await until(() => got.length >= 3)
      t.same(got, ['good', 'bad', 'better'])
      t.not(receiver.connection, undefined, 'a failed handler does not end the connection')
      // An acknowledgement has no answer to wait for: a round trip shows that the broker has it.
      await receiver.publish(message('other', 'round trip'))
      refusing = false
      world.cut()
      await Promise.all([connected(sender), connected(receiver)])
      await until(() => got.filter(body => body === 'bad').length >= 2)
      await sender.publish(message('in/it', 'last'))
      await until(() => got.includes('last'))
      t.same(got, ['good', 'bad', 'better', 'bad', 'last'])
    },
  )

  inWorld('acknowledged only once its handler is done', async (t, world) => {
    const [sender, receiver] = [join(t, world, 'sender'), join(t, world, 'receiver')]
    let starts = 0
    let release = () => {}
    const released = new Promise<void>(resolve => (release = resolve))
    await receiver.subscribe('in/it', async () => {
      starts++
      await released
    })
    await Promise.all([connected(sender), connected(receiver)])
    await sender.publish(message('in/it', 'slow'))
    await until(() => starts === 1)
    world.cut()
    await until(() => starts === 2)
    release()
  })

  inWorld('a handler may publish and wait for the acknowledgement', async (t, world) => {
    const [sender, receiver] = [join(t, world, 'sender'), join(t, world, 'receiver')]
    const answers = new Set<string>()
    await receiver.subscribe('ask', async ({ body }) => {
      await receiver.publish(message('answer', text(body)))
    })
    await sender.subscribe('answer', async ({ body }) => {
      answers.add(text(body))
    })
    await Promise.all([connected(sender), connected(receiver)])
    await Promise.all(Array.from({ length: 200 }, (_, n) => sender.publish(message('ask', `${n}`))))
    await until(() => answers.size === 200)
  })

  inWorld('a publish under way when the line breaks is not repeated behind our back', async (t, world) => {
    const [sender, receiver] = [join(t, world, 'sender'), join(t, world, 'receiver')]
    const got: string[] = []
    await receiver.subscribe('in/it', async ({ body }) => {
      got.push(text(body))
    })
    await Promise.all([connected(sender), connected(receiver)])
    const publishes = Array.from({ length: 50 }, (_, n) => sender.publish(message('in/it', `${n}`)))
    const back = cut(world, sender, receiver)
    const ends = await Promise.allSettled(publishes)
    for (const end of ends) if (end.status === 'rejected') t.equal(end.reason.code, 'broker/offline')
    await back
    await sender.publish(message('in/it', 'after'))
    await until(() => got.includes('after'))
    for (const [n, end] of ends.entries()) {
      if (end.status === 'fulfilled') t.ok(got.includes(`${n}`), 'what was acknowledged arrived')
    }
    // The receiver may get a copy of what it had no time to acknowledge; the sender sends none again.
    const known = got.slice(0, got.indexOf('after')).length
    await sender.publish(message('in/it', 'end'))
    await until(() => got.includes('end'))
    t.same(got.slice(known), ['after', 'end'])
  })

  inWorld('a retained message waits for its reader', async (t, world) => {
    const sender = join(t, world, 'sender')
    await connected(sender)
    await sender.publish({ ...message('state/it', 'here'), retain: true })
    const receiver = join(t, world, 'receiver')
    const got: Message[] = []
    await receiver.subscribe('state/+', async message => {
      got.push(message)
    })
    await until(() => got.length > 0)
    t.equal(text(got[0].body), 'here')
    t.equal(got[0].retain, true)
  })

  inWorld('the will is spoken when the line breaks, not when it is closed', async (t, world) => {
    const will = { ...message('state/it', 'gone'), retain: true }
    const receiver = join(t, world, 'receiver')
    const got: string[] = []
    await receiver.subscribe('state/it', async ({ body }) => {
      got.push(text(body))
    })
    const first = join(t, world, 'mortal', { will })
    await Promise.all([connected(first), connected(receiver)])
    await first.publish(message('state/it', 'closing'))
    await first.close()
    const second = join(t, world, 'mortal', { will })
    await connected(second)
    await second.publish(message('state/it', 'back'))
    await until(() => got.includes('back'))
    t.same(got, ['closing', 'back'])
    world.cut()
    await until(() => got.includes('gone'))
  })

  inWorld('listeners hear the present state and every change', async (t, world) => {
    const broker = world.connect('heard')
    const states: boolean[] = []
    broker.onConnection(connection => states.push(connection !== undefined))
    await connected(broker)
    world.cut()
    await until(() => states.length >= 4)
    await broker.close()
    await t.rejects(broker.publish(message('a', 'b')), { code: 'broker/offline' })
    t.same(states, [false, true, false, true, false])
  })

  inWorld('a publish can be given up', async (t, world) => {
    const broker = join(t, world, 'impatient')
    await connected(broker)
    await t.rejects(broker.publish(message('a', 'b'), AbortSignal.abort(new Error('enough'))), {
      message: 'enough',
    })
  })
}
