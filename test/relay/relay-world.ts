import type { Log } from '../../src/base/log.ts'
import { openMemoryKv } from '../../src/kv/memory.ts'
import type { Message } from '../../src/mqtt/broker.ts'
import { MemoryBroker, type MemoryBrokerOptions } from '../../src/mqtt/memory-broker.ts'
import { anyKioskFilter, kioskTopic } from '../../src/mqtt/topics.ts'
import { Relay, type RelaySettings } from '../../src/relay/relay.ts'
import { memoryHighWaterMark } from '../../src/store/high-water-mark.ts'
import { openStore } from '../../src/store/store.ts'
import { dataKey, indexKey, limits } from '../store/fixture.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { plainSeals } from '../support/plain-seal.ts'
import { enrol, presence } from './world.ts'

export const settings: RelaySettings = {
  windowMax: 4,
  receiptTimeoutMs: 10_000,
  probeIntervalMs: 5_000,
  publishesMax: 3,
  outcomeAfterMs: 60_000,
}

let nextPerson = 1

/** A kiosk's store and relay before a broker in memory, and a centre that answers as it is told. */
export async function relayWorld(
  t: { teardown(ending: () => Promise<void>): void },
  {
    entriesMax = limits.entriesMax,
    relaySettings = {},
    ...options
  }: Partial<MemoryBrokerOptions> & { entriesMax?: number; relaySettings?: Partial<RelaySettings> } = {},
) {
  const clock = new ManualClock()
  const { kioskSeal, abisSeal } = plainSeals('kiosk-1', 'abis')
  const lines: string[] = []
  const note = (event: string) => void lines.push(event)
  const log: Log = { info: note, warn: note, error: note }
  const store = await openStore({
    kv: openMemoryKv(),
    clock,
    dataKey,
    indexKey,
    highWaterMark: memoryHighWaterMark(),
    limits: { ...limits, entriesMax },
    freeBytes: async () => 1e12,
    log,
    random: size => new Uint8Array(size),
  })
  const memory = new MemoryBroker({ clock, random: () => 0.5, ...options })
  /** Submissions that the broker was given. */
  const published: string[] = []
  const route = memory.route.bind(memory)
  memory.route = message => {
    if (message.topic.endsWith('/submission') && message.properties?.id) published.push(message.properties.id)
    return route(message)
  }
  const relayBroker = memory.connect(kioskSeal.kiosk)
  const relay = new Relay({
    broker: relayBroker,
    store,
    seal: kioskSeal,
    clock,
    log,
    settings: { ...settings, ...relaySettings },
    presence,
  })
  await relay.start()
  /** Submissions as the centre sees them. */
  const seen: string[] = []
  const centre = memory.connect(abisSeal.abis)
  let answers = (_id: string) => true
  const style = { times: 1, alsoFor: [] as string[] }
  const answer = async (message: Message) => {
    const id = message.properties?.id as string
    seen.push(id)
    if (!answers(id)) return
    const receipt = {
      id,
      sha256: message.properties?.sha256 as string,
      receivedAt: new Date(clock.nowMs()).toISOString(),
      highestContiguous: 0,
    }
    for (const id of [...Array<string>(style.times).fill(receipt.id), ...style.alsoFor]) {
      const { body } = await abisSeal.sealReceipt(kioskSeal.kiosk, { ...receipt, id })
      await centre.publish({ topic: kioskTopic(kioskSeal.kiosk, 'receipt'), body, qos: 1 })
    }
  }
  t.teardown(async () => {
    await clock.finish(relay.stop())
    await clock.finish(Promise.all([relayBroker.close(), centre.close()]))
    await store.close()
  })
  const people = async (count: number) => {
    const ids: string[] = []
    for (let n = 0; n < count; n++) ids.push((await enrol(store, kioskSeal, { person: nextPerson++ })).id)
    return ids
  }
  return {
    clock,
    store,
    relay,
    memory,
    centre,
    seen,
    lines,
    kioskSeal,
    abisSeal,
    people,
    published,
    listen: ({ times = 1, alsoFor }: { times?: number; alsoFor?: string } = {}) => {
      Object.assign(style, { times, alsoFor: alsoFor === undefined ? [] : [alsoFor] })
      return centre.subscribe(anyKioskFilter('submission'), answer)
    },
    answerOnly: (choose: (id: string) => boolean) => (answers = choose),
    pass: (durationMs: number) => clock.advance(durationMs),
  }
}
