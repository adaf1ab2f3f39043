/**
 * Goal: whoever looks after the fleet finds in the page what they need, by keyboard and by screen reader too, in both
 * languages.
 * Method: the built page in Debian's Chromium, on the real server and a room whose kiosks say what the test says.
 * `SCREENS=<folder>` keeps pictures of the views.
 */
import { join } from 'node:path'
import type { Page as Tab } from 'playwright-core'
import t, { type Test } from 'tap'
import { build } from 'tsup'
import { fleetPageBuild } from '../../scripts/page-build.ts'
import { keyOf } from '../../src/fleet/room/layout.ts'
import { serveRoom } from '../../src/fleet/serve/serve-room.ts'
import { until } from '../support/until.ts'
import { violationsOf } from '../ui/inspect.ts'
import { launchChromium } from '../ui/page-kiosk.ts'
import { state, telemetry, wantedImage } from './kiosk-words.ts'
import { testRoom } from './room/test-room.ts'

t.setTimeout(300_000)
const WAIT_MS = 60_000
const assets = t.testdir()
await build({ ...fleetPageBuild, outDir: assets, config: false, silent: true })
const browser = await launchChromium()
t.teardown(() => browser.close())

const before = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString()
const sites = [
  ['73', 'Kantor Dukcapil Makassar', ['sulsel']],
  ['74', 'Kantor Dukcapil Kendari', ['sultra']],
  ['32', 'Mal Pelayanan Publik Bandung', ['jabar', 'mal']],
] as const

/** Sixty kiosks, some with troubles; an ABIS whose licence ends soon; a day of history. */
async function servedFleet(t: Test) {
  const test = await testRoom(t)
  const { room, say, sayAbis } = test
  for (let number = 1; number <= 60; number++) {
    const [province, site, groups] = sites[number % sites.length]
    const kiosk = `kiosk-${String(number).padStart(3, '0')}`
    const words = { ...state, province, site, groups, since: before(86_400) }
    await say(kiosk, 'state', number === 7 ? { ...words, state: 'offline', since: before(7_200) } : words)
    const waiting = number % 9
    await say(kiosk, 'telemetry', {
      ...telemetry,
      at: before(number === 12 ? 4_000 : 10),
      outbox: { waiting, events: 0, setAside: 0, ...(waiting > 0 && { oldestAt: before(600 * number) }) },
      lastEnrolledAt: before(90 * number),
      certificateUntil: before(-200 * 86_400),
      samples: { count: 200, scoreMean: 61, goodFraction: number === 20 ? 0.31 : 0.87 },
      parts: [
        { name: 'fingerprint', kind: 'fingerprint-sensor', up: true },
        {
          name: 'receipt',
          kind: 'receipt-printer',
          up: number !== 3,
          ...(number === 3 && { code: 'hal/paper-out' }),
        },
      ],
    })
    await say(kiosk, 'config/reported', {
      version: number === 3 ? 5 : 4,
      state: number === 3 ? 'rolled-back' : 'applied',
      errors:
        number === 3
          ? [{ code: 'config/cut-off', where: 'broker.url', text: 'the broker was not reached' }]
          : [],
      at: before(3_600),
      running: 4,
      confirmed: true,
      settings: { capture: { attemptsMax: 2 } },
    })
  }
  const { body } = await test.seal.sealConfig('kiosk-003', {
    version: 5,
    settings: { capture: { attemptsMax: 2 }, broker: { url: 'mqtts://broker.salah.example:8883' } },
  })
  await room.broker.publish({
    topic: 'tunggal/1/kiosk/kiosk-003/config/desired',
    body,
    qos: 1,
    retain: true,
  })
  const names = [...room.view.kiosks.keys()]
  await sayAbis('abis-central', {
    received: 48_210,
    sfe: 1_240,
    prr: 46_020,
    duplicate: 610,
    adjudicate: 240,
    failed: 100,
    perSecond: 2.4,
    oldestSfeAt: before(9_000),
    byKiosk: Object.fromEntries(
      names.map((kiosk, index) => [
        kiosk,
        {
          received: 800,
          sfe: index % 40,
          prr: 767,
          missing: 0,
          ...(index % 40 > 0 && { oldestSfeAt: before(150 * index) }),
        },
      ]),
    ),
    licence: { unit: 'records', perSecond: 5, until: before(-20 * 86_400).slice(0, 10), recordsPerSecond: 5 },
    lapses: [{ what: 'licence', until: before(-20 * 86_400), level: 'warning' }],
  })
  for (let point = 288; point > 0; point--) {
    const at = before(300 * point)
    const received = 48_210 - 11 * point
    const atCentral = Math.round(1_240 - 3 * point + 120 * Math.cos(point / 25))
    const value = {
      at,
      kiosks: 60,
      online: 59,
      atKiosk: 120,
      atCentral,
      adjudicate: 240,
      received,
      printReady: received - atCentral - 950,
    }
    await room.kv.write([{ put: keyOf.history(at), value: Buffer.from(JSON.stringify(value)) }])
  }
  await until(() => room.view.kiosks.size === 60 && room.view.abis.length === 1)
  const page = await serveRoom({ room, port: 0, assets })
  t.teardown(async () => {
    await page.close()
    await test.close()
  })
  return { ...test, url: page.url }
}

