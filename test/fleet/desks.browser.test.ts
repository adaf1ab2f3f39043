/**
 * Goal: an approver decides on new kiosks and on doubtful records in the page, beside the services that keep them; nobody
 * else sees either, and where no service runs the page says so.
 * Method: the built page in Debian's Chromium over the real server; a real claim desk and a real adjudicator behind their
 * sockets, as `fleet claim serve` and `abis serve` offer them.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page as Tab } from 'playwright-core'
import t, { type Test } from 'tap'
import { build } from 'tsup'
import { v7 } from 'uuid'
import { fleetPageBuild } from '../../scripts/page-build.ts'
import { Adjudicator } from '../../src/abis/adjudicator.ts'
import { Counts } from '../../src/abis/counts.ts'
import { Registry } from '../../src/abis/registry.ts'
import { systemClock as clock } from '../../src/base/clock.ts'
import type { ServedCentre } from '../../src/cli/abis/centre.ts'
import { adjudicationDesk, claimsDesk } from '../../src/cli/fleet/desks.ts'
import { serveCommandsOf } from '../../src/cli/local/serve-local.ts'
import { extract } from '../../src/finger/template/extract.ts'
import { writeInterchange } from '../../src/finger/template/interchange.ts'
import { serveRoom } from '../../src/fleet/serve/serve-room.ts'
import { requestKeyOf } from '../../src/keys/claim/own-key.ts'
import { openAbisKeys } from '../../src/keys/file-key-store.ts'
import { keyCode } from '../../src/keys/key-code.ts'
import { newKey } from '../../src/keys/pem.ts'
import { makeRequest } from '../../src/keys/request.ts'
import { openMemoryKv } from '../../src/kv/memory.ts'
import { openDecisionSeal } from '../../src/seal/decision-seal.ts'
import { nik } from '../store/fixture.ts'
import { claimCentre } from '../support/claim-centre.ts'
import { citizenFrames } from '../support/finger-images.ts'
import { until } from '../support/until.ts'
import { violationsOf } from '../ui/inspect.ts'
import { launchChromium } from '../ui/page-kiosk.ts'
import { testRoom } from './room/test-room.ts'

t.setTimeout(300_000)
const assets = t.testdir()
await build({ ...fleetPageBuild, outDir: assets, config: false, silent: true })
const browser = await launchChromium()
t.teardown(() => browser.close())
const { signal } = new AbortController()

function fingersOf(person: number) {
  return [...citizenFrames(person, 1, 2)].map(([position, frame]) => {
    const { template } = extract(frame)
    const record = Buffer.from(
      writeInterchange({ template, position, impression: 0, quality: 60 }, 'iso2005'),
    )
    return {
      position,
      impression: 0,
      quality: 60,
      attempts: 1,
      forced: false,
      template: record.toString('base64'),
    }
  })
}

/** An ABIS where one record resembles another. */
async function doubtfulAbis(keys: string) {
  const kv = openMemoryKv()
  const counts = new Counts(clock)
  const registry = new Registry(kv, clock, counts)
  const ids = [v7(), v7()]
  for (const [index, id] of ids.entries())
    await registry.take(
      {
        id,
        kiosk: 'kiosk-0001',
        sequence: index + 1,
        bootEpoch: '0123456789abcdef',
        modality: 'finger',
        nik: nik(index + 1),
        capturedAt: '2026-01-01T07:00:00.000Z',
        consent: { at: '2026-01-01T07:00:00.000Z', version: '1', language: 'id' },
        fingers: fingersOf(5 + index),
        hints: [],
      },
      Buffer.from(id),
    )
  await registry.decide(ids[0], { status: 'PRINT_READY_RECORD' })
  await registry.decide(ids[1], { status: 'ADJUDICATE_RECORD', reason: `resembles:${ids[0]}` })
  const seal = openDecisionSeal({ keys: await openAbisKeys(join(keys, 'abis')) })
  const adjudicator = await Adjudicator.open({
    kv,
    registry,
    counts,
    seal,
    clock,
    inOrder: change => change(),
  })
  return { adjudicator, registry, id: ids[1] }
}

async function served(t: Test) {
  const centre = await claimCentre(t)
  const { data, keys } = centre
  const claims = await centre.serve(t)
  const abis = await doubtfulAbis(keys)
  const service = { adjudication: async () => abis.adjudicator } as ServedCentre
  const stops = [
    await serveCommandsOf(data, 'claims', {
      service: claims.desk,
      methodOf: ({ inClaims }) => inClaims,
      signal,
    }),
    await serveCommandsOf(data, 'abis', { service, methodOf: ({ inAbis }) => inAbis, signal }),
  ]
  const stop = async () => {
    for (const each of stops.splice(0)) await each()
  }
  const test = await testRoom(await inFolder(t, 'room'))
  const desks = { claims: claimsDesk(data, { signal }), adjudication: adjudicationDesk(data, { signal }) }
  const page = await serveRoom({ room: test.room, port: 0, assets, desks })
  t.teardown(async () => {
    await page.close()
    await test.close()
    await stop()
  })
  const asks = async (name: string) => {
    const { key, publicKey } = newKey()
    const { token } = await claims.desk.createToken({
      identity: { site: 'Bandung' },
      validMs: 60_000,
      by: 'ani',
    })
    await claims.desk.ask({ request: await makeRequest(name, requestKeyOf(key)), token }, '192.0.2.7')
    return keyCode(publicKey)
  }
  return { ...test, claims, abis, asks, stop, url: page.url }
}

