/**
 * Goal: a roll-out that two people wanted goes on where it was, whenever its process is killed, and reaches every kiosk
 * once.
 * Method: real seals on a broker in memory; the process is "killed" by opening the next room on the same disk, before
 * and after every write of the first.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { silentLog } from '../../../src/base/log.ts'
import { FleetView } from '../../../src/fleet/fleet-view.ts'
import { countsOf, planSchema } from '../../../src/fleet/roll-outs/roll-out.ts'
import { openRoom, type Room } from '../../../src/fleet/room/room.ts'
import type { Cargo } from '../../../src/fleet/wish.ts'
import { openSigningKeys } from '../../../src/keys/file-key-store.ts'
import { MemoryDisk, openMemoryKv } from '../../../src/kv/memory.ts'
import { MemoryBroker } from '../../../src/mqtt/memory-broker.ts'
import { kioskTopic } from '../../../src/mqtt/topics.ts'
import { openConfigSeal, openOpsSeal } from '../../../src/seal/config-seal.ts'
import { type Desired, desiredSchema } from '../../../src/settings/desired.ts'
import { type DesiredUpdate, desiredUpdateSchema } from '../../../src/settings/update-desired.ts'
import { demoKeys } from '../../support/demo-keys.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { until } from '../../support/until.ts'
import { state, wantedImage } from '../kiosk-words.ts'

t.setTimeout(300_000)
const clock = new ManualClock(Date.now())
const { keys, kioskKeys } = await demoKeys(t, clock)
const seal = openOpsSeal({ keys: await openSigningKeys(join(keys, 'ops'), 'ops'), clock })
const settings = { capture: { attemptsMax: 2 } }
const POISONOUS = '6.6.6'
const plan = planSchema.parse({ to: ['all'], canaryPercent: 20, waitMs: 60_000 })

/** Second by second until it is so: seals are made on other threads, for which the clock does not wait. */
async function comes(condition: () => boolean | Promise<boolean>): Promise<void> {
  await until(async () => {
    await clock.advance(1_000)
    return await condition()
  })
}

class Killed extends Error {}

/** Kiosks that take what is newer, and count how often they took anything. */
async function newWorld(t: Test, count = 10) {
  const memory = new MemoryBroker({ clock, random: () => 0.5 })
  const taken = new Map<string, number[]>()
  const brokers = await Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const kiosk = `kiosk-${number}`
      const broker = memory.connect(kiosk)
      const configs = openConfigSeal({ keys: { ...kioskKeys, name: kiosk }, clock })
      taken.set(kiosk, [])
      const last = { config: 0, update: 0 }
      const takes = (kind: keyof typeof last, version: number) => {
        if (version <= last[kind]) return false
        last[kind] = version
        taken.get(kiosk)?.push(version)
        return true
      }
      const now = () => new Date(clock.nowMs()).toISOString()
      await broker.subscribe(kioskTopic(kiosk, 'config/desired'), async ({ body }) => {
        const { version } = await configs.openConfig<Desired>(body, desiredSchema)
        const done = { version, state: 'applied', errors: [], at: now() }
        if (takes('config', version))
          await publish(kioskTopic(kiosk, 'config/reported'), {
            ...done,
            running: version,
            confirmed: true,
            settings,
          })
      })
      await broker.subscribe(kioskTopic(kiosk, 'update/desired'), async ({ body }) => {
        const { version, image } = await configs.openUpdate<DesiredUpdate>(body, desiredUpdateSchema)
        if (!takes('update', version)) return
        const report = (more: object) =>
          publish(kioskTopic(kiosk, 'update/reported'), { state: 'applied', errors: [], at: now(), ...more })
        await report({
          version: version - 1,
          running: '1.0.0',
          pending: { version, image, step: 'downloading', percent: 10 },
        })
        await report(
          image === POISONOUS
            ? { version, state: 'rolled-back', running: '1.0.0' }
            : { version, running: image },
        )
      })
      const publish = (topic: string, words: object) =>
        broker.publish({ topic, body: Buffer.from(JSON.stringify(words)), qos: 1, retain: true })
      await publish(kioskTopic(kiosk, 'state'), { ...state, groups: number < 3 ? ['few'] : [] })
      return broker
    }),
  )
  t.teardown(() => clock.finish(Promise.all(brokers.map(broker => broker.close()))))
  /** A room on that disk, until it is closed or its disk fails. */
  const start = async (disk: MemoryDisk, faults: Parameters<typeof openMemoryKv>[1] = {}) => {
    const broker = memory.connect(seal.ops)
    const view = await FleetView.open({ broker, seal, clock, log: silentLog })
    const parts = { kv: openMemoryKv(disk, faults), view, broker, seal, clock, log: silentLog }
    const room = await openRoom(parts)
    const stop = () =>
      clock.finish(
        (async () => {
          await room.close().catch(() => {})
          await broker.close()
        })(),
      )
    return { room, stop }
  }
  return { taken, start }
}

