import { v7 } from 'uuid'
import { type Abis, startAbis } from '../../src/abis/abis.ts'
import { noteRestored } from '../../src/abis/backup.ts'
import { type AbisRecord, encodeValue, keyOf } from '../../src/abis/layout.ts'
import { KioskError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { writeInterchange } from '../../src/finger/template/interchange.ts'
import type { Kv } from '../../src/kv/kv.ts'
import { openMemoryKv } from '../../src/kv/memory.ts'
import type { Broker } from '../../src/mqtt/broker.ts'
import { type BrokerFaults, MemoryBroker } from '../../src/mqtt/memory-broker.ts'
import { anyKioskFilter, kioskTopic } from '../../src/mqtt/topics.ts'
import { type GalleryChange, galleryChangeSchema } from '../../src/record/gallery-change.ts'
import { GalleryFollower } from '../../src/relay/gallery-follower.ts'
import type { KioskStore } from '../../src/store/store.ts'
import { randomFrom, randomTemplate } from '../finger/template/random-template.ts'
import { type Fault, openTestStore, PluggedDisk } from '../store/fixture.ts'
import { sentTo } from '../store/sent-gallery.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { plainSeals } from '../support/plain-seal.ts'

export const KIOSK = 'kiosk-1'
/** Where people enrol. */
const MAKER = 'kiosk-9'

/** A number of somebody of that region; different for different numbers. */
export function nikIn(region: string, person: number): string {
  return region.padEnd(6, '0') + String(person).padStart(10, '0')
}

interface RunningKiosk {
  readonly store: KioskStore
  readonly follower: GalleryFollower
  readonly broker: Broker
}

/**
 * One kiosk that follows its gallery, the whole ABIS, and operations, on a broker in memory without cryptography.
 * Either side can lose its power at any point of any write, and begins again from its disk.
 */
export class GalleryWorld {
  readonly clock = new ManualClock()
  readonly kioskDisk = new PluggedDisk()
  readonly abisDisk = new PluggedDisk()
  readonly memory: MemoryBroker
  /** By the kiosk's own file and operations together, as in its settings. */
  readonly wanted: { scope: string[]; fingersMax: number } = { scope: [], fingersMax: 1_000 }
  /** What the ABIS published, as the kiosk would open it. */
  readonly changes: GalleryChange[] = []
  readonly abisWarned: string[] = []
  kiosk: RunningKiosk | undefined
  abis: { abis: Abis; broker: Broker; kv: Kv } | undefined
  private readonly seals = plainSeals(KIOSK, 'abis')
  private readonly maker = plainSeals(MAKER, 'abis')
  private readonly operations: Broker
  private sequence = 0
  private version = 0

  constructor({ faults, random = () => 0.5 }: { faults?: BrokerFaults; random?: () => number } = {}) {
    this.memory = new MemoryBroker({ clock: this.clock, random, faults })
    this.operations = this.memory.connect('ops')
  }

  async start(): Promise<void> {
    await this.operations.subscribe(anyKioskFilter('gallery'), async ({ body }) => {
      this.changes.push(galleryChangeSchema.parse(JSON.parse(Buffer.from(body).toString()).value))
    })
    await this.clock.advance(1_000)
  }

  async bootKiosk(fault: Fault = {}): Promise<void> {
    const { clock, seals, wanted } = this
    try {
      const store = await openTestStore(this.kioskDisk, { clock, ...fault })
      const broker = this.memory.connect(KIOSK)
      const follower = new GalleryFollower({
        broker,
        seal: seals.kioskSeal,
        sent: store.sent,
        clock,
        log: silentLog,
        random: () => 0.5,
        wanted: () => wanted,
        memory: { applied: async () => {}, reload: async () => {} },
      })
      await follower.start()
      this.kiosk = { store, broker, follower }
    } catch (error) {
      // The plug again, while it started.
      if (!this.kioskDisk.off) throw error
    }
  }

  async bootAbis({ cutAt, refuseAt }: Fault = {}): Promise<void> {
    const { clock, seals } = this
    const { kv } = this.abisDisk.boot({ cutAt, refuseAt })
    const broker = this.memory.connect('abis')
    const log = { ...silentLog, warn: (event: string) => void this.abisWarned.push(event) }
    const abis = await startAbis({ broker, kv, seal: seals.abisSeal, clock, log })
    this.abis = { abis, broker, kv }
  }

  async haltKiosk(): Promise<void> {
    const { kiosk } = this
    this.kiosk = undefined
    if (kiosk === undefined) return
    this.kioskDisk.off = true
    await this.clock.finish(kiosk.broker.close())
    await this.clock.finish(kiosk.follower.stop())
    await this.clock.finish(kiosk.store.close())
  }

  async haltAbis(): Promise<void> {
    const { abis } = this
    this.abis = undefined
    if (abis === undefined) return
    this.abisDisk.off = true
    await this.clock.finish(abis.broker.close())
    await this.clock.finish(abis.abis.stop())
    await this.clock.finish(abis.kv.close())
  }

  /** Whoever has lost its power has it again. */
  async powerUp(): Promise<void> {
    if (this.kioskDisk.off) await this.haltKiosk()
    if (this.abisDisk.off) await this.haltAbis()
    if (this.kiosk === undefined) await this.bootKiosk()
    if (this.abis === undefined) await this.bootAbis()
  }

  /** The ABIS is set back to what it was. */
  async restoreAbis(backup: PluggedDisk['database']): Promise<void> {
    await this.haltAbis()
    this.abisDisk.database = backup.copy()
    const kv = openMemoryKv(this.abisDisk.database)
    await noteRestored(kv, this.clock.nowMs())
    await kv.close()
    await this.bootAbis()
  }

  /** Whoever was enrolled and decided on before the ABIS starts. Returns their ids, in order. */
  async stock(region: string, count: number, fingers = 1): Promise<string[]> {
    const ids: string[] = []
    const kv = openMemoryKv(this.abisDisk.database)
    for (let person = 0; person < count; person++) {
      const id = v7({ msecs: this.clock.nowMs() })
      const at = new Date(this.clock.nowMs()).toISOString()
      const sequence = ++this.sequence
      const record: AbisRecord = {
        id,
        kiosk: MAKER,
        sequence,
        bootEpoch: '0123456789abcdef',
        sha256: '0'.repeat(64),
        nik: nikIn(region, sequence),
        capturedAt: at,
        receivedAt: at,
        fingers: fingersOf(sequence, fingers),
        outcome: { status: 'PRINT_READY_RECORD', at, seq: 1 },
      }
      await kv.write([{ put: keyOf.record(id), value: encodeValue(record) }])
      ids.push(id)
    }
    return ids.sort()
  }

  /** Somebody is enrolled at another kiosk. Returns the record's id; undefined: the ABIS did not take it. */
  async enrol(nik: string, { fingers = 2, seed = ++this.sequence, supersedes = '' } = {}) {
    const id = v7({ msecs: this.clock.nowMs() })
    const at = new Date(this.clock.nowMs()).toISOString()
    const captured = fingersOf(seed, fingers)
    const { body } = await this.maker.kioskSeal.sealSubmission({
      id,
      kiosk: MAKER,
      sequence: ++this.sequence,
      bootEpoch: '0123456789abcdef',
      modality: 'finger',
      nik,
      capturedAt: at,
      consent: { at, version: '1', language: 'id' },
      fingers: captured.length > 0 ? captured : [{ position: 1, exception: 'missing' }],
      hints: [],
      ...(supersedes && { supersedes }),
    })
    try {
      await this.clock.finish(this.abis!.abis.importer.submission(MAKER, body))
      await this.clock.finish(this.abis!.abis.settled())
      return id
    } catch (error) {
      if (error instanceof KioskError && error.code === 'kv/io') return undefined
      throw error
    }
  }

  async withdraw(id: string): Promise<void> {
    const at = new Date(this.clock.nowMs()).toISOString()
    const event = { id, event: 'consent-withdrawn', at } as const
    const { body } = await this.maker.kioskSeal.sealRecordEvent(event)
    await this.clock.finish(this.abis!.abis.importer.recordEvent(MAKER, body)).catch(ifCut)
  }

  /** Operations push a scope; `isTaken`: the kiosk goes by it. */
  async push(scope: string[], { version = ++this.version, isTaken = true } = {}): Promise<void> {
    const value = { version, settings: { gallery: { scope } } }
    const body = Buffer.from(JSON.stringify({ type: 'config', from: 'ops', to: KIOSK, value }))
    const message = { topic: kioskTopic(KIOSK, 'config/desired'), body, qos: 1, retain: true } as const
    await this.clock.finish(this.operations.publish(message)).catch(ifOffline)
    if (!isTaken) return
    this.wanted.scope = scope
    this.kiosk?.follower.wantedChanged()
  }

  /** Ids of those whom the kiosk holds, in order. */
  async held(): Promise<string[]> {
    return Object.keys(await sentTo(this.kiosk!.store)).sort()
  }

  async end(): Promise<void> {
    await this.haltKiosk()
    await this.haltAbis()
    await this.clock.finish(this.operations.close())
  }
}

/** Of nobody. */
function fingersOf(seed: number, count: number) {
  const random = randomFrom(seed)
  return Array.from({ length: count }, (_, index) => {
    const position = index + 1
    const view = { position, impression: 0, quality: 80, template: randomTemplate(random, 40) }
    const template = Buffer.from(writeInterchange(view, 'iso2005')).toString('base64')
    return { position, impression: 0, quality: 80, attempts: 1, forced: false, template }
  })
}

function ifCut(error: unknown): void {
  if (!(error instanceof KioskError) || error.code !== 'kv/io') throw error
}

function ifOffline(error: unknown): void {
  if (!(error instanceof KioskError) || !error.code.startsWith('broker/')) throw error
}