/** A test whose folder is below that of `t`: each centre wants one of its own. */
async function inFolder(t: Test, name: string): Promise<Test> {
  const folder = join(t.testdirName, name)
  mkdirSync(folder, { recursive: true })
  return Object.assign(Object.create(t), { testdir: () => folder }) as Test
}

async function come(
  t: Test,
  { url, room }: Awaited<ReturnType<typeof served>>,
  name: string,
  role: 'viewer' | 'approver',
) {
  const password = await room.users.add({ name, role, by: 'test' })
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  t.teardown(() => context.close())
  const tab = await context.newPage()
  tab.setDefaultTimeout(60_000)
  await tab.goto(url)
  await tab.getByLabel('Nama pengguna').fill(name)
  await tab.getByLabel('Kata sandi', { exact: true }).fill(password)
  await tab.getByRole('button', { name: 'Masuk' }).click()
  await tab.getByRole('heading', { level: 1, name: 'Ringkasan' }).waitFor()
  return tab
}

async function look(t: Test, tab: Tab, name: string): Promise<void> {
  t.same(await violationsOf(tab), [], `${name}: accessible`)
  if (process.env.SCREENS) await tab.screenshot({ path: join(process.env.SCREENS, `${name}.png`) })
}

t.test('a kiosk that asks', async t => {
  const fleet = await served(t)
  const code = await fleet.asks('kiosk-bandung-1')
  await fleet.asks('kiosk-bandung-2')
  const tab = await come(t, fleet, 'ani', 'approver')
  await tab.getByRole('link', { name: 'Kios baru' }).click()
  await tab.getByText(code).waitFor()
  await look(t, tab, 'claims')
  await tab.getByRole('button', { name: 'Kodenya sama: setujui: kiosk-bandung-1' }).click()
  await tab.getByText(code).waitFor({ state: 'detached' })
  await tab.getByRole('button', { name: 'Tolak: kiosk-bandung-2' }).click()
  await tab.getByText('Tidak ada kios yang meminta sertifikat.').waitFor()
  const decided: unknown[] = []
  for await (const { name, decision } of fleet.claims.desk.claims())
    decided.push([name, decision?.state, decision?.by])
  t.same(decided, [
    ['kiosk-bandung-1', 'approved', 'ani'],
    ['kiosk-bandung-2', 'rejected', 'ani'],
  ])
  await fleet.stop()
  await tab.getByText('Layanan klaim tidak berjalan').waitFor()
})

t.test('a record in doubt', async t => {
  const fleet = await served(t)
  const { id, registry } = fleet.abis
  const [ani, budi] = [await come(t, fleet, 'ani', 'approver'), await come(t, fleet, 'budi', 'approver')]
  for (const tab of [ani, budi]) {
    await tab.getByRole('link', { name: 'Ajudikasi' }).click()
    await tab.getByText('Mirip rekaman lain').waitFor()
  }
  await look(t, ani, 'cases')
  for (const tab of [ani, budi]) {
    await tab.getByRole('link', { name: /^Periksa/ }).click()
    const picture = tab.getByRole('img', { name: /Jari rekaman ini di kiri/ })
    await picture.waitFor()
    await until(
      async () => (await picture.evaluate(image => (image as { naturalWidth?: number }).naturalWidth)) !== 0,
    )
  }
  await look(t, ani, 'case')
  await ani.getByRole('button', { name: 'Dua orang' }).click()
  await ani.getByText('Keputusan Anda dicatat.').waitFor()
  await ani.getByRole('button', { name: 'Satu orang' }).click()
  await ani.getByText('Anda sudah memutuskan rekaman ini').waitFor()
  await budi.getByText('1 sudah, 1 lagi').waitFor()
  await budi.getByRole('button', { name: 'Dua orang' }).click()
  await until(async () => (await registry.record(id))?.outcome?.status === 'PRINT_READY_RECORD')
  await budi.getByRole('button', { name: 'Dua orang' }).waitFor({ state: 'detached' })
})

t.test('nobody else', async t => {
  const fleet = await served(t)
  await fleet.asks('kiosk-bandung-1')
  const tab = await come(t, fleet, 'wati', 'viewer')
  t.equal(await tab.getByRole('link', { name: 'Kios baru' }).count(), 0)
  const statuses = await tab.evaluate(async id => {
    const body = JSON.stringify({ id, act: 'approve' })
    const headers = { 'content-type': 'application/json' }
    const asked = ['/claims', '/cases', `/case-picture?id=${id}`].map(path => fetch(path))
    const told = ['/claims/decide', '/cases/decide'].map(path =>
      fetch(path, { method: 'POST', headers, body }),
    )
    return (await Promise.all([...asked, ...told])).map(({ status }) => status)
  }, fleet.abis.id)
  t.same(statuses, [403, 403, 403, 403, 403])
})
