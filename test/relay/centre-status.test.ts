/** Goal: a kiosk knows what the ABIS last said of itself, whenever it comes, and is not led astray by other bytes. */
import t from 'tap'
import type { Log } from '../../src/base/log.ts'
import { MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { abisStatusTopic } from '../../src/mqtt/topics.ts'
import { CentreStatus } from '../../src/relay/centre-status.ts'
import { ManualClock } from '../support/manual-clock.ts'

t.test('heard, replaced, refused', async t => {
  const clock = new ManualClock()
  const memory = new MemoryBroker({ clock, random: () => 0.5 })
  const abis = memory.connect('abis-1')
  const kiosk = memory.connect('kiosk-1')
  t.teardown(() => clock.finish(Promise.all([abis.close(), kiosk.close()])))
  const refused: string[] = []
  const log: Log = { info() {}, warn: event => void refused.push(event), error() {} }
  const centre = new CentreStatus(log)
  const say = async (body: string) => {
    const message = {
      topic: abisStatusTopic('abis-1'),
      body: Buffer.from(body),
      qos: 1,
      retain: true,
    } as const
    await clock.finish(abis.publish(message))
    await clock.advance(1_000)
  }
  const counts = { received: 9, prr: 2, duplicate: 0, adjudicate: 0, failed: 0, perSecond: 0, abis: 'abis-1' }
  await clock.advance(1_000)
  await centre.follow(kiosk, 'abis-1')
  t.equal(centre.current, undefined)
  await say(JSON.stringify({ ...counts, sfe: 7 }))
  t.equal(centre.current?.sfe, 7)
  await say(JSON.stringify({ ...counts, sfe: 3 }))
  t.equal(centre.current?.sfe, 3)
  await say('{"sfe":"many"}')
  await say('nothing')
  t.equal(centre.current?.sfe, 3)
  t.equal(refused.length, 2)
})