async function open(t: Test, url: string): Promise<{ tab: Tab; problems: readonly string[] }> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } })
  t.teardown(() => context.close())
  const tab = await context.newPage()
  tab.setDefaultTimeout(WAIT_MS)
  const problems: string[] = []
  tab.on('pageerror', error => problems.push(String(error)))
  tab.on('console', message => {
    // A password that is wrong is an answer of the server that Chromium reports, too.
    if (message.type() === 'error' && !/status of 401/.test(message.text())) problems.push(message.text())
  })
  await tab.goto(url)
  return { tab, problems }
}

async function login(tab: Tab, name: string, password: string): Promise<void> {
  await tab.getByLabel('Nama pengguna').fill(name)
  await tab.getByLabel('Kata sandi').fill(password)
  await tab.keyboard.press('Enter')
}

const heading = (tab: Tab, name: string | RegExp) => tab.getByRole('heading', { name }).first().waitFor()

async function inspected(t: Test, tab: Tab, view: string): Promise<void> {
  t.same(await violationsOf(tab), [], `${view}: accessible`)
  const folder = process.env.SCREENS
  if (folder !== undefined) await tab.screenshot({ path: join(folder, `fleet-${view}.png`), fullPage: true })
}

t.test('from the login to a kiosk that has a wrong configuration', async t => {
  const { url, room } = await servedFleet(t)
  const password = await room.users.add({ name: 'sari', role: 'approver', by: 'test' })
  const { tab, problems } = await open(t, url)
  await heading(tab, 'Masuk')
  await inspected(t, tab, 'login')
  await login(tab, 'sari', 'bukan ini')
  await tab.getByText('Nama pengguna atau kata sandi salah.').waitFor()
  await login(tab, 'sari', password)

  await heading(tab, 'Ringkasan')
  await tab.getByText('1.240', { exact: true }).first().waitFor()
  await tab.getByText(/Lisensi ABIS abis-central berlaku sampai/).waitFor()
  await tab.getByRole('img', { name: /rekaman diterima/ }).waitFor()
  await inspected(t, tab, 'overview')
  await tab.getByLabel('Kelompokkan menurut').selectOption('site')
  await tab.getByRole('rowheader', { name: 'Kantor Dukcapil Kendari' }).waitFor()

  await tab.getByRole('link', { name: 'Kios', exact: true }).click()
  await heading(tab, 'Kios')
  await tab.getByText('1–50 dari 60').waitFor()
  await inspected(t, tab, 'kiosks')
  await tab.getByRole('link', { name: 'Berikutnya' }).click()
  await tab.getByText('51–60 dari 60').waitFor()
  await tab.getByLabel('Cari nama kios atau lokasi').fill('bandung')
  await tab.keyboard.press('Enter')
  await tab.getByText('20 kios').waitFor()
  await tab.getByLabel('Cari nama kios atau lokasi').fill('')
  await tab.getByLabel('Masalah').selectOption('config-not-running')
  await tab.getByText('1 kios').waitFor()

  await tab.getByRole('link', { name: 'kiosk-003' }).click()
  await heading(tab, 'kiosk-003')
  await tab.getByText('the broker was not reached').waitFor()
  await tab.getByRole('rowheader', { name: 'broker.url' }).waitFor()
  await inspected(t, tab, 'kiosk')

  await tab.getByRole('link', { name: 'Jejak audit' }).click()
  await tab.getByText('logged-in').first().waitFor()
  await inspected(t, tab, 'audit')
  await tab.getByRole('button', { name: 'Keluar' }).click()
  await heading(tab, 'Masuk')
  t.same(problems, [], 'nothing went wrong in the page')
})

