/**
 * The page of operations with ten thousand kiosks on one Mosquitto: how long until it knows them all, what it takes of
 * memory, and how fast it answers while every kiosk tells how it is once a minute. Kiosks are retained topics, and words
 * on them: what is measured is broker and page.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'tsup'
import { systemClock as clock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openSigningKeys } from '../../src/keys/file-key-store.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import type { Broker } from '../../src/mqtt/broker.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { abisStatusTopic, type KioskTopicName, kioskTopic } from '../../src/mqtt/topics.ts'
import { openOpsSeal } from '../../src/seal/config-seal.ts'
import type { OpsSeal } from '../../src/seal/seal.ts'
import { startPlainMosquitto } from '../../test/mqtt/plain-mosquitto.ts'
import { bundle } from '../../test/support/bundle.ts'
import type { BenchContext } from '../bench.ts'
import { fleetPageBuild } from '../page-build.ts'
import { programFolder } from './program-folder.ts'

const KIOSKS = 10_000
const TELEMETRY_A_SECOND = KIOSKS / 60
const PUBLISHES_MAX = 50
const ROUNDS = 40
const WAIT_MS = 300_000

export async function fleetPage({ print, progress }: BenchContext): Promise<void> {
  const closers: (() => unknown)[] = []
  const teardown = (close: () => unknown) => closers.push(close)
  const folder = await programFolder()
  teardown(() => rm(folder, { recursive: true }))
  try {
    const data = join(folder, 'data')
    await initDemoKeys(data, { clock })
    const program = bundle('src/cli/main.ts', join(folder, 'bin'))
    await build({ ...fleetPageBuild, outDir: join(folder, 'bin/fleet-page'), config: false, silent: true })
    const { url } = await startPlainMosquitto({ teardown } as never, [
      'max_queued_messages 200000',
      'max_queued_bytes 1000000000',
    ])
    const world = connectBroker({
      url,
      clientId: 'the-world',
      backoff: { backoffMsMin: 50, backoffMsMax: 500 },
      clock,
      random: Math.random,
      log: silentLog,
    })
    teardown(() => world.close())
    await connected(world)
    const seal = openOpsSeal({ keys: await openSigningKeys(join(data, 'keys/ops'), 'ops'), clock })
    await speak(world, seal, progress)

    const password = await addUser(program, data)
    const serve = spawn(
      process.execPath,
      [program, 'fleet', 'serve', '--data', data, '--broker', url, '--port', '0', '--json'],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
    teardown(() => end(serve))
    const startMs = performance.now()
    const [line] = (await once(serve.stdout as NonNullable<typeof serve.stdout>, 'data')) as [Buffer]
    const page = new Page(String(JSON.parse(line.toString()).url))
    await page.login(password)
    await page.until(
      async () => (await page.get<{ fleet: { kiosks: number } }>('overview')).fleet.kiosks >= KIOSKS,
    )
    const knownSeconds = (performance.now() - startMs) / 1000
    const stopTelling = tell(world)
    teardown(stopTelling)
    const times: Record<string, number[]> = {}
    for (let round = 0; round < ROUNDS; round++) {
      progress(`answers: ${round} of ${ROUNDS}`)
      for (const path of [
        'overview',
        'kiosks?limit=50&trouble=any',
        'backlog?by=kiosk',
        'history?hours=24',
        `kiosk?id=${name(round)}`,
        'metrics',
      ]) {
        const beforeMs = performance.now()
        await page.text(path)
        const key = path.split('?')[0]
        times[key] = [...(times[key] ?? []), performance.now() - beforeMs]
      }
      await sleep(250)
    }
    const rssMib = await rssOf(serve)
    for (const [path, values] of Object.entries(times)) {
      const sorted = values.sort((a, b) => a - b)
      print({
        path,
        kiosks: KIOSKS,
        p50Ms: rounded(sorted[Math.floor(sorted.length / 2)]),
        p95Ms: rounded(sorted[Math.floor(sorted.length * 0.95)]),
      })
    }
    print({
      kiosks: KIOSKS,
      knownSeconds: rounded(knownSeconds),
      rssMib,
      telemetryPerSecond: rounded(TELEMETRY_A_SECOND),
    })
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

/** What ten thousand kiosks and an ABIS have said, kept by the broker. */
async function speak(world: Broker, seal: OpsSeal, progress: (text: string) => void): Promise<void> {
  const say = (kiosk: string, topic: KioskTopicName, words: object) =>
    world.publish({
      topic: kioskTopic(kiosk, topic),
      body: Buffer.from(JSON.stringify(words)),
      qos: 1,
      retain: true,
    })
  let next = 0
  const lane = async () => {
    while (next < KIOSKS) {
      const number = next++
      if (number % 500 === 0) progress(`kiosks: ${number} of ${KIOSKS}`)
      const kiosk = name(number)
      await say(kiosk, 'state', stateOf(number))
      await say(kiosk, 'telemetry', telemetryOf(number))
      await say(kiosk, 'config/reported', {
        version: 1,
        state: 'applied',
        errors: [],
        at: now(),
        running: 1,
        confirmed: true,
        settings: { capture: { attemptsMax: 2 }, kiosk: { id: kiosk } },
      })
      const { body } = await seal.sealConfig(kiosk, { version: 1, settings: { capture: { attemptsMax: 2 } } })
      await world.publish({ topic: kioskTopic(kiosk, 'config/desired'), body, qos: 1, retain: true })
    }
  }
  await Promise.all(Array.from({ length: PUBLISHES_MAX }, lane))
  const byKiosk = Object.fromEntries(
    Array.from({ length: KIOSKS }, (_, number) => [
      name(number),
      { received: 450, sfe: number % 7, prr: 440, missing: 0, oldestSfeAt: now() },
    ]),
  )
  const status = {
    abis: 'abis-1',
    at: now(),
    received: 4_500_000,
    sfe: 30_000,
    prr: 4_400_000,
    duplicate: 40_000,
    adjudicate: 20_000,
    failed: 10_000,
    perSecond: 50,
    byKiosk,
  }
  await world.publish({
    topic: abisStatusTopic('abis-1'),
    body: Buffer.from(JSON.stringify(status)),
    qos: 1,
    retain: true,
  })
}

