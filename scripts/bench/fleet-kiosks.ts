import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock as clock } from '../../src/base/clock.ts'
import { silentLog as log } from '../../src/base/log.ts'
import { FleetView } from '../../src/fleet/fleet-view.ts'
import { openSigningKeys } from '../../src/keys/file-key-store.ts'
import { initDemoKeys, issueKiosk } from '../../src/keys/make-keys.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { openOpsSeal } from '../../src/seal/config-seal.ts'
import { type PlainMosquitto, startPlainMosquitto } from '../../test/mqtt/plain-mosquitto.ts'
import { bundle } from '../../test/support/bundle.ts'
import type { BenchContext } from '../bench.ts'
import { Generators } from '../fleet/generators.ts'
import { IntakeWriter } from '../fleet/intake-writer.ts'
import { programFolder } from './program-folder.ts'

const STARTS_A_SECOND = 150
/** Every wait before connecting again is anywhere below this: 10,000 kiosks come back at 167 a second. */
const SPREAD_MS = 60_000
const ENROLMENTS_A_SECOND = 50
const ENROLMENTS = 3_000
const OUTAGE_MS = 2_000
const PUBLISHES_MAX = 50
const WAIT_MS = 600_000
const REPORTED_SHARE = 0.999

export interface FleetSize {
  readonly kiosks: number
  /** So many have a certificate of their own, and enrol. */
  readonly ownKeys: number
  readonly isTls: boolean
}

/**
 * Kiosks that are light (no parts, no engine) and else the real ones, in as many processes as there are processors, on
 * one Mosquitto: connecting, enrolling with receipts and outcomes, a configuration to all, a restart of the broker.
 */
