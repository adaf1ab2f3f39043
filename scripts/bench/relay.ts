import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbisKeys, openKioskKeys } from '../../src/keys/file-key-store.ts'
import { keyFolder } from '../../src/keys/layout.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { openLevelKv } from '../../src/kv/level.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { Relay } from '../../src/relay/relay.ts'
import { openAbisSeal } from '../../src/seal/abis-seal.ts'
import { openKioskSeal } from '../../src/seal/kiosk-seal.ts'
import { defaultSettings } from '../../src/settings/settings.ts'
import { memoryHighWaterMark } from '../../src/store/high-water-mark.ts'
import { openStore } from '../../src/store/store.ts'
import { startPlainMosquitto } from '../../test/mqtt/plain-mosquitto.ts'
import { enrol, presence } from '../../test/relay/world.ts'
import { bundle } from '../../test/support/bundle.ts'
import { publishPlainly } from '../../test/support/plain-mqtt.ts'
import type { BenchContext } from '../bench.ts'
import { programFolder } from './program-folder.ts'

const PUBLISHES = 5_000
const BODY_BYTES = 11_000
/** Mosquitto's own Receive Maximum is 20, which mqtt.js ignores and we keep. */
const WINDOW = 64
const ROUNDS = 3
const RECORDS = 500

/**
 * Our connection beside plain mqtt.js (the same bytes, broker and window, in turn, best of `ROUNDS`), and the
 * whole way from outbox to receipt, the ABIS in a process of its own, beside enrolling (sealing and storing) and
 * opening alone. Through Mosquitto.
 */
export async function relay({ print, progress }: BenchContext): Promise<void> {
  const endings: (() => unknown)[] = []
  const teardown = (ending: () => unknown) => void endings.unshift(ending)
  try {
    const { url } = await startPlainMosquitto({ teardown }, [`max_inflight_messages ${WINDOW}`])
    progress('publishing')
    print(await publishing(url))
    progress('outbox to receipt')
    print(await outboxToReceipt(url, teardown))
  } finally {
    for (const ending of endings) await ending()
  }
}

async function publishing(url: string) {
  const options = { topic: 'bench', body: Buffer.alloc(BODY_BYTES, 'x'), count: PUBLISHES, window: WINDOW }
  let [plain, ours] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < ROUNDS; round++) {
    plain = Math.min(plain, await publishPlainly(url, options))
    ours = Math.min(ours, await publishOurs(url, options))
  }
  const perSecond = (seconds: number) => Math.round(PUBLISHES / seconds)
  return {
    bench: 'publish',
    plainPerSecond: perSecond(plain),
    relayPerSecond: perSecond(ours),
    ratio: round2(plain / ours),
  }
}

async function publishOurs(url: string, options: Parameters<typeof publishPlainly>[1]): Promise<number> {
  const broker = connect(url, 'bench')
  await new Promise<void>(resolve => broker.onConnection(connection => connection && resolve()))
  const { topic, body, count, window } = options
  const startedMs = performance.now()
  let next = 0
  const lane = async () => {
    while (next++ < count) await broker.publish({ topic, body, qos: 1 })
  }
  await Promise.all(Array.from({ length: window }, lane))
  const seconds = (performance.now() - startedMs) / 1000
  await broker.close()
  return seconds
}

async function outboxToReceipt(url: string, teardown: (ending: () => unknown) => void) {
  const clock = systemClock
  const data = await mkdtemp(join(tmpdir(), 'tunggal-bench-'))
  teardown(() => rm(data, { recursive: true }))
  await initDemoKeys(data, { clock })
  const keys = await openKioskKeys(keyFolder(data, 'kiosk'))
  const seal = openKioskSeal({ keys, clock })
  const store = await openStore({
    kv: await openLevelKv(join(data, 'store')),
    clock,
    dataKey: keys.dataKey,
    indexKey: keys.indexKey,
    highWaterMark: memoryHighWaterMark(),
    limits: defaultSettings.store,
    freeBytes: async () => 1e12,
    log: silentLog,
    random: size => crypto.getRandomValues(new Uint8Array(size)),
  })
  teardown(() => store.close())
  const sealStartedMs = performance.now()
  for (let person = 1; person <= RECORDS; person++) await enrol(store, seal, { person })
  const sealSeconds = (performance.now() - sealStartedMs) / 1000
  const openSeconds = await opening(data, await store.outbox.peek(RECORDS), keys.name)

  await startAbis(data, url, teardown)
  const broker = connect(url, keys.name)
  teardown(() => broker.close())
  const { relay: settings } = defaultSettings
  const relay = new Relay({ broker, store, seal, clock, log: silentLog, settings, presence })
  const startedMs = performance.now()
  await relay.start()
  await new Promise<void>(resolve => relay.onState(({ waiting }) => waiting === 0 && resolve()))
  const seconds = (performance.now() - startedMs) / 1000
  await relay.stop()
  const slower = Math.max(sealSeconds, openSeconds)
  return {
    bench: 'outbox to receipt',
    records: RECORDS,
    perSecond: Math.round(RECORDS / seconds),
    enrolPerSecond: Math.round(RECORDS / sealSeconds),
    openPerSecond: Math.round(RECORDS / openSeconds),
    ratio: round2(slower / seconds),
  }
}

/** In a process of its own: it is another machine's work. */
async function startAbis(data: string, url: string, teardown: (ending: () => unknown) => void) {
  const bin = await programFolder()
  teardown(() => rm(bin, { recursive: true }))
  const abis = fork(bundle('scripts/bench/abis-child.ts', bin), [data, url])
  const exit = once(abis, 'exit')
  teardown(async () => {
    abis.disconnect()
    await exit
  })
  await once(abis, 'message')
}

async function opening(
  data: string,
  entries: readonly { readonly body: Uint8Array }[],
  kiosk: string,
): Promise<number> {
  const seal = openAbisSeal({ keys: await openAbisKeys(keyFolder(data, 'abis')), clock: systemClock })
  const startedMs = performance.now()
  for (const { body } of entries) await seal.openSubmission(kiosk, body)
  return (performance.now() - startedMs) / 1000
}

function connect(url: string, clientId: string) {
  return connectBroker({
    url,
    clientId,
    backoff: { backoffMsMin: 50, backoffMsMax: 500 },
    clock: systemClock,
    random: Math.random,
    log: silentLog,
  })
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}