t.test('in English, by keyboard alone, with news while somebody looks', async t => {
  const { url, room, say } = await servedFleet(t)
  const password = await room.users.add({ name: 'budi', role: 'viewer', by: 'test' })
  const { tab, problems } = await open(t, url)
  await login(tab, 'budi', password)
  await heading(tab, 'Ringkasan')
  await tab.getByRole('button', { name: 'English' }).focus()
  await tab.keyboard.press('Enter')
  await heading(tab, 'Overview')
  t.equal(await tab.getAttribute('html', 'lang'), 'en')
  t.equal(await tab.getByRole('link', { name: 'Audit log' }).count(), 0, 'not for viewers')
  await tab.getByRole('link', { name: 'Kiosks', exact: true }).focus()
  await tab.keyboard.press('Enter')
  await tab.getByRole('link', { name: 'kiosk-010' }).focus()
  await tab.keyboard.press('Enter')
  await heading(tab, 'kiosk-010')
  await say('kiosk-010', 'state', { ...state, state: 'maintenance', since: before(1) })
  await tab.getByText('State: Maintenance').waitFor()
  await inspected(t, tab, 'kiosk-english')
  await tab.getByRole('link', { name: 'Account' }).click()
  await heading(tab, 'Account')
  await tab.getByLabel('Present password').fill(password)
  await tab.getByLabel('New password').fill('kata sandi yang panjang')
  await tab.keyboard.press('Enter')
  await tab.getByText('The password is changed.').waitFor()
  await inspected(t, tab, 'account')
  t.same(problems, [], 'nothing went wrong in the page')
})

t.test('one proposes a configuration, another approves it, and both see it arrive', async t => {
  const { url, room, say } = await servedFleet(t)
  const passwords = {
    sari: await room.users.add({ name: 'sari', role: 'operator', by: 'test' }),
    budi: await room.users.add({ name: 'budi', role: 'approver', by: 'test' }),
  }
  const sari = await open(t, url)
  await login(sari.tab, 'sari', passwords.sari)
  await sari.tab.getByRole('link', { name: 'Peluncuran' }).click()
  const form = sari.tab.getByRole('form', { name: 'Usulkan konfigurasi' })
  await form.getByLabel('Pengaturan (JSON)').fill('{"capture":{"atemptsMax":3}}')
  await form.getByLabel('Untuk (kelompok, kios, atau all)').fill('sultra')
  await form.getByRole('button', { name: 'Usulkan konfigurasi' }).click()
  await sari.tab.getByText(/Ditolak: config\/bad-value.*atemptsMax/).waitFor()
  await form.getByLabel('Pengaturan (JSON)').fill('{"capture":{"attemptsMax":3}}')
  await form.getByRole('button', { name: 'Usulkan konfigurasi' }).click()
  await sari.tab.getByText('Menunggu persetujuan').waitFor()
  await inspected(t, sari.tab, 'rollouts')

  const budi = await open(t, url)
  await login(budi.tab, 'budi', passwords.budi)
  await budi.tab.getByRole('link', { name: 'Peluncuran' }).click()
  await budi.tab.getByRole('rowheader').getByRole('link').click()
  await budi.tab.getByRole('button', { name: 'Setujui' }).click()
  await budi.tab.getByText('Berjalan').first().waitFor()
  await until(() =>
    [...room.view.kiosks.values()].some(({ desired }) => desired?.settings.capture !== undefined),
  )
  const wanted = [...room.view.kiosks.values()].find(({ kiosk, desired }) => kiosk !== 'kiosk-003' && desired)
  const reported = { ...wanted?.reported, version: wanted?.desired?.version, state: 'rejected' }
  await say(wanted?.kiosk ?? '', 'config/reported', reported)
  await budi.tab.getByText('Berhenti sendiri: terlalu banyak yang gagal').waitFor()
  await budi.tab.getByText('ditolak kios').first().waitFor()
  await inspected(t, budi.tab, 'rollout')
  t.same([...sari.problems.filter(problem => !/status of 400/.test(problem)), ...budi.problems], [])
})