/** Every kiosk once a minute, until the returned function is called. */
function tell(world: Broker): () => void {
  let number = 0
  const timer = setInterval(() => {
    for (let count = 0; count < TELEMETRY_A_SECOND / 10; count++) {
      number = (number + 1) % KIOSKS
      const body = Buffer.from(JSON.stringify(telemetryOf(number)))
      world
        .publish({ topic: kioskTopic(name(number), 'telemetry'), body, qos: 0, retain: true })
        .catch(() => {})
    }
  }, 100)
  return () => clearInterval(timer)
}

class Page {
  private cookie = ''

  constructor(private readonly url: string) {}

  async login(password: string): Promise<void> {
    const response = await fetch(`${this.url}login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: this.url.slice(0, -1) },
      body: JSON.stringify({ name: 'bench', password }),
    })
    this.cookie = String(response.headers.get('set-cookie')).split(';')[0]
  }

  async text(path: string): Promise<string> {
    const response = await fetch(`${this.url}${path}`, { headers: { cookie: this.cookie } })
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
    return await response.text()
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.text(path)) as T
  }

  async until(condition: () => Promise<boolean>): Promise<void> {
    const endMs = performance.now() + WAIT_MS
    while (!(await condition())) {
      if (performance.now() > endMs) throw new Error(`it took longer than ${WAIT_MS} ms`)
      await sleep(200)
    }
  }
}

async function addUser(program: string, data: string): Promise<string> {
  const child = spawn(process.execPath, [
    program,
    'fleet',
    'user',
    'add',
    'bench',
    '--role',
    'viewer',
    '--data',
    data,
    '--json',
  ])
  let out = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  await once(child, 'close')
  return String(JSON.parse(out).password)
}

async function connected(broker: Broker): Promise<void> {
  while (broker.connection === undefined) await sleep(20)
}

async function rssOf({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  await exit
}

const name = (number: number) => `kiosk-${String(number).padStart(5, '0')}`
const now = () => new Date().toISOString()
const rounded = (value: number) => Math.round(value * 10) / 10

function stateOf(number: number): object {
  return {
    state: number % 50 === 0 ? 'offline' : 'online',
    since: now(),
    version: '1.0.0',
    site: `Kantor Dukcapil ${number % 514}`,
    province: String(11 + (number % 38)),
    groups: [`g${number % 38}`],
  }
}

function telemetryOf(number: number): object {
  return {
    at: now(),
    version: '1.0.0',
    uptimeSeconds: 86_400,
    outbox: { waiting: number % 5, events: 0, setAside: 0, ...(number % 5 > 0 && { oldestAt: now() }) },
    store: { level: 'ok', limitedBy: 'entries', fraction: 0.01, findings: 0 },
    parts: ['fingerprint', 'receipt', 'presence', 'lamp'].map(part => ({
      name: part,
      kind: part,
      up: number % 40 > 0 || part !== 'receipt',
    })),
    limits: [],
    staffCalled: false,
    memoryMib: 120,
    lastEnrolledAt: now(),
    certificateUntil: new Date(Date.now() + 300 * 86_400_000).toISOString(),
    samples: { count: 200, scoreMean: 60, goodFraction: 0.8 },
  }
}
