/**
 * Composition root of the kiosk: the only place where its parts meet. Everything below takes what it
 * needs as parameters; here they get the system's clock, the disk, the network and the keys.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Machine } from '../firmware/update/ports.ts'
import type { Board } from '../hal/board/board.ts'
import { checkMachine } from '../hal/board/check-machine.ts'
import { type BoardSurroundings, type OpenBoard, openBoard } from '../hal/board/open-board.ts'
import manifest from '../package.json' with { type: 'json' }
import type { Clock } from './base/clock.ts'
import { KioskError } from './base/errors.ts'
import { type Log, levelledLog } from './base/log.ts'
import { type RecentLog, recentLog } from './base/recent-log.ts'
import { folderDisk } from './config/disk.ts'
import { configFolder } from './config/folder.ts'
import type { Kept } from './config/kept.ts'
import { ConfigRunner, type ConfigRunnerParts } from './config/runner.ts'
import { VisitRunner } from './enrolment/runner.ts'
import type { Enrolled } from './enrolment/unattended.ts'
import { localEngine } from './finger/worker/local-engine.ts'
import type { SearchPool } from './finger/worker/search-pool.ts'
import { WorkerEngine } from './finger/worker/worker-engine.ts'
import { type AreaCheck, examine, type Patient } from './health/examine.ts'
import { RecentSamples } from './health/recent-samples.ts'
import { eraseKioskKeys, openKioskKeys } from './keys/file-key-store.ts'
import type { KioskKeys } from './keys/key-store.ts'
import { keyFolder } from './keys/layout.ts'
import { Attendant, type ImageEnrolment } from './kiosk/attendant.ts'
import { configurableKiosk, restartWhenIdle } from './kiosk/configurable.ts'
import { forgetter } from './kiosk/forgetter.ts'
import { LocalGallery } from './kiosk/local-gallery.ts'
import { Maintenance } from './kiosk/maintenance.ts'
import { operationsOf, taskPartsOf } from './kiosk/operations.ts'
import { keepRenewed } from './kiosk/renewal.ts'
import { takeCommands } from './kiosk/take-commands.ts'
import { takeUpdates } from './kiosk/updates.ts'
import { watchOver } from './kiosk/watch-over.ts'
import { watchScreen } from './kiosk/watch-screen.ts'
import { openLevelKv } from './kv/level.ts'
import type { Broker } from './mqtt/broker.ts'
import { connectBroker } from './mqtt/connect.ts'
import { ExchangeableBroker } from './mqtt/exchangeable-broker.ts'
import { CentreStatus } from './relay/centre-status.ts'
import { type Presence, stateMessage, tellPresence } from './relay/presence.ts'
import { Relay } from './relay/relay.ts'
import { openConfigSeal } from './seal/config-seal.ts'
import { openKioskSeal } from './seal/kiosk-seal.ts'
import type { KioskSeal } from './seal/seal.ts'
import type { Settings } from './settings/settings.ts'
import { fileHighWaterMark } from './store/high-water-mark.ts'
import { keepSwept } from './store/retention.ts'
import { type KioskStore, openStore } from './store/store.ts'
import type { Operations } from './ui/operations.ts'

/** For a technician's diagnostics. */
const LOG_LINES_MAX = 500

export interface KioskOptions {
  /** State folder: keys, store, mark. */
  readonly data: string
  readonly settings: Settings
  /** Takes configurations from operations: `settings` are then what `kept` says, over the own file `base`. */
  readonly configurations?: { readonly kept: Kept; readonly base: Settings }
  readonly clock: Clock
  readonly log: Log
  /** Its parts are opened; without one, only `enrolImages` works. */
  readonly board?: Board
  readonly simulation?: BoardSurroundings['simulation']
  /** The file that asks for a restart of the whole machine (`kiosk/machine-requests.ts`); left out: nobody watches for one. */
  readonly rebootRequest?: string
  /** It runs from a slot of an image, and takes others. */
  readonly machine?: Machine
  /** On a thread of its own, where a page is served at the same time. */
  readonly ownEngineThread?: boolean
}

export interface Kiosk {
  readonly name: string
  readonly store: KioskStore
  readonly seal: KioskSeal
  readonly relay: Relay
  readonly broker: Broker
  /** The visit at the kiosk's own sensor; absent without a board. */
  readonly visit?: VisitRunner
  readonly board?: OpenBoard
  /** What the kiosk's page may do; absent without a board. */
  readonly operations?: Operations
  /** A visit beside the one at the sensor, its fingers taken from images. One after the other. */
  enrolImages(enrolment: ImageEnrolment): Promise<Enrolled>
  /** What can be said of it without moving anything: what `tunggal doctor` prints. */
  examine(signal: AbortSignal): AsyncIterable<AreaCheck>
  /** Erases its keys, for good; then it must stop. Rejects with `io/unwritable`. */
  decommission(): Promise<void>
  /** Aborted where the kiosk has to stop by itself: its data key was erased. */
  readonly mustStop: AbortSignal
  /** Aborted where a configuration wants the kiosk to be closed and opened again. */
  readonly mustRestart: AbortSignal
  /** Lets writes end, then closes everything. May be called twice. */
  close(): Promise<void>
}

