/**
 * Goal: what a citizen was told is done reaches the ABIS once, whatever happens to the broker.
 * Method: real seals, stores, engine and broker clients, on aedes and on Mosquitto.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { systemClock } from '../../src/base/clock.ts'
import { openAbisKeys } from '../../src/keys/file-key-store.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { duplicateOf } from '../../src/record/submission.ts'
import { openAbisSeal } from '../../src/seal/abis-seal.ts'
import { connected, until } from '../contract/broker.ts'
import { startPlainMosquitto } from '../mqtt/plain-mosquitto.ts'
import { startProxy } from '../mqtt/tcp-proxy.ts'
import { openWorld, reaches } from './world.ts'

interface TestBroker {
  readonly port: number
  stop(): Promise<void>
  /** On the same port; aedes has forgotten everything. */
  start(): Promise<void>
}

async function startAedes(t: Test): Promise<TestBroker> {
  let broker = await startEmbeddedBroker()
  t.teardown(() => broker.stop())
  const { port } = broker
  return {
    port,
    stop: () => broker.stop(),
    start: async () => {
      broker = await startEmbeddedBroker({ port })
    },
  }
}

for (const [name, start] of Object.entries({ aedes: startAedes, Mosquitto: startPlainMosquitto })) {
  const onBroker = (title: string, run: (t: Test, broker: TestBroker, url: string) => Promise<void>) =>
    t.test(`${name}: ${title}`, async t => {
      const broker = await start(t)
      await run(t, broker, (await startProxy(t, () => broker.port)).url)
    })

  onBroker('submission, receipt, outcome; the same fingers under another number', async (t, _broker, url) => {
    const world = await openWorld(t, { url })
    const { abis } = await world.startCentre()
    const first = await world.enrol({ person: 1, fingers: [11, 12] })
    await reaches(world.store, first.id, 'PRINT_READY_RECORD')
    const again = await world.enrol({ person: 2, fingers: [11, 12], impression: 2 })
    const duplicate = await reaches(world.store, again.id, 'DUPLICATE_RECORD')
    t.equal(duplicateOf(duplicate.reason), first.id)
    const other = await world.enrol({ person: 3, fingers: [13, 14] })
    await reaches(world.store, other.id, 'PRINT_READY_RECORD')
    const renewed = await world.enrol({ person: 1, fingers: [11, 12], impression: 3 })
    t.equal(renewed.supersedes, first.id)
    await reaches(world.store, renewed.id, 'PRINT_READY_RECORD')
    const stranger = await world.enrol({ person: 3, fingers: [15, 16] })
    await reaches(world.store, stranger.id, 'ADJUDICATE_RECORD')
    t.equal((await abis.record(first.id))?.supersededBy, renewed.id)
    t.equal((await abis.record(other.id))?.supersededBy, undefined, 'other fingers replace nobody')
    t.match(abis.counts, { received: 5, prr: 3, duplicate: 1, adjudicate: 1, refused: 0, alarms: 0 })
    t.match(world.relay.state(), { online: true, answered: true, waiting: 0, fault: undefined, refused: 0 })
  })

  onBroker('consent is withdrawn: the centre erases, and no number is missing', async (t, _broker, url) => {
    const world = await openWorld(t, { url })
    const sent = await world.enrol({ person: 1, fingers: [11, 12] })
    const unsent = await world.enrol({ person: 2, fingers: [13, 14] })
    await world.store.withdraw(unsent.id, 'operator', world.kioskSeal.sealRecordEvent)
    let centre = await world.startCentre()
    await reaches(world.store, sent.id, 'PRINT_READY_RECORD')
    await until(() => world.store.events.count === 0)
    t.match(centre.abis.counts, {
      alarms: 0,
      byKiosk: { [world.kioskSeal.kiosk]: { missing: 0 } },
    })
    t.same((await centre.abis.record(unsent.id))?.fingers ?? [], [], 'it never came, or is erased')
    await world.store.withdraw(sent.id, 'operator', world.kioskSeal.sealRecordEvent)
    await until(() => world.store.events.count === 0)
    const record = await centre.abis.record(sent.id)
    t.same(record?.fingers, [])
    t.ok(record?.withdrawnAt)
    await centre.stop()
    centre = await world.startCentre()
    const again = await world.enrol({ person: 3, fingers: [11, 12], impression: 2 })
    await reaches(world.store, again.id, 'PRINT_READY_RECORD')
    t.match(centre.abis.counts, { refused: 0, alarms: 0 }, 'nobody is told apart by fingers that are erased')
  })

  onBroker('the broker is stopped and comes back', async (t, broker, url) => {
    const world = await openWorld(t, { url })
    const { abis } = await world.startCentre()
    const before = await world.enrol({ person: 1 })
    await reaches(world.store, before.id, 'ADJUDICATE_RECORD')
    await broker.stop()
    await until(() => !world.relay.state().online)
    const during = await world.enrol({ person: 2 })
    t.equal((await world.store.record(during.id))?.status, 'SENT_FOR_ENROLLMENT')
    await broker.start()
    await reaches(world.store, during.id, 'ADJUDICATE_RECORD')
    t.equal(abis.counts.received, 2)
  })

  onBroker('the ABIS is away and returns; 200 waiting records drain, each once', async (t, _broker, url) => {
    const world = await openWorld(t, { url })
    const records = []
    for (let person = 1; person <= 200; person++) records.push(await world.enrol({ person }))
    await until(() => world.relay.state().online)
    const first = await world.startCentre()
    await until(() => first.abis.counts.received >= 50)
    await first.stop()
    const second = await world.startCentre()
    await until(() => world.store.outbox.count === 0)
    await second.abis.settled()
    for (const { id } of records) await reaches(world.store, id, 'ADJUDICATE_RECORD')
    t.match(second.abis.counts, { received: 200, adjudicate: 200, alarms: 0 })
    const sequences = []
    for await (const { sequence } of second.abis.records()) sequences.push(sequence)
    t.same(
      sequences.sort((a, b) => a - b),
      Array.from({ length: 200 }, (_, index) => index + 1),
    )
  })

  onBroker('the ABIS is set back to a backup, and gets again what it lost', async (t, _broker, url) => {
    const world = await openWorld(t, { url })
    const first = await world.startCentre()
    const kept = await world.enrol({ person: 1 })
    await reaches(world.store, kept.id, 'ADJUDICATE_RECORD')
    await first.abis.settled()
    const backup = world.backUpCentre()
    const lost = []
    for (let person = 2; person <= 21; person++) lost.push(await world.enrol({ person }))
    for (const { id } of lost) await reaches(world.store, id, 'ADJUDICATE_RECORD')
    await world.store.withdraw(kept.id, 'operator', world.kioskSeal.sealRecordEvent)
    await until(() => world.store.events.count === 0)
    await first.stop()
    await world.restoreCentre(backup)

    // Nobody enrols: the kiosk learns of it from the ABIS.
    const second = await world.startCentre()
    await until(() => second.abis.counts.received === 21 && world.store.outbox.count === 0)
    await until(() => world.store.events.count === 0)
    await second.abis.settled()
    for (const { id, sha256 } of lost) t.equal((await second.abis.record(id))?.sha256, sha256)
    t.ok((await second.abis.record(kept.id))?.withdrawnAt, 'a withdrawal is not forgotten')
    const byKiosk = { [world.kioskSeal.kiosk]: { missing: 0 } }
    t.match(second.abis.counts, { received: 21, adjudicate: 21, alarms: 0, refused: 0, byKiosk })
    const next = await world.enrol({ person: 22 })
    await reaches(world.store, next.id, 'ADJUDICATE_RECORD')
  })

  onBroker(
    'forged and unknown answers are refused and counted, and harm nothing',
    async (t, _broker, url) => {
      const world = await openWorld(t, { url })
      const stranger = world.open('stranger')
      t.teardown(() => stranger.close())
      await Promise.all([connected(stranger), connected(world.kioskBroker)])
      const record = await world.enrol({ person: 1 })
      const { kiosk } = world.kioskSeal
      const receipt = {
        id: record.id,
        sha256: record.sha256,
        receivedAt: new Date().toISOString(),
        highestContiguous: 1,
      }
      const elsewhere = join(world.data, 'elsewhere')
      await initDemoKeys(elsewhere, { clock: systemClock })
      const otherAbis = openAbisSeal({
        keys: await openAbisKeys(join(elsewhere, 'keys/abis')),
        clock: systemClock,
      })
      const bodies = {
        otherNation: (await otherAbis.sealReceipt(kiosk, receipt)).body,
        otherSignature: withOtherEnd((await world.abisSeal.sealReceipt(kiosk, receipt)).body),
        nonsense: Buffer.from('nonsense'),
        empty: Buffer.alloc(0),
        forOther: (await world.abisSeal.sealReceipt('kiosk-other', receipt)).body,
        otherHash: (await world.abisSeal.sealReceipt(kiosk, { ...receipt, sha256: '0'.repeat(64) })).body,
        unknown: (
          await world.abisSeal.sealReceipt(kiosk, { ...receipt, id: '01a210c0-c6ea-75a5-a583-25b326f08cd0' })
        ).body,
        otherType: (
          await world.abisSeal.sealOutcome(kiosk, {
            id: record.id,
            status: 'PRINT_READY_RECORD',
            at: receipt.receivedAt,
            seq: 1,
          })
        ).body,
      }
      for (const body of Object.values(bodies))
        await stranger.publish({ topic: kioskTopic(kiosk, 'receipt'), body, qos: 1 })
      await until(() => world.relay.state().refused === Object.keys(bodies).length)
      t.equal((await world.store.record(record.id))?.status, 'SENT_FOR_ENROLLMENT')
      t.equal(world.store.outbox.count, 1)
      const { abis, broker: centre } = await world.startCentre()
      await connected(centre)
      for (const name of ['submission', 'query', 'record'] as const)
        await stranger.publish({ topic: kioskTopic(kiosk, name), body: Buffer.from('nonsense'), qos: 1 })
      await reaches(world.store, record.id, 'ADJUDICATE_RECORD')
      await until(() => abis.counts.refused === 3)
    },
  )
}

/** The signature stands at the end. */
function withOtherEnd(body: Uint8Array): Uint8Array {
  const changed = Buffer.from(body)
  const at = changed.length - 10
  changed[at] = changed[at] === 0x41 ? 0x42 : 0x41
  return changed
}
