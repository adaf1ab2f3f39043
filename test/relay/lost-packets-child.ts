/** What `lost-packets.broker.test.ts` runs in a network namespace: LINE, the program that is the bad line. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { defaultSettings } from '../../src/settings/settings.ts'
import { connected, until } from '../contract/broker.ts'
import { startPlainMosquitto } from '../mqtt/plain-mosquitto.ts'
import { openWorld } from './world.ts'

const [, , line] = process.argv
const LOSS_PERCENT = 20
const FAR_END = '198.18.0.2'
t.setTimeout(870_000)
// A line that is gone brings no farewell: the last socket would keep this process for as long as TCP hopes.
t.plan(2)
t.teardown(() => setImmediate(() => process.exit()))

for (const { delayMs, records } of [
  { delayMs: 50, records: 60 },
  { delayMs: 5_000, records: 10 },
])
  t.test(`${LOSS_PERCENT} % lost, ${delayMs} ms each way`, async t => {
    // Not `t.testdir`: the path of a socket is short, and the keys want that folder.
    const folder = await mkdtemp(join(tmpdir(), 'tunggal-line-'))
    t.teardown(() => rm(folder, { recursive: true }))
    const socket = join(folder, 'good')
    const under = [line, String(LOSS_PERCENT), String(delayMs), '1']
    const mosquitto = await startPlainMosquitto(t, [`listener 0 ${socket}`], { under, host: FAR_END })
    // The ABIS has a good line; what operations set by default is what must do.
    const good = await goodLine(t, socket)
    const world = await openWorld(t, { url: mosquitto.url, relay: defaultSettings.relay, centreUrl: good })
    let connections = 0
    world.kioskBroker.onConnection(connection => {
      if (connection) connections++
    })
    const { abis } = await world.startCentre()
    const listener = world.open('listener', good)
    t.teardown(() => listener.close())
    await connected(listener)
    let published = 0
    await listener.subscribe(kioskTopic(world.kioskSeal.kiosk, 'submission'), async () => {
      published++
    })
    for (let person = 1; person <= records; person++) await world.enrol({ person })
    await until(() => world.store.outbox.count === 0)
    await abis.settled()
    t.match(abis.counts, {
      received: records,
      alarms: 0,
      refused: 0,
      byKiosk: { [world.kioskSeal.kiosk]: { missing: 0 } },
    })
    t.same(await world.store.outbox.setAsideList(), [])
    await mosquitto.stop()
    const [, passed, lost] = /(\d+) packets passed, (\d+) lost/.exec(mosquitto.log()) ?? []
    const figures = `${published} published for ${records}, ${connections} connections, ${passed} packets, ${lost} lost`
    t.ok(Number(lost) > records / 2, figures)
    t.ok(published <= records * 2, figures)
  })

/** To Mosquitto's other door, which is a file: namespaces of the network do not part those. */
async function goodLine(t: Test, path: string): Promise<string> {
  const server = createServer({ noDelay: true }, client => {
    const broker = connect({ path })
    const end = () => {
      client.destroy()
      broker.destroy()
    }
    for (const socket of [client, broker]) socket.on('error', end).on('close', end)
    client.pipe(broker)
    broker.pipe(client)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`
}