/** Rejects with `keys/missing`, `kv/locked`, `kv/io`, `config/bad-value`. A part that does not open is down, and is tried again. */
export async function openKiosk(options: KioskOptions): Promise<Kiosk> {
  const closers: (() => unknown)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  const current = { settings: options.settings }
  const told = levelledLog(options.log, () => current.settings.health.logLevel)
  const log = recentLog(told, { nowMs: () => options.clock.nowMs(), linesMax: LOG_LINES_MAX })
  try {
    return await compose({ ...options, log }, current, closers, close)
  } catch (error) {
    await close()
    throw error
  }
}

/** `current` has the settings that are in force, also where others come without a new beginning. */
async function compose(
  options: KioskOptions & { readonly log: RecentLog },
  current: { settings: Settings },
  closers: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Kiosk> {
  const { settings, clock, log } = options
  const keys = await openKioskKeys(keyFolder(options.data, 'kiosk'))
  if (keys.name !== settings.kiosk.id)
    throw new KioskError('config/bad-value', {
      where: 'kiosk.id',
      problem: `it must be ${keys.name}, the name in the certificate`,
    })
  const seal = openKioskSeal({ keys, clock })
  const store = await openKioskStore(options, keys)
  closers.push(() => store.close())
  const { configurations } = options
  await configurations?.kept.begin(configurations.base, new Date(clock.nowMs()).toISOString())
  const engine = options.ownEngineThread ? new WorkerEngine() : localEngine
  if (engine instanceof WorkerEngine) closers.push(() => engine.close())
  const gallery = await LocalGallery.open({ store, clock, ownThread: options.ownEngineThread })
  closers.push(() => gallery.close())
  const limits = settings.retention
  closers.push(keepSwept({ store, clock, log, limits, onErased: id => gallery.forget(id) }))

  const maintenance = await Maintenance.open(folderDisk(configFolder(options.data)))
  const { site, province, groups } = settings.kiosk
  const isOut = () => maintenance.isOn
  const presence = { version: manifest.version, site, province, groups, isInMaintenance: isOut }
  const broker = new ExchangeableBroker(connect(options, keys, presence))
  closers.push(() => broker.close())
  const relay = new Relay({ broker, store, seal, clock, log, settings: settings.relay, presence })
  await relay.start()
  closers.push(maintenance.onChange(() => tellPresence({ broker, clock, seal, presence })))
  const centre = new CentreStatus(log)
  await centre.follow(broker, keys.abis.name)
  closers.push(() => relay.stop())
  const wanted = () => current.settings.gallery
  const follower = await gallery.follow({ broker, seal, log, random, wanted })
  closers.push(() => follower.stop())

  const parts = { settings, engine, gallery, store, seal, clock, log, random: randomBytes }
  const board = options.board && (await openBoard(options.board, { clock, simulation: options.simulation }))
  if (board !== undefined) closers.push(() => board.close())
  const mustStop = new AbortController()
  const samples = new RecentSamples()
  const callStaff = () => log.warn('staff-called')
  const visit =
    board &&
    new VisitRunner({
      ...parts,
      sensor: board.sensor,
      printer: board.printer,
      callStaff,
      onSample: result => samples.add(result),
    })
  const screen = visit && options.machine && (await watchScreen({ visit, clock, log }))
  closers.push(() => screen?.stop())
  if (visit !== undefined) {
    closers.push(broker.onConnection(connection => visit.setOffline(connection === undefined)))
    closers.push(() => visit.close())
    if (board !== undefined)
      closers.push(
        await watchOver({
          options,
          keys,
          board,
          visit,
          samples,
          store,
          broker,
          mustStop,
          maintenance,
          screen,
          sentGallery: () => follower.state,
        }),
      )
  }

  let isIdle = true
  const threads = [engine, gallery.thread].filter(isThread)
  const forget = forgetter(threads, options, () => isIdle)
  if (visit !== undefined) {
    closers.push(
      visit.onView(({ step }) => {
        if (step === 'idle' && !isIdle) forget()
        isIdle = step === 'idle'
        if (!isIdle) for (const thread of threads) thread.prepare()
      }),
    )
  }
  const attendant = new Attendant({ ...parts, printer: board?.printer }, broker)
  closers.push(() => attendant.close())
  const mustRestart = new AbortController()
  const kiosk = configurableKiosk({
    broker,
    store,
    clock,
    attendant,
    visit,
    board,
    screen,
    connect: changed => connect({ ...options, settings: changed }, keys, presence),
    farewell: () => stateMessage(keys.name, 'offline', presence, clock.nowMs()),
    onSettings: changed => {
      current.settings = changed
      follower.wantedChanged()
    },
    restart: () => mustRestart.abort(),
  })
  if (configurations !== undefined)
    closers.push(await takeConfigurations({ ...configurations, broker, keys, clock, log, kiosk }))
  if (options.machine !== undefined) {
    const { data, machine } = options
    const inForce = () => current.settings
    closers.push(
      await takeUpdates({ data, machine, keys, broker, clock, log, kiosk, visit, settings: inForce }),
    )
  }
  const restart = () => restartWhenIdle(kiosk, () => current.settings)
  closers.push(
    keepRenewed({
      folder: keyFolder(options.data, 'kiosk'),
      clock,
      log,
      random,
      onRenewed: restart,
    }),
  )
  const look = async function* (signal: AbortSignal) {
    yield* examine(
      {
        ...patientOf({ ...options, settings: current.settings }, keys),
        store,
        parts: board?.parts,
        screen,
        wiring: options.board && (await checkMachine(options.board)),
        isLoggedIn: broker.connection !== undefined,
      },
      signal,
    )
  }
  const operationsParts = visit &&
    board && {
      visit,
      store,
      relay,
      centre,
      seal,
      board,
      engine,
      gallery,
      options: { ...options, inForce: () => current.settings },
      log,
      examine: look,
      forget,
      screen,
    }
  const tasks = operationsParts && taskPartsOf(operationsParts)
  closers.push(await takeCommands({ ...options, broker, keys, parts: tasks, maintenance, restart }))
  return {
    name: keys.name,
    store,
    seal,
    relay,
    broker,
    visit,
    board,
    operations: operationsParts && operationsOf(operationsParts),
    decommission: async () => {
      await eraseKioskKeys(keyFolder(options.data, 'kiosk'))
      mustStop.abort()
    },
    mustStop: mustStop.signal,
    mustRestart: mustRestart.signal,
    enrolImages: enrolment => attendant.enrol(enrolment).finally(forget),
    examine: look,
    close,
  }
}

/** What operations want is brought into the kiosk. Returns what ends that. */
async function takeConfigurations({
  keys,
  ...parts
}: Omit<ConfigRunnerParts, 'seal'> & { readonly keys: KioskKeys }): Promise<() => Promise<void>> {
  const runner = new ConfigRunner({ ...parts, seal: openConfigSeal({ keys, clock: parts.clock }) })
  await runner.start()
  return () => runner.stop()
}

type Thread = WorkerEngine | SearchPool

function isThread(part: object | undefined): part is Thread {
  return part !== undefined && 'prepare' in part
}

/** What a doctor may know of a kiosk, whether it runs or not. */
export function patientOf(
  { data, settings, clock }: Pick<KioskOptions, 'data' | 'settings' | 'clock'>,
  keys: KioskKeys | undefined,
): Patient {
  return {
    data,
    settings,
    nowMs: clock.nowMs(),
    tls: keys?.tls,
    certificates:
      keys === undefined
        ? []
        : [
            { whose: 'this kiosk', certificate: keys.certificate },
            { whose: 'the ABIS', certificate: keys.abis.certificate },
            { whose: 'the root', certificate: keys.root },
          ],
  }
}

/** Where the database is below a data folder. */
export function storeFolder(data: string): string {
  return join(data, 'store')
}

/** The store of a data folder, for the kiosk and for commands on what a kiosk keeps. Rejects with `kv/locked`, `kv/io`, `store/other-user`. */
export async function openKioskStore(
  { data, settings, clock, log }: Pick<KioskOptions, 'data' | 'settings' | 'clock' | 'log'>,
  keys: KioskKeys,
): Promise<KioskStore> {
  const folder = storeFolder(data)
  await requireOwner(data)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return openStore({
    kv: await openLevelKv(folder),
    clock,
    dataKey: keys.dataKey,
    indexKey: keys.indexKey,
    highWaterMark: fileHighWaterMark(join(data, 'high-water-mark')),
    limits: settings.store,
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(folder).catch(cause => {
        throw new KioskError('kv/io', {}, { cause })
      })
      return bavail * bsize
    },
    log,
    random: randomBytes,
  })
}

/** The database makes files whenever it is opened: made by somebody else, they would keep its kiosk out. */
async function requireOwner(data: string): Promise<void> {
  const owner = (await stat(data)).uid
  if (owner !== process.getuid?.())
    throw new KioskError('store/other-user', {
      why: `it belongs to user ${owner}: setpriv --reuid ${owner} --clear-groups tunggal …`,
    })
}

function connect({ settings, clock, log }: KioskOptions, keys: KioskKeys, presence: Presence): Broker {
  const { url, backoffMsMin, backoffMsMax, ...limits } = settings.broker
  return connectBroker({
    ...limits,
    url,
    clientId: keys.name,
    tls: url.startsWith('mqtts:') ? keys.tls : undefined,
    will: stateMessage(keys.name, 'offline', presence, clock.nowMs()),
    backoff: { backoffMsMin, backoffMsMax },
    clock,
    random,
    log,
  })
}

/** Uniform in [0, 1). From the system's generator, so that a thousand kiosks of one image do not agree. */
function random(): number {
  return randomBytes(6).readUIntBE(0, 6) / 2 ** 48
}