const statesOf = async (room: Room, id: string) => countsOf((await room.rollOuts.progress(id)).values())

t.test('two people, then it runs to its end', async t => {
  const { taken, start } = await newWorld(t)
  const { room, stop } = await start(new MemoryDisk())
  const { id } = await room.rollOuts.propose({ settings }, plan, 'sari')
  await clock.advance(5_000)
  t.equal(room.rollOuts.get(id).state, 'proposed', 'nothing happens before somebody else says so')
  await t.rejects(room.rollOuts.act(id, 'approve', 'sari'), { code: 'fleet/same-person' })
  await t.rejects(room.rollOuts.act(id, 'pause', 'budi'), { code: 'fleet/not-now' })
  await t.rejects(room.rollOuts.act('00000000', 'approve', 'budi'), { code: 'fleet/unknown-rollout' })
  await t.rejects(room.rollOuts.propose({ settings: { kiosk: { id: 'kiosk-1' } } }, plan, 'sari'), {
    code: 'config/bad-value',
  })
  await room.rollOuts.act(id, 'approve', 'budi')
  await comes(() => room.rollOuts.get(id).state === 'done')
  t.match(room.rollOuts.get(id), { state: 'done', version: 1, approved: { by: 'budi' } })
  t.match(await statesOf(room, id), { kiosks: 10, kept: 10, failed: 0 })
  t.ok([...taken.values()].every(versions => versions.length === 1))
  const what: string[] = []
  for await (const { entry } of room.audit.entries()) what.push(`${entry.who} ${entry.what}`)
  t.same(what, [
    'sari rollout-proposed',
    'budi rollout-approve',
    'tunggal rollout-begun',
    'tunggal rollout-done',
  ])
  await stop()
})

t.test('paused, it waits; cancelled, nobody else gets it; a second one waits for the first', async t => {
  const { taken, start } = await newWorld(t)
  const { room, stop } = await start(new MemoryDisk())
  const slow = planSchema.parse({ to: ['all'], canaryPercent: 10, perMinute: 1 })
  const { id } = await room.rollOuts.propose({ settings }, slow, 'sari')
  await room.rollOuts.act(id, 'approve', 'budi')
  await comes(async () => (await statesOf(room, id)).kept === 2)
  await room.rollOuts.act(id, 'pause', 'sari')
  const { sent } = await statesOf(room, id)
  const second = await room.rollOuts.propose({ settings }, planSchema.parse({ to: ['few'] }), 'sari')
  await room.rollOuts.act(second.id, 'approve', 'budi')
  await clock.advance(300_000)
  t.equal((await statesOf(room, id)).sent, sent)
  t.equal(room.rollOuts.get(second.id).state, 'approved')
  await room.rollOuts.act(id, 'resume', 'sari')
  await comes(async () => {
    const { sent: now, kept } = await statesOf(room, id)
    return now > sent && kept === now
  })
  await room.rollOuts.act(id, 'cancel', 'sari')
  const after = [...taken.values()].flat().length
  await comes(() => room.rollOuts.get(second.id).state === 'done')
  t.equal([...taken.values()].flat().length, after + 3, 'only what the second one names')
  const nobody = await room.rollOuts.propose({ settings }, planSchema.parse({ to: ['nowhere'] }), 'sari')
  await room.rollOuts.act(nobody.id, 'approve', 'budi')
  await comes(() => room.rollOuts.get(nobody.id).state === 'stopped')
  t.match(room.rollOuts.get(nobody.id), { state: 'stopped', reason: 'no-kiosks' })
  await stop()
})

