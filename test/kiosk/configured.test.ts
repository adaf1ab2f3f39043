/**
 * Goal: a whole kiosk runs by what operations want: at once where that is enough, over another line where its
 * broker is another, from a new beginning where it must; and it goes back by itself where that cuts it off.
 * Method: the kiosk on its simulated board, real seals and brokers; operations publish as their tool does.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { shippedBoard } from '../../hal/board/shipped-boards.ts'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { folderDisk } from '../../src/config/disk.ts'
import { configFolder, openConfigFolder, settingsInForce } from '../../src/config/folder.ts'
import { heldFile } from '../../src/config/held-file.ts'
import { enrolUnattended } from '../../src/enrolment/unattended.ts'
import { openSigningKeys } from '../../src/keys/file-key-store.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { type Kiosk, openKiosk } from '../../src/kiosk.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { openOpsSeal } from '../../src/seal/config-seal.ts'
import { type Reported, reportedSchema } from '../../src/settings/desired.ts'
import type { PartialSettings } from '../../src/settings/overlay.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { connected } from '../contract/broker.ts'
import { until } from '../support/until.ts'

t.setTimeout(180_000)

const KIOSK = 'kiosk-demo'
const at = '2026-01-01T00:00:00.000Z'
const backoff = { backoffMsMin: 100, backoffMsMax: 1_000 }

async function newWorld(t: Test) {
  const data = t.testdir()
  await mkdir(data, { recursive: true })
  await initDemoKeys(data, { clock: systemClock })
  const embedded = await startEmbeddedBroker()
  t.teardown(() => embedded.stop())
  const base = settingsSchema.parse({
    broker: { url: embedded.url, ...backoff },
    probation: { goodMs: 1_000, limitMs: 3_000 },
  })
  const clock = systemClock
  const seal = openOpsSeal({ keys: await openSigningKeys(join(data, 'keys/ops'), 'ops'), clock })
  const operations = connectBroker({
    url: embedded.url,
    clientId: seal.ops,
    backoff,
    clock,
    random: Math.random,
    log: silentLog,
  })
  const reports: Reported[] = []
  await operations.subscribe(kioskTopic(KIOSK, 'config/reported'), async ({ body }) => {
    reports.push(reportedSchema.parse(JSON.parse(Buffer.from(body).toString())))
  })
  await connected(operations)

  const logged: string[] = []
  const note = (event: string) => void logged.push(event)
  const log = { info: note, warn: note, error: note }
  let kiosk: Kiosk | undefined
  const open = async (): Promise<Kiosk> => {
    const kept = await openConfigFolder(data, { log: silentLog, at })
    kiosk = await openKiosk({
      data,
      settings: kept.settings(base, at),
      configurations: { kept, base },
      clock,
      log,
      board: shippedBoard('simulated'),
      simulation: { citizen: simulatedCitizen(11), placingMs: 0, lineMs: 0 },
    })
    return kiosk
  }
  t.teardown(async () => {
    await kiosk?.close()
    await operations.close()
  })
  return {
    data,
    base,
    open,
    logged,
    reports,
    told: async (wanted: Partial<Reported>) => {
      const matches = () => {
        const last = reports.at(-1)
        return Object.entries(wanted).every(([name, value]) => last?.[name as keyof Reported] === value)
      }
      await until(matches)
      return reports.at(-1)!
    },
    push: async (version: number, settings: PartialSettings) => {
      const { body } = await seal.sealConfig(KIOSK, { version, settings })
      const topic = kioskTopic(KIOSK, 'config/desired')
      await operations.publish({ topic, body, qos: 1, retain: true })
    },
  }
}

t.test('the next visit goes by it; the one under way does not', async t => {
  const { open, push, told, reports, data } = await newWorld(t)
  const { visit, store } = await open()
  if (visit === undefined) throw new Error('the board has a sensor')
  await told({ version: 0, running: 0 })
  visit.dispatch({ visit: visit.view.visit, name: 'begin', language: 'id' })
  await push(1, { capture: { plan: [2, 7] } })
  const held = heldFile(folderDisk(configFolder(data)))
  await until(async () => (await held.read()).held?.waiting?.version === 1)
  t.match(reports.at(-1), { version: 0, running: 0 }, 'it waits')
  visit.dispatch({ visit: visit.view.visit, name: 'leave' })
  await told({ version: 1, running: 1, state: 'applied', confirmed: true })
  const { recordId } = await enrolUnattended(visit, { nik: '3171011708850001' })
  const positions = new Set<number>()
  for await (const finger of store.gallery()) if (finger.recordId === recordId) positions.add(finger.position)
  t.same(positions, new Set([2, 7]))
})

t.test('a quieter log is quieter at once', async t => {
  const { open, push, told, logged } = await newWorld(t)
  const { visit, mustRestart } = await open()
  if (visit === undefined) throw new Error('the board has a sensor')
  const begin = () => {
    logged.length = 0
    visit.dispatch({ visit: visit.view.visit, name: 'begin', language: 'id' })
    visit.dispatch({ visit: visit.view.visit, name: 'leave' })
    return logged.filter(event => event === 'visit-step').length
  }
  await told({ version: 0 })
  t.equal(begin(), 2)
  await push(1, { health: { logLevel: 'warn' } })
  await told({ version: 1, running: 1 })
  t.equal(begin(), 0)
  t.notOk(mustRestart.aborted)
})

t.test('another broker that is none: the kiosk comes back by itself, and says why', async t => {
  const { open, push, told, base } = await newWorld(t)
  const kiosk = await open()
  await told({ version: 0, running: 0 })
  const nobody = await startEmbeddedBroker()
  await nobody.stop()
  await push(1, { broker: { url: nobody.url } })
  await until(() => kiosk.broker.connection === undefined)
  const report = await told({ version: 1, state: 'rolled-back', running: 0, confirmed: true })
  t.match(report.errors, [{ code: 'config/cut-off', where: 'broker.url' }])
  t.equal(report.settings.broker.url, base.broker.url)
  t.notOk(kiosk.mustRestart.aborted, 'no more than the connection was renewed')
  await push(2, { broker: { keepAliveSeconds: 30 } })
  await told({ version: 2, running: 2, confirmed: true })
})

t.test('what needs a new beginning asks for it when nobody is there', async t => {
  const { open, push, told, data, base } = await newWorld(t)
  const kiosk = await open()
  await told({ version: 0 })
  await push(1, { kiosk: { site: 'Kantor Dukcapil Kendari' }, store: { entriesMax: 1 } })
  await until(() => kiosk.mustRestart.aborted)
  t.equal((await settingsInForce(data, base)).kiosk.site, 'Kantor Dukcapil Kendari')
  kiosk.visit?.dispatch({ visit: kiosk.visit.view.visit, name: 'begin', language: 'id' })
  t.equal(kiosk.visit?.view.step, 'idle', 'no visit begins that the restart would end')
  await kiosk.close()
  const again = await open()
  t.equal(again.operations?.facts.site, 'Kantor Dukcapil Kendari')
  await told({ version: 1, running: 1, confirmed: true })
})

t.test('a second kiosk on the same folder is kept out, and touches nothing', async t => {
  const { open, push, told, data, base } = await newWorld(t)
  await open()
  await told({ version: 0 })
  await push(1, { probation: { goodMs: 60_000, limitMs: 60_000 } })
  await told({ version: 1, running: 1 })
  const before = await heldFile(folderDisk(configFolder(data))).read()
  const kept = await openConfigFolder(data, { log: silentLog, at })
  const second = kept.live({
    base,
    clock: systemClock,
    why: String,
    async live(settings) {
      const options = { data, settings, configurations: { kept, base }, clock: systemClock, log: silentLog }
      await (await openKiosk(options)).close()
      return 'over'
    },
  })
  await t.rejects(second, { code: 'kv/locked' })
  t.same(await heldFile(folderDisk(configFolder(data))).read(), before)
})

t.test('a store that is full by it: the kiosk is not well, and goes back', async t => {
  const { open, push, told } = await newWorld(t)
  let kiosk = await open()
  if (kiosk.visit === undefined) throw new Error('the board has a sensor')
  await enrolUnattended(kiosk.visit, { nik: '3171011708850001' })
  await told({ version: 0 })
  await push(1, { store: { entriesMax: 1 } })
  for (const _ of ['there', 'back']) {
    await until(() => kiosk.mustRestart.aborted)
    await kiosk.close()
    kiosk = await open()
  }
  const report = await told({ version: 1, state: 'rolled-back', running: 0 })
  t.match(report.errors, [{ code: 'config/unwell', where: 'store full' }])
})