t.test('an image is proposed by its label, and its way can be followed', async t => {
  const { url, room, say } = await servedFleet(t)
  const password = await room.users.add({ name: 'sari', role: 'operator', by: 'test' })
  const { tab, problems } = await open(t, url)
  await login(tab, 'sari', password)
  await tab.getByRole('link', { name: 'Peluncuran' }).click()
  const form = tab.getByRole('form', { name: 'Usulkan citra sistem' })
  const { image: version, url: from, ...rest } = wantedImage
  await form.getByLabel('Keterangan paket (isi BUNDLE.json)').fill(JSON.stringify({ version, ...rest }))
  await form.getByLabel('Alamat unduhan paket').fill(from)
  await form.getByLabel('Untuk (kelompok, kios, atau all)').fill('kiosk-010')
  await form.getByRole('button', { name: 'Usulkan citra sistem' }).click()
  await tab.getByText('Citra sistem 2.0.0').waitFor()
  const [{ id }] = room.rollOuts.list()
  await room.rollOuts.act(id, 'approve', 'budi')
  await until(() => room.view.kiosks.get('kiosk-010')?.update?.desired !== undefined)
  const pending = { version: 1, image: '2.0.0', step: 'downloading', percent: 40 }
  const report = { state: 'applied', errors: [], at: new Date().toISOString() }
  await say('kiosk-010', 'update/reported', { ...report, version: 0, running: '1.0.0', pending })
  await tab.getByRole('rowheader').getByRole('link').click()
  await tab.getByText('mengunduh 40 %').waitFor()
  await inspected(t, tab, 'rollout-image')
  await say('kiosk-010', 'update/reported', { ...report, version: 1, running: '2.0.0' })
  await tab.getByText('Selesai').first().waitFor()
  t.same(problems, [])
})

t.test('a kiosk is taken out of service by a button, and its diagnostics are fetched', async t => {
  const { url, room, say, commanded } = await servedFleet(t)
  const password = await room.users.add({ name: 'sari', role: 'operator', by: 'test' })
  const { commands, answer } = await commanded('kiosk-010')
  const { tab, problems } = await open(t, url)
  await login(tab, 'sari', password)
  await heading(tab, 'Ringkasan')
  await tab.goto(`${url}#/kiosk/kiosk-010`)
  await tab.getByRole('button', { name: 'Hentikan layanan (perawatan)' }).click()
  await tab.getByText('menunggu jawaban').waitFor()
  await until(() => commands.length === 1)
  await answer(commands[0], { state: 'done' })
  await say('kiosk-010', 'state', { ...state, state: 'maintenance' })
  await tab.getByRole('button', { name: 'Buka layanan lagi' }).waitFor()
  await tab.getByRole('button', { name: 'Ambil diagnostik' }).click()
  await until(() => commands.length === 2)
  await answer(commands[1], { state: 'done', text: '{"kiosk":"kiosk-010"}' })
  const fetched = tab.waitForEvent('download')
  await tab.getByRole('link', { name: 'Unduh' }).click()
  t.equal((await fetched).suggestedFilename(), 'kiosk-010.json')
  await tab.getByText('Perintah: Hentikan layanan (perawatan) selesai').waitFor()
  await inspected(t, tab, 'kiosk-commands')
  t.same(problems, [])
})