export async function fleetKiosks(context: BenchContext, size: FleetSize): Promise<void> {
  const closers: (() => unknown)[] = []
  const teardown = (close: () => unknown) => closers.push(close)
  const bin = await programFolder()
  teardown(() => rm(bin, { recursive: true }))
  // What ten thousand cards would keep is kept in memory: one disk is not what is measured.
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tunggal-bench-'))
  teardown(() => rm(folder, { recursive: true }))
  try {
    const names = Array.from({ length: size.kiosks }, (_, n) => `kiosk-${String(n).padStart(5, '0')}`)
    const keys = await makeKeys(folder, names.slice(0, size.ownKeys), context)
    const mosquitto = await startPlainMosquitto({ teardown } as never, brokerLines(keys, size))
    const url = size.isTls ? mosquitto.url.replace('mqtt:', 'mqtts:') : mosquitto.url
    const writer = await IntakeWriter.open(
      bundle('scripts/fleet/intake-worker.ts', join(bin, 'worker')),
      join(folder, 'writer'),
    )
    teardown(() => writer.close())
    writer.startWorker(url, join(keys, 'abis'))
    const processes = Math.max(1, Math.min(4, cpus().length))
    const generators = new Generators(
      bundle('scripts/fleet/generator.ts', join(bin, 'generator')),
      shares(names, processes).map((names, index) => ({
        names,
        // Each process enrols at some of its kiosks: the first of the fleet have the keys.
        ownKeys: names.filter((_, n) => n * processes + index < size.ownKeys).length,
        keys,
        data: join(folder, 'kiosks'),
        url,
        startsPerSecond: STARTS_A_SECOND / processes,
        firstPerson: index * 10_000_000,
        settings: {
          broker: { backoffMsMin: SPREAD_MS, backoffMsMax: SPREAD_MS },
          probation: { goodMs: 5_000, limitMs: 900_000 },
        },
      })),
    )
    teardown(() => generators.kill())
    await measure(context, size, { names, keys, url, mosquitto, generators, writer })
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

/** Dealt like cards, so that those with keys of their own are in every process. */
function shares(names: readonly string[], count: number): string[][] {
  return Array.from({ length: count }, (_, index) => names.filter((_, n) => n % count === index))
}

async function makeKeys(
  folder: string,
  names: readonly string[],
  { progress }: BenchContext,
): Promise<string> {
  await initDemoKeys(folder, { clock })
  const keys = join(folder, 'keys')
  for (const [index, name] of names.entries()) {
    if (index % 50 === 0) progress(`keys: ${index} of ${names.length}`)
    await issueKiosk(join(keys, 'kiosk-ca'), { name, out: join(keys, name), clock })
  }
  return keys
}

function brokerLines(keys: string, { isTls }: FleetSize): readonly string[] {
  const broker = join(keys, 'broker')
  return [
    'max_queued_messages 200000',
    'max_queued_bytes 1000000000',
    'max_inflight_messages 100',
    ...(isTls
      ? [
          `cafile ${broker}/ca.pem`,
          `certfile ${broker}/certificate.pem`,
          `keyfile ${broker}/key.pem`,
          'require_certificate true',
        ]
      : []),
  ]
}

interface World {
  readonly names: readonly string[]
  readonly keys: string
  readonly url: string
  readonly mosquitto: PlainMosquitto
  readonly generators: Generators
  readonly writer: IntakeWriter
}

async function measure({ print, progress }: BenchContext, { isTls }: FleetSize, world: World): Promise<void> {
  const { names, generators, writer } = world
  const line = isTls ? 'TLS' : 'TCP'
  const all = names.length
  const look = (what: string) => (state: { connected: number; printReady: number }) =>
    progress(`${what}: ${state.connected} of ${all} connected, ${state.printReady} print-ready`)
  const print1 = (what: string, values: Record<string, string | number>) =>
    print({ line, kiosks: all, what, ...values })

  const startMs = performance.now()
  const up = await generators.until(({ connected }) => connected === all, WAIT_MS, look('connecting'))
  if (up === undefined) throw new Error(`not all connected: ${JSON.stringify(await generators.state())}`)
  print1('connected', {
    seconds: since(startMs),
    generatorRssMib: up.rssMib,
    generatorCpuSeconds: Math.round(up.cpuSeconds),
    brokerRssMib: await rssMib(world.mosquitto.pid),
  })

  const enrolMs = performance.now()
  generators.enrol(ENROLMENTS_A_SECOND, ENROLMENTS)
  const done = await generators.until(
    ({ printReady, waiting }) => printReady >= ENROLMENTS && waiting === 0,
    WAIT_MS,
    look('enrolling'),
  )
  const after = done ?? (await generators.state())
  print1('enrolments with outcomes', {
    enrolled: after.enrolled,
    printReady: after.printReady,
    held: await writer.count(),
    seconds: since(enrolMs),
    perSecond: Math.round((10 * after.printReady) / since(enrolMs)) / 10,
    generatorCpuSeconds: Math.round(after.cpuSeconds - up.cpuSeconds),
    workerCpuSeconds: Math.round(writer.workerCpuSeconds),
  })
  print1('a configuration to all', await configure(world, progress))
  print1('broker restarted', await restart(world, look('coming back')))
}

/** Sealed for each kiosk, and reported by it: the real thing on both sides. */
async function configure({ names, keys, url }: World, progress: (text: string) => void) {
  const opsKeys = await openSigningKeys(join(keys, 'ops'), 'ops')
  const seal = openOpsSeal({ keys: opsKeys, clock })
  const tls = url.startsWith('mqtts:') ? opsKeys.tls : undefined
  const backoff = { backoffMsMin: 100, backoffMsMax: 1_000 }
  const broker = connectBroker({ url, clientId: seal.ops, tls, backoff, clock, random: Math.random, log })
  const view = await FleetView.open({ broker, seal, clock, log })
  await view.settled({ timeoutMs: WAIT_MS, signal: new AbortController().signal })
  const startMs = performance.now()
  let next = 0
  const lane = async () => {
    while (next < names.length) {
      const kiosk = names[next++]
      const { body } = await seal.sealConfig(kiosk, { version: 1, settings: { capture: { attemptsMax: 2 } } })
      await broker.publish({ topic: kioskTopic(kiosk, 'config/desired'), body, qos: 1, retain: true })
    }
  }
  const sent = Promise.all(Array.from({ length: PUBLISHES_MAX }, lane)).then(() => since(startMs))
  const applied = () =>
    [...view.kiosks.values()].flatMap(({ reported }) =>
      reported?.version === 1 && reported.state === 'applied' ? [reported] : [],
    )
  const reported = () => applied().length
  let shareSeconds: number | undefined
  while (reported() < names.length && performance.now() - startMs < WAIT_MS) {
    if (reported() >= REPORTED_SHARE * names.length) shareSeconds ??= since(startMs)
    progress(`configuration: ${reported()} of ${names.length}`)
    await sleep(250)
  }
  const figures = {
    sentSeconds: await sent,
    shareSeconds: shareSeconds ?? since(startMs),
    reported: reported(),
    allSeconds: since(startMs),
  }
  // A fleet on probation looks at itself every second, which is not what is measured next.
  const confirmed = () => applied().filter(({ confirmed }) => confirmed).length
  while (confirmed() < names.length && performance.now() - startMs < WAIT_MS) {
    progress(`configuration: ${confirmed()} of ${names.length} kept`)
    await sleep(250)
  }
  await broker.close()
  return { ...figures, keptSeconds: since(startMs) }
}

async function restart({ names, mosquitto, generators }: World, onLook: (state: never) => void) {
  await generators.attempts()
  await mosquitto.stop()
  await sleep(OUTAGE_MS)
  await mosquitto.start()
  const startMs = performance.now()
  const back = await generators.until(({ connected }) => connected === names.length, WAIT_MS, onLook as never)
  const { count, perSecondMax } = await generators.attempts()
  return {
    seconds: since(startMs),
    connected: (back ?? (await generators.state())).connected,
    attempts: count,
    attemptsPerSecondMax: perSecondMax,
  }
}

function since(startMs: number): number {
  return Math.round((performance.now() - startMs) / 100) / 10
}

async function rssMib(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
}