t.test(
  'an image: a poisonous one stops at the first share; it waits for images, not for configurations',
  async t => {
    const { taken, start } = await newWorld(t)
    const { room, stop } = await start(new MemoryDisk())
    const expired = { ...wantedImage, expiresAt: '2020-01-01T00:00:00.000Z' }
    await t.rejects(room.rollOuts.propose({ image: expired }, plan, 'sari'), { code: 'update/expired' })
    const begin = async (cargo: Cargo, how = plan) => {
      const { id } = await room.rollOuts.propose(cargo, how, 'sari')
      await room.rollOuts.act(id, 'approve', 'budi')
      return id
    }
    const poisonous = await begin({ image: { ...wantedImage, image: POISONOUS } })
    await comes(() => room.rollOuts.get(poisonous).state === 'stopped')
    t.match(room.rollOuts.get(poisonous), { reason: 'too-many-failed', version: 1 })
    t.match(await statesOf(room, poisonous), { kiosks: 10, sent: 2, failed: 2 })
    t.equal([...taken.values()].flat().length, 2, 'nobody else saw it')
    const slow = await begin({ image: wantedImage }, planSchema.parse({ to: ['all'], perMinute: 1 }))
    await comes(() => room.rollOuts.get(slow).state === 'running')
    const [configuration, later] = [await begin({ settings }), await begin({ image: wantedImage })]
    await comes(() => room.rollOuts.get(configuration).state === 'done')
    t.equal(room.rollOuts.get(slow).state, 'running')
    t.equal(room.rollOuts.get(later).state, 'approved')
    await comes(() => room.rollOuts.get(slow).state === 'done')
    t.match(await statesOf(room, slow), { kiosks: 10, kept: 10 })
    await stop()
  },
)

for (const cargo of [{ settings }, { image: wantedImage }])
  t.test(`killed before or after any of its writes, ${Object.keys(cargo)} go on where they were`, async t => {
    for (const moment of ['beforeCommit', 'afterCommit'] as const) {
      for (let writes = 1; writes < 40; writes++) {
        const { taken, start } = await newWorld(t, 5)
        const disk = new MemoryDisk()
        let left = writes
        const die = () => {
          if (--left <= 0) throw new Killed()
        }
        const first = await start(disk, { [moment]: die })
        const proposed = await first.room.rollOuts.propose(cargo, plan, 'sari').catch(() => undefined)
        if (proposed !== undefined)
          await first.room.rollOuts.act(proposed.id, 'approve', 'budi').catch(() => undefined)
        const isOver = () => first.room.rollOuts.list().every(({ state }) => state === 'done')
        await comes(() => left <= 0 || isOver())
        await first.stop()
        const wasKilled = left <= 0
        const { room, stop } = await start(disk)
        for (const { id, state } of room.rollOuts.list())
          if (state === 'proposed') await room.rollOuts.act(id, 'approve', 'budi')
        await comes(() => room.rollOuts.list().every(({ state }) => state === 'done'))
        for (const { id } of room.rollOuts.list()) {
          t.match(await statesOf(room, id), { kiosks: 5, kept: 5 })
          t.ok(
            [...taken.values()].every(versions => versions.length === 1),
            'once each',
          )
        }
        await stop()
        if (!wasKilled) break
      }
    }
  })
