/**
 * A process full of light kiosks, told by its parent what to do (`generators.ts`). Those with keys of their own can
 * enrol; the others share one kiosk's keys under names of their own, which is all that configurations need.
 */
import { mkdir } from 'node:fs/promises'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock as clock } from '../../src/base/clock.ts'
import { silentLog as log } from '../../src/base/log.ts'
import { openKioskKeys } from '../../src/keys/file-key-store.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import type { GeneratorOptions, GeneratorOrder, GeneratorState } from './generators.ts'
import { LightKiosk } from './light-kiosk.ts'

const TICK_MS = 50

/** When each connection was begun, with or without TLS, also those that came to nothing. */
let attemptsMs: number[] = []
const { connect } = Socket.prototype
Socket.prototype.connect = function (this: Socket, ...words: unknown[]) {
  attemptsMs.push(Date.now())
  return (connect as (...words: unknown[]) => Socket).apply(this, words)
} as typeof connect

const options = JSON.parse(process.argv[2]) as GeneratorOptions
const kiosks: LightKiosk[] = []
/** Records that have their outcome; it may be told more than once. */
const printReady = new Set<string>()
let [enrolled, people] = [0, options.firstPerson]

async function startAll(): Promise<void> {
  const { names, keys, data, url, ownKeys, startsPerSecond, settings } = options
  const shared = await openKioskKeys(join(keys, 'kiosk'))
  const startMs = performance.now()
  for (const [index, name] of names.entries()) {
    const dueMs = startMs + (index * 1000) / startsPerSecond
    if (dueMs > performance.now()) await sleep(dueMs - performance.now())
    const folder = join(data, name)
    await mkdir(folder, { recursive: true })
    const own = index < ownKeys ? await openKioskKeys(join(keys, name)) : { ...shared, name }
    const base = settingsSchema.parse({
      ...settings,
      kiosk: { id: name, groups: ['bench'] },
      broker: { ...(settings.broker as object), url },
    })
    const onRecord = ({ id, status }: { id: string; status: string }) => {
      if (status === 'PRINT_READY_RECORD') printReady.add(id)
    }
    kiosks.push(await LightKiosk.start({ keys: own, data: folder, base, clock, log, onRecord }))
  }
}

/** Evenly over time, one kiosk after the other. */
async function enrol({ perSecond, count }: { perSecond: number; count: number }): Promise<void> {
  const startMs = performance.now()
  const underWay = new Set<Promise<void>>()
  for (let done = 0; done < count; ) {
    const due = Math.min(count, Math.floor(((performance.now() - startMs) / 1000) * perSecond))
    for (; done < due; done++) {
      const kiosk = kiosks[people % options.ownKeys]
      const one = kiosk.enrol(people++).then(() => {
        enrolled++
        underWay.delete(one)
      })
      underWay.add(one)
    }
    await sleep(TICK_MS)
  }
  await Promise.all(underWay)
}

function state(): GeneratorState {
  const { user, system } = process.cpuUsage()
  return {
    started: kiosks.length,
    connected: kiosks.filter(({ isConnected }) => isConnected).length,
    waiting: kiosks.reduce((sum, { waiting }) => sum + waiting, 0),
    enrolled,
    printReady: printReady.size,
    cpuSeconds: (user + system) / 1e6,
    rssMib: Math.round(process.memoryUsage.rss() / 1024 ** 2),
  }
}

process.on('message', (order: GeneratorOrder) => {
  if (order.do === 'state') process.send?.(state())
  else if (order.do === 'attempts') {
    process.send?.(attemptsMs)
    attemptsMs = []
  } else if (order.do === 'enrol') void enrol(order)
})
process.on('disconnect', () => process.exit(0))
await startAll()
