import { v7 } from 'uuid'
import { type Abis, startAbis } from '../../src/abis/abis.ts'
import { noteRestored } from '../../src/abis/backup.ts'
import { silentLog } from '../../src/base/log.ts'
import { Random } from '../../src/finger/synthetic/random.ts'
import type { Kv } from '../../src/kv/kv.ts'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import type { Broker } from '../../src/mqtt/broker.ts'
import { MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { isVerdict } from '../../src/record/status.ts'
import { Relay } from '../../src/relay/relay.ts'
import { type KioskStore, openStore } from '../../src/store/store.ts'
import { dataKey, type Fault, findingsOf, indexKey, limits, nik, PluggedDisk } from '../store/fixture.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { plainSeals } from '../support/plain-seal.ts'

/** What a broken build would do; the simulation must notice each of them. */
export const sabotages = [
  'puback-settles',
  'abis-disk-lies',
  'abis-forgets-ids',
  'kiosk-keeps-nothing',
] as const
export type Sabotage = (typeof sabotages)[number]

export interface Run {
  /** Empty: everything held. */
  readonly violations: readonly string[]
  readonly enrolled: number
  readonly cuts: number
  /** The ABIS was set back to a backup. */
  readonly restores: number
  /** The run's own course, so that a second one can be seen to be the same. */
  readonly trace: string
}

const KIOSK = 'kiosk-1'
const STEPS = 60
const CALM_MS = 600_000
const settings = {
  windowMax: 4,
  receiptTimeoutMs: 5_000,
  probeIntervalMs: 2_000,
  // Nothing here is bad in itself: whatever is set aside is a fault of ours.
  publishesMax: 1_000,
  outcomeAfterMs: 60_000,
}
const presence = { version: '0', site: 'site', province: 'province', groups: [] }

/**
 * One kiosk, one broker, one ABIS through a bad day: enrolments, power cuts on both sides at any point of
 * any write, a broker that stops, forgets, doubles, delays and refuses, lines that break, an ABIS that is set
 * back to a backup. Then a calm, and
 * everything a citizen was told is done must be at the ABIS once, and its verdict at the kiosk.
 *
 * Store, relay and ABIS run unchanged; clock, disks, broker and seals are the simulation's. All chance
 * comes from `seed`.
 */
export async function simulate(seed: number, sabotage?: Sabotage): Promise<Run> {
  const world = new World(seed, sabotage)
  await world.bootKiosk()
  await world.bootAbis()
  for (let step = 0; step < STEPS; step++) await world.step()
  await world.calm()
  const violations = await world.violations()
  await world.end()
  return {
    violations,
    enrolled: world.told.size,
    cuts: world.cuts,
    restores: world.restores,
    trace: world.trace.join('\n'),
  }
}

/** As on a real machine, the wall clock knows no fractions; back-off with jitter has them. */
class WholeMsClock extends ManualClock {
  override nowMs(): number {
    return Math.floor(super.nowMs())
  }
}

interface RunningKiosk {
  readonly store: KioskStore
  readonly relay: Relay
  readonly broker: Broker
}

class World {
  readonly told = new Map<string, { sha256: string; sequence: number }>()
  readonly trace: string[] = []
  cuts = 0
  restores = 0
  private readonly clock = new WholeMsClock()
  private readonly random: Random
  private readonly seals = plainSeals(KIOSK, 'abis')
  private readonly kioskDisk = new PluggedDisk()
  private readonly abisDisk = new PluggedDisk()
  private readonly broker: MemoryBroker
  private kiosk: RunningKiosk | undefined
  private abis: { abis: Abis; broker: Broker; kv: Kv } | undefined
  private backup = new MemoryDisk()
  private isCalm = false
  private people = 0
  private readonly findings: string[] = []

  constructor(
    seed: number,
    private readonly sabotage: Sabotage | undefined,
  ) {
    this.random = new Random(seed)
    const chance = (share: number) => !this.isCalm && this.random.uniform() < share
    this.broker = new MemoryBroker({
      clock: this.clock,
      random: () => this.random.uniform(),
      receiveMaximum: 1 + this.random.below(8),
      faults: {
        latencyMs: () => this.random.below(this.isCalm ? 20 : 400),
        forgets: ({ topic }) => chance(0.05) && topic !== kioskTopic(KIOSK, 'state'),
        doubles: () => chance(0.1),
        refuses: () => chance(0.02),
      },
    })
  }

  async bootKiosk(): Promise<void> {
    const { clock, seals } = this
    const { kv, highWaterMark } = this.kioskDisk.boot(this.nextCut())
    const parts = {
      kv,
      highWaterMark,
      clock,
      dataKey,
      indexKey,
      limits: this.sabotage === 'kiosk-keeps-nothing' ? { ...limits, receiptedBytesMax: 0 } : limits,
      log: silentLog,
      freeBytes: async () => 1e12,
      random: (size: number) => Uint8Array.from({ length: size }, () => this.random.below(256)),
    }
    let store: KioskStore
    try {
      store = await openStore(parts)
    } catch {
      // The plug again, while it started.
      return
    }
    const toldNumbers = [...this.told.values()].map(({ sequence }) => sequence)
    for (const { kind } of findingsOf(store, toldNumbers)) this.findings.push(`the audit found ${kind}`)
    const broker = this.broker.connect(KIOSK)
    const link = this.sabotage === 'puback-settles' ? settlingOnPuback(broker, store) : broker
    const relay = new Relay({
      broker: link,
      store,
      seal: seals.kioskSeal,
      clock,
      log: silentLog,
      settings,
      presence,
    })
    await relay.start()
    this.kiosk = { store, relay, broker }
  }

  async bootAbis(): Promise<void> {
    const disk = this.abisDisk.boot(this.nextCut())
    let { kv } = disk
    if (this.sabotage === 'abis-disk-lies') kv = lying(kv)
    if (this.sabotage === 'abis-forgets-ids') kv = forgettingRecords(kv)
    const broker = this.broker.connect('abis')
    try {
      const { clock, seals } = this
      const abis = await startAbis({ broker, kv, seal: seals.abisSeal, clock, log: silentLog })
      this.abis = { abis, broker, kv }
    } catch {
      await this.clock.finish(broker.close())
    }
  }

  /** Something happens, and a little time passes. */
  async step(): Promise<void> {
    const dice = this.random.below(100)
    this.trace.push(
      `${this.clock.monotonicMs()} ${dice} ${this.told.size} ${this.kiosk?.store.outbox.count ?? '-'}`,
    )
    if (dice < 60) await this.enrol()
    else if (dice < 70) this.broker.cut(this.random.below(2) === 0 ? KIOSK : 'abis')
    else if (dice < 75) this.broker.stop({ forget: this.random.below(2) === 0 })
    else if (dice < 80) this.broker.start()
    else if (dice < 85) await this.haltKiosk()
    else if (dice < 90) await this.haltAbis()
    else if (dice < 94) this.backup = this.abisDisk.database.copy()
    else if (dice < 95) await this.restoreAbis()
    await this.clock.advance(this.random.below(3_000))
    if (this.kioskDisk.off) await this.haltKiosk()
    if (this.abisDisk.off) await this.haltAbis()
    if (this.kiosk === undefined) await this.bootKiosk()
    if (this.abis === undefined && this.random.below(2) === 0) await this.bootAbis()
  }

  /** All faults end; after a while everything must have come to rest. */
  async calm(): Promise<void> {
    this.isCalm = true
    this.broker.start()
    await this.haltKiosk()
    await this.haltAbis()
    await this.bootKiosk()
    await this.bootAbis()
    // A kiosk that the ABIS's backup does not know is told with its next receipt (docs/RELIABILITY.md).
    await this.enrol()
    const step = CALM_MS / 20
    for (let passedMs = 0; passedMs < CALM_MS && !(await this.isAtRest()); passedMs += step)
      await this.clock.advance(step)
  }

  async violations(): Promise<readonly string[]> {
    const violations = [...this.findings]
    const { kiosk, abis } = this
    if (kiosk === undefined || abis === undefined) return ['kiosk or ABIS did not start in a calm']
    const sequences = new Set<number>()
    for await (const { id, sequence, outcome } of abis.abis.records()) {
      if (sequences.has(sequence)) violations.push(`sequence ${sequence} is there twice`)
      sequences.add(sequence)
      const decidedBefore = this.restores > 0 && (outcome?.seq ?? 0) > 1
      if (outcome?.seq !== 1 && !decidedBefore)
        violations.push(`${id} was decided ${outcome?.seq ?? 0} times`)
    }
    for (const [id, { sha256, sequence }] of this.told) {
      const record = await abis.abis.record(id)
      if (record === undefined) violations.push(`${id} is lost`)
      else if (record.sha256 !== sha256) violations.push(`${id} is there with other bytes`)
      if (!sequences.has(sequence)) violations.push(`sequence ${sequence} is missing`)
      const status = (await kiosk.store.record(id))?.status
      if (status === undefined || !isVerdict(status)) violations.push(`${id} stays ${status} at the kiosk`)
    }
    if (kiosk.store.outbox.count > 0) violations.push(`${kiosk.store.outbox.count} wait for ever`)
    for (const { id } of await kiosk.store.outbox.setAsideList()) violations.push(`${id} was set aside`)
    return violations
  }

  async end(): Promise<void> {
    await this.haltKiosk()
    await this.haltAbis()
  }

  private async isAtRest(): Promise<boolean> {
    const { kiosk, abis } = this
    if (kiosk === undefined || abis === undefined || kiosk.store.outbox.count > 0) return false
    for (const id of this.told.keys()) {
      const status = (await kiosk.store.record(id))?.status
      if (status === undefined || !isVerdict(status)) return false
      // It may have been set back a moment ago, and the kiosk knows nothing of it yet.
      if ((await abis.abis.record(id)) === undefined) return false
    }
    return true
  }

  private async enrol(): Promise<void> {
    if (this.kiosk === undefined) return
    const { store } = this.kiosk
    const { kioskSeal } = this.seals
    const bytes = Uint8Array.from({ length: 16 }, () => this.random.below(256))
    const id = v7({ msecs: this.clock.nowMs(), random: bytes })
    const at = new Date(this.clock.nowMs()).toISOString()
    const person = nik(++this.people)
    const enrolled = store.enrol({
      id,
      nik: person,
      capturedAt: at,
      fingers: [],
      fingersForced: 0,
      seal: numbers =>
        kioskSeal.sealSubmission({
          id,
          kiosk: KIOSK,
          modality: 'finger',
          nik: person,
          capturedAt: at,
          consent: { at, version: '1', language: 'id' },
          fingers: [{ position: 1, exception: 'missing' }],
          hints: [],
          ...numbers,
        }),
    })
    try {
      const { sha256, sequence } = await this.clock.finish(enrolled)
      this.told.set(id, { sha256, sequence })
    } catch {
      // The citizen is told that it did not work; whether it is there is open.
    }
  }

  /** As if the plug was pulled: nothing is said to anybody. */
  private async haltKiosk(): Promise<void> {
    const { kiosk } = this
    this.kiosk = undefined
    if (kiosk === undefined) return
    this.cuts++
    this.kioskDisk.off = true
    this.broker.cut(KIOSK)
    await this.clock.finish(kiosk.broker.close())
    await this.clock.finish(kiosk.relay.stop())
    await this.clock.finish(kiosk.store.close())
  }

  private async haltAbis(): Promise<void> {
    const { abis } = this
    this.abis = undefined
    if (abis === undefined) return
    this.cuts++
    this.abisDisk.off = true
    this.broker.cut('abis')
    await this.clock.finish(abis.broker.close())
    await this.clock.finish(abis.abis.stop())
    await this.clock.finish(abis.kv.close())
  }

  private async restoreAbis(): Promise<void> {
    await this.haltAbis()
    this.restores++
    this.abisDisk.database = this.backup.copy()
    const kv = openMemoryKv(this.abisDisk.database)
    await noteRestored(kv, this.clock.nowMs())
    await kv.close()
  }

  private nextCut(): Fault {
    if (this.isCalm || this.random.below(3) > 0) return {}
    return { cutAt: this.random.below(60), markLast: this.random.below(2) === 0 }
  }
}

/** A relay that takes the broker's word for the ABIS's. */
function settlingOnPuback(broker: Broker, store: KioskStore): Broker {
  return Object.create(broker, {
    connection: { get: () => broker.connection },
    publish: {
      value: async (...parameters: Parameters<Broker['publish']>) => {
        const result = await broker.publish(...parameters)
        const { id, sha256 } = parameters[0].properties ?? {}
        if (id && sha256)
          await store.outbox.settle({
            id,
            sha256,
            receivedAt: '2026-01-01T00:00:00.000Z',
            highestContiguous: 0,
          })
        return result
      },
    },
    subscribe: { value: broker.subscribe.bind(broker) },
    onConnection: { value: broker.onConnection.bind(broker) },
  })
}

/** A disk that says "written" before it has written. */
function lying(kv: Kv): Kv {
  let dropped = 0
  return {
    ...kv,
    write: async changes => {
      // Every third write would have reached the disk, had the power not failed.
      if (++dropped % 3 === 0 && changes.some(change => 'put' in change && change.put.startsWith('record/')))
        return
      await kv.write(changes)
    },
  }
}

/** An ABIS that does not know what it has: every copy is new to it. */
function forgettingRecords(kv: Kv): Kv {
  let reads = 0
  return {
    ...kv,
    get: async key => (key.startsWith('record/') && ++reads % 5 === 0 ? undefined : kv.get(key)),
  }
}
