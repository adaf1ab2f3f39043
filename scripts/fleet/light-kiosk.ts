import { randomBytes } from 'node:crypto'
import { v7 } from 'uuid'
import { aborted } from '../../src/base/aborted.ts'
import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { Log } from '../../src/base/log.ts'
import { openConfigFolder } from '../../src/config/folder.ts'
import type { Kept } from '../../src/config/kept.ts'
import { ConfigRunner } from '../../src/config/runner.ts'
import type { KioskKeys } from '../../src/keys/key-store.ts'
import { configurableKiosk } from '../../src/kiosk/configurable.ts'
import { MemoryDisk, openMemoryKv } from '../../src/kv/memory.ts'
import type { Broker } from '../../src/mqtt/broker.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { ExchangeableBroker } from '../../src/mqtt/exchangeable-broker.ts'
import { fingerPositions } from '../../src/record/finger-position.ts'
import { parseNik } from '../../src/record/nik.ts'
import type { KioskRecord } from '../../src/record/record.ts'
import { stateMessage } from '../../src/relay/presence.ts'
import { Relay } from '../../src/relay/relay.ts'
import { openConfigSeal } from '../../src/seal/config-seal.ts'
import { openKioskSeal } from '../../src/seal/kiosk-seal.ts'
import type { KioskSeal } from '../../src/seal/seal.ts'
import type { Settings } from '../../src/settings/settings.ts'
import { type Mark, memoryHighWaterMark } from '../../src/store/high-water-mark.ts'
import { type KioskStore, openStore } from '../../src/store/store.ts'

export interface LightKioskOptions {
  readonly keys: KioskKeys
  /** State folder: configurations are kept here, on the disk. */
  readonly data: string
  /** Its own file. */
  readonly base: Settings
  readonly clock: Clock
  readonly log: Log
  /** A record's status changed. */
  readonly onRecord?: (record: KioskRecord) => void
}

/** Of about forty minutiae. */
const TEMPLATE_BYTES = 280

const nobody = { isIdle: true, onIdle: () => () => {}, setSettings: () => {} }

/**
 * A kiosk without parts, engine and page: connection, seals, relay, store (in memory) and all that has to do with its
 * configuration are the real ones. Hundreds fit into one process.
 */
export class LightKiosk {
  private readonly stopping = new AbortController()
  private readonly disk = new MemoryDisk()
  private readonly mark: { mark?: Mark } = {}
  private living: Promise<void> = Promise.resolve()
  private opened:
    | { readonly broker: Broker; readonly store: KioskStore; readonly seal: KioskSeal }
    | undefined

  private constructor(
    private readonly options: LightKioskOptions,
    private readonly keys: KioskKeys,
    private readonly kept: Kept,
  ) {}

  static async start(options: LightKioskOptions): Promise<LightKiosk> {
    const { keys, log, clock } = options
    const kept = await openConfigFolder(options.data, { log, at: now(clock) })
    const kiosk = new LightKiosk(options, keys, kept)
    kiosk.living = kiosk.live()
    return kiosk
  }

  get name(): string {
    return this.keys.name
  }

  get isConnected(): boolean {
    return this.opened?.broker.connection !== undefined
  }

  /** How many submissions wait for a receipt. */
  get waiting(): number {
    return this.opened?.store.outbox.count ?? 0
  }

  /** A record of ten fingers whose templates are noise: as long as real ones, and made by no engine. */
  async enrol(person: number): Promise<void> {
    if (this.opened === undefined) throw new KioskError('hal/not-open')
    const { store, seal } = this.opened
    const { clock } = this.options
    const id = v7()
    const at = now(clock)
    const citizen = nikOf(person)
    const fingers = fingerPositions.map(position => {
      const template = randomBytes(TEMPLATE_BYTES).toString('base64')
      return { position, impression: 0, quality: 80, attempts: 1, forced: false, template }
    })
    await store.enrol({
      id,
      nik: citizen,
      capturedAt: at,
      fingers: [],
      fingersForced: 0,
      seal: numbers =>
        seal.sealSubmission({
          id,
          kiosk: seal.kiosk,
          modality: 'finger',
          nik: citizen,
          capturedAt: at,
          consent: { at, version: '1', language: 'id' },
          fingers,
          hints: [],
          ...numbers,
        }),
    })
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.living
  }

  /** As `tunggal run`: until it is stopped, and from the beginning whenever a configuration wants that. */
  private async live(): Promise<void> {
    const { base, clock } = this.options
    await this.kept.live({
      base,
      clock,
      why: String,
      live: async settings => {
        const mustRestart = new AbortController()
        const closers: (() => unknown)[] = []
        await this.open(settings, () => mustRestart.abort(), closers)
        await aborted(AbortSignal.any([this.stopping.signal, mustRestart.signal]))
        for (const closer of closers.reverse()) await closer()
        return this.stopping.signal.aborted ? 'stopped' : 'restart'
      },
    })
  }

  private async open(settings: Settings, restart: () => void, closers: (() => unknown)[]): Promise<void> {
    const { keys, kept } = this
    const { base, clock, log } = this.options
    const store = await openStore({
      kv: openMemoryKv(this.disk),
      clock,
      dataKey: keys.dataKey,
      indexKey: keys.indexKey,
      highWaterMark: memoryHighWaterMark(this.mark),
      limits: settings.store,
      log,
      random: randomBytes,
    })
    closers.push(() => store.close())
    if (this.options.onRecord !== undefined) closers.push(store.onRecord(this.options.onRecord))
    await kept.begin(base, now(clock))
    const broker = new ExchangeableBroker(this.connect(settings))
    closers.push(() => broker.close())
    const presence = presenceOf(settings)
    const seal = openKioskSeal({ keys, clock })
    this.opened = { broker, store, seal }
    const relay = new Relay({
      broker,
      store,
      seal,
      clock,
      log,
      settings: settings.relay,
      presence,
    })
    await relay.start()
    closers.push(() => relay.stop())
    const kiosk = configurableKiosk({
      broker,
      store,
      clock,
      attendant: nobody,
      connect: changed => this.connect(changed),
      farewell: () => stateMessage(keys.name, 'offline', presence, clock.nowMs()),
      onSettings: () => {},
      restart,
    })
    const runner = new ConfigRunner({
      kept,
      base,
      broker,
      seal: openConfigSeal({ keys, clock }),
      clock,
      log,
      kiosk,
    })
    await runner.start()
    closers.push(() => runner.stop())
  }

  private connect(settings: Settings): Broker {
    const { clock, log } = this.options
    const { url, backoffMsMin, backoffMsMax, ...limits } = settings.broker
    const { name, tls } = this.keys
    return connectBroker({
      ...limits,
      url,
      clientId: name,
      tls: url.startsWith('mqtts:') ? tls : undefined,
      will: stateMessage(name, 'offline', presenceOf(settings), clock.nowMs()),
      backoff: { backoffMsMin, backoffMsMax },
      clock,
      random: Math.random,
      log,
    })
  }
}

const nikOf = (person: number) => parseNik(String(3171011708850001 + person))

function presenceOf({ kiosk: { site, province, groups } }: Settings) {
  return { version: '0-light', site, province, groups }
}

function now(clock: Clock): string {
  return new Date(clock.nowMs()).toISOString()
}
