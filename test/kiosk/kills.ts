import { type ChildProcess, spawn } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbis } from '../../src/cli/abis/open-abis.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { openKiosk } from '../../src/kiosk.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import type { AuditFinding } from '../../src/store/ports.ts'
import { findingsOf } from '../store/fixture.ts'
import { bundle } from '../support/bundle.ts'
import { writeCitizen } from '../support/finger-images.ts'
import { until } from '../support/until.ts'

const FIRST_NIK = 3171011708850000
/** From the kiosk's first line: within this it has enrolled several times. */
const LIFE_MS_MAX = 1_500
const DRAIN_MS_MAX = 300_000

export interface Kills {
  /** Enrolments whose citizens were told "done". */
  readonly told: number
  /** Kills that came before the first of them. */
  readonly cutShort: number
  /** NIKs that were told done and are not at the ABIS, and those that are there more than once. */
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  /** Of the last audit, but for a commit that the last kill cut off before anybody was told of it. */
  readonly findings: readonly AuditFinding[]
  readonly alarms: number
}

/**
 * The real kiosk as a process of its own, enrolling without end over a real broker into the real ABIS; SIGKILL at a
 * random moment, so many times; then one kiosk more that drains the outbox. Every enrolment has a NIK of its own, so a
 * record that is there twice is seen. `data` is an empty folder.
 */
export async function killAndDrain(options: {
  data: string
  kills: number
  random: () => number
  onKill?: (kill: number) => void
}): Promise<Kills> {
  const { data, kills, random, onKill = () => {} } = options
  await initDemoKeys(data, { clock: systemClock })
  const broker = await startEmbeddedBroker()
  const { abis, close } = await openAbis({ data, url: broker.url, clock: systemClock, log: silentLog })
  const images = join(data, 'images')
  for (const seed of [0, 1, 2]) await writeCitizen(join(images, String(seed)), seed, 0, 2)
  const program = bundle('test/kiosk/enrolling-child.ts', join(data, 'program'))
  // It may be anywhere; what is not bundled is found from there.
  await symlink(join(import.meta.dirname, '../../node_modules'), join(data, 'node_modules'))
  const place = { program, data, url: broker.url, images }
  const told = new Map<string, string>()
  let cutShort = 0
  // The next one gets ready while this one lives.
  let kiosk = new KilledKiosk(place, FIRST_NIK)
  for (let kill = 1; kill <= kills; kill++) {
    const before = told.size
    const following = new KilledKiosk(place, FIRST_NIK + 1_000 * kill)
    await kiosk.liveAndDie(told, random() * LIFE_MS_MAX)
    kiosk = following
    if (told.size === before) cutShort++
    onKill(kill)
  }
  kiosk.kill()

  const settings = settingsSchema.parse({
    broker: { url: broker.url, backoffMsMin: 100, backoffMsMax: 1_000 },
    relay: { probeIntervalMs: 1_000 },
  })
  const last = await openKiosk({ data, settings, clock: systemClock, log: silentLog })
  const numbers: number[] = []
  for (const id of told.values()) {
    const record = await last.store.record(id)
    if (record) numbers.push(record.sequence)
  }
  const findings = findingsOf(last.store, numbers)
  await until(() => last.store.outbox.count === 0, DRAIN_MS_MAX)
  await abis.settled()
  const byNik = new Map<string, string[]>()
  for await (const record of abis.records())
    byNik.set(record.nik, [...(byNik.get(record.nik) ?? []), record.id])
  const { alarms } = abis.counts
  await last.close()
  await close()
  await broker.stop()
  return {
    told: told.size,
    cutShort,
    lost: [...told].filter(([nik, id]) => !byNik.get(nik)?.includes(id)).map(([nik]) => nik),
    doubled: [...byNik].filter(([, ids]) => ids.length > 1).map(([nik]) => nik),
    findings,
    alarms,
  }
}

interface Place {
  readonly program: string
  readonly data: string
  readonly url: string
  readonly images: string
}

class KilledKiosk {
  private readonly child: ChildProcess
  private readonly ended: Promise<void>

  constructor({ program, data, url, images }: Place, firstNik: number) {
    const words = [program, data, url, String(firstNik), images]
    this.child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.ended = new Promise(resolve => this.child.once('close', () => resolve()))
  }

  /** What it told its citizens is added to `told`. */
  async liveAndDie(told: Map<string, string>, lifeMs: number): Promise<void> {
    const lines = createInterface({ input: this.child.stdout as Readable })
    const open = new Promise<void>(resolve => {
      lines.on('line', line => {
        const [word, nik, id] = line.split(' ')
        if (word === 'open') resolve()
        // A line cut short by the kill was not told to anybody.
        else if (id?.length === 36) told.set(nik, id)
      })
    })
    this.child.stdin?.write('go\n')
    const stillborn = this.ended.then(() => {
      throw new Error('the kiosk ended before it was open')
    })
    stillborn.catch(() => {})
    await Promise.race([open, stillborn])
    await systemClock.sleep(lifeMs)
    this.kill()
    await this.ended
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}
