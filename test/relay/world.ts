import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { v7 } from 'uuid'
import { type Abis, startAbis } from '../../src/abis/abis.ts'
import { noteRestored } from '../../src/abis/backup.ts'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import { type Log, silentLog } from '../../src/base/log.ts'
import { syntheticFinger } from '../../src/finger/synthetic/finger.ts'
import { impression } from '../../src/finger/synthetic/impression.ts'
import { extract } from '../../src/finger/template/extract.ts'
import { writeInterchange } from '../../src/finger/template/interchange.ts'
import type { Template } from '../../src/finger/template/template.ts'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import { sealedValues } from '../../src/kv/sealed.ts'
import type { Broker } from '../../src/mqtt/broker.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { type BrokerFaults, MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import type { KioskRecord } from '../../src/record/record.ts'
import type { Status } from '../../src/record/status.ts'
import { Relay, type RelaySettings } from '../../src/relay/relay.ts'
import type { KioskSeal } from '../../src/seal/seal.ts'
import { type Mark, memoryHighWaterMark } from '../../src/store/high-water-mark.ts'
import { type KioskStore, openStore } from '../../src/store/store.ts'
import { until } from '../contract/broker.ts'
import { indexKey, limits, nik } from '../store/fixture.ts'
import { demoKeys } from '../support/demo-keys.ts'

export const quickRelay: RelaySettings = {
  windowMax: 8,
  receiptTimeoutMs: 1_000,
  probeIntervalMs: 100,
  publishesMax: 3,
  outcomeAfterMs: 60_000,
}
export const presence = { version: '0', site: 'site', province: 'province', groups: [] }

/** A finger's template as it travels; the same seed is the same finger. */
const templates = new Map<string, Template>()
export function fingerOf(seed: number, impressionSeed: number): Template {
  const name = `${seed}/${impressionSeed}`
  let template = templates.get(name)
  if (!template) {
    ;({ template } = extract(impression(syntheticFinger(seed), { seed: impressionSeed })))
    templates.set(name, template)
  }
  return template
}

export interface Citizen {
  readonly person: number
  /** Seeds of two fingers; none: exceptions only, which costs no extraction. */
  readonly fingers?: readonly [number, number]
  readonly impression?: number
}

/** Kiosk and ABIS with real seals, stores and broker clients; `url` is asked at each connection. */
export async function openWorld(
  t: Test,
  options: {
    url?: string
    /** In place of `url`: a broker in memory, and what is wrong with it. */
    memory?: BrokerFaults
    /** Where the ABIS connects, if it has another line. */
    centreUrl?: string
    relay?: Partial<RelaySettings>
    clock?: Clock
    log?: Log
  },
) {
  const { clock = systemClock, log = silentLog } = options
  const keys = await demoKeys(t, clock)
  const { kioskSeal, abisSeal } = keys
  const memory = options.memory && new MemoryBroker({ clock, random: () => 0.9, faults: options.memory })
  const open = (clientId: string, url = options.url ?? '') =>
    memory?.connect(clientId) ??
    connectBroker({
      url,
      clientId,
      backoff: { backoffMsMin: 20, backoffMsMax: 200 },
      clock,
      random: () => 0.9,
      log: silentLog,
    })
  let kioskDisk = { database: new MemoryDisk(), mark: {} as { mark?: Mark } }
  const startKiosk = async () => {
    const store = await openStore({
      kv: openMemoryKv(kioskDisk.database),
      clock,
      dataKey: keys.kioskKeys.dataKey,
      indexKey,
      highWaterMark: memoryHighWaterMark(kioskDisk.mark),
      limits: { ...limits, entriesMax: 10_000 },
      freeBytes: async () => 1e12,
      log: silentLog,
      random: randomBytes,
    })
    const broker = open(kioskSeal.kiosk)
    const settings = { ...quickRelay, ...options.relay }
    const relay = new Relay({ broker, store, seal: kioskSeal, clock, log, settings, presence })
    await relay.start()
    const stop = async () => {
      await relay.stop()
      await broker.close()
      await store.close()
    }
    return { store, broker, relay, stop }
  }
  let kiosk = await startKiosk()
  let abisDisk = new MemoryDisk()
  const startCentre = async (): Promise<{ abis: Abis; broker: Broker; stop(): Promise<void> }> => {
    const kv = sealedValues(openMemoryKv(abisDisk), keys.abisKeys.dataKey)
    const broker = open(abisSeal.abis, options.centreUrl)
    const abis = await startAbis({ broker, kv, seal: abisSeal, clock, log: silentLog })
    let stopped = false
    const stop = async () => {
      if (stopped) return
      stopped = true
      await broker.close()
      await abis.stop()
      await kv.close()
    }
    t.teardown(stop)
    return { abis, broker, stop }
  }
  t.teardown(() => kiosk.stop())
  return {
    ...keys,
    get store() {
      return kiosk.store
    },
    get relay() {
      return kiosk.relay
    },
    get kioskBroker() {
      return kiosk.broker
    },
    startCentre,
    /** Its whole disk, the mark outside of the database too. */
    backUpKiosk: () => ({ database: kioskDisk.database.copy(), mark: { ...kioskDisk.mark } }),
    restoreKiosk: async (backup: typeof kioskDisk) => {
      await kiosk.stop()
      kioskDisk = backup
      kiosk = await startKiosk()
    },
    backUpCentre: () => abisDisk.copy(),
    /** While it does not run. */
    restoreCentre: async (backup: MemoryDisk) => {
      abisDisk = backup
      const kv = sealedValues(openMemoryKv(abisDisk), keys.abisKeys.dataKey)
      await noteRestored(kv, clock.nowMs())
      await kv.close()
    },
    open,
    enrol: (citizen: Citizen) => enrol(kiosk.store, kioskSeal, citizen),
  }
}

export async function enrol(store: KioskStore, seal: KioskSeal, citizen: Citizen): Promise<KioskRecord> {
  const id = v7()
  const at = new Date().toISOString()
  const fingers = (citizen.fingers ?? []).map((seed, index) => ({
    position: (index + 1) as 1 | 2,
    template: fingerOf(seed, citizen.impression ?? 1),
  }))
  const captured = fingers.map(({ position, template }) => ({
    position,
    impression: 0,
    quality: 80,
    attempts: 1,
    forced: false,
    template: Buffer.from(
      writeInterchange({ position, impression: 0, quality: 80, template }, 'iso2005'),
    ).toString('base64'),
  }))
  const missing = [3, 4].map(position => ({ position, exception: 'missing' as const }))
  return store.enrol({
    id,
    nik: nik(citizen.person),
    capturedAt: at,
    fingers,
    fingersForced: 0,
    seal: numbers =>
      seal.sealSubmission({
        id,
        kiosk: seal.kiosk,
        modality: 'finger',
        nik: nik(citizen.person),
        capturedAt: at,
        consent: { at, version: '1', language: 'id' },
        fingers: [...captured, ...missing],
        hints: [],
        ...numbers,
      }),
  })
}

export async function reaches(store: KioskStore, id: string, status: Status): Promise<KioskRecord> {
  let record = await store.record(id)
  const stop = store.onRecord(changed => {
    if (changed.id === id) record = changed
  })
  await until(() => record?.status === status)
  stop()
  return record as KioskRecord
}
