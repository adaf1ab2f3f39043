/**
 * Goal: one touch calls staff; who comes says so with a PIN and gives the person time; a technician sees the kiosk
 * from inside, and nobody else does.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page as Tab } from 'playwright-core'
import t, { type Test } from 'tap'
import { openBoard } from '../../hal/board/open-board.ts'
import { shippedBoard } from '../../hal/board/shipped-boards.ts'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { hashSecret } from '../../src/base/secret-hash.ts'
import type { VisitRunner } from '../../src/enrolment/runner.ts'
import { localEngine } from '../../src/finger/worker/local-engine.ts'
import { PinGuard } from '../../src/health/pin-guard.ts'
import { Service } from '../../src/kiosk/service.ts'
import { ServiceTasks } from '../../src/kiosk/service-tasks.ts'
import type { ServiceView } from '../../src/ui/operations.ts'
import { inspect } from './inspect.ts'
import {
  buildPage,
  choose,
  keyNik,
  launchChromium,
  openTab,
  pageKiosk,
  screens,
  touch,
} from './page-kiosk.ts'

const NIK = '3171236108850001'
const OFFICER = '482913'
const TECHNICIAN = '770021'
const hashes = { officer: await hashSecret(OFFICER), technician: await hashSecret(TECHNICIAN) }
const assets = t.testdir()
await buildPage(assets)
const browser = await launchChromium()
t.teardown(() => browser.close())

const heading = (tab: Tab, name: string | RegExp) => tab.getByRole('heading', { name }).first().waitFor()

/** A kiosk with PINs, and what its technician would see. */
async function staffedKiosk(t: Test, key: { turned?: boolean } = {}) {
  const view: ServiceView = {
    version: '0.1.0',
    kiosk: 'kiosk-demo',
    parts: [
      { name: 'fingerprint', kind: 'fingerprint-sensor', up: true, detail: 'zfm-20' },
      { name: 'receipt', kind: 'receipt-printer', up: false, detail: 'hal/paper-out: no paper' },
    ],
    outbox: { waiting: 213, events: 2, oldestAt: '2026-11-03T03:00:00.000Z', isOnline: false },
    setAside: [{ id: '019abcde-f012-7345-8678-9abcdef01234', sequence: 17, reason: 'broker/too-large' }],
  }
  const looks: boolean[] = []
  const drives: string[] = []
  let reboots = 0
  const simulation = { citizen: simulatedCitizen(3), placingMs: 300, lineMs: 1 }
  const board = await openBoard(shippedBoard('simulated'), { clock: systemClock, simulation })
  t.teardown(() => board.close())
  const file = join(t.testdir(), 'pin-tries')
  const staff = (runner: VisitRunner) => {
    const tasks = new ServiceTasks({
      board,
      engine: localEngine,
      clock: systemClock,
      isIdle: () => runner.view.step === 'idle',
      forget: () => {},
      diagnostics: async () => ({ name: 'tunggal-kiosk-demo.json', text: '{}' }),
      drives: async () => drives,
      reboot: async () => ++reboots > 1,
    })
    return new Service({
      pins: new PinGuard({ hashes, file, clock: systemClock, triesMax: 3, lockMs: 900_000 }),
      isKeyTurned: () => key.turned,
      attend: () => runner.attend(),
      async look(_signal, { thoroughly }) {
        looks.push(thoroughly)
        const checks = [
          {
            area: 'machine' as const,
            check: 'disk space',
            ok: false,
            detail: '3 % free',
            remedy: 'delete old images',
          },
        ]
        return { ...view, ...(thoroughly && { checks }) }
      },
      perform: (task, signal) => tasks.perform(task, signal),
      clock: systemClock,
      log: silentLog,
    })
  }
  const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2] } }, staff })
  return { ...kiosk, looks, drives }
}

/** How many dots of the picture on screen are dark. */
function inkOf(tab: Tab): Promise<number> {
  return tab.evaluate(() => {
    interface Canvas {
      readonly width: number
      readonly height: number
      getContext(kind: '2d'): {
        getImageData(x: number, y: number, width: number, height: number): { data: Uint8ClampedArray }
      }
    }
    const { document } = globalThis as unknown as {
      document: { querySelector(selector: string): Canvas | null }
    }
    const canvas = document.querySelector('canvas.print')
    if (canvas === null) return 0
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
    return data.filter((value, index) => index % 4 === 3 && value > 0 && data[index - 1] < 128).length
  })
}

async function enterPin(tab: Tab, pin: string): Promise<void> {
  await heading(tab, 'Untuk petugas')
  await tab.keyboard.type(pin)
  await tab.keyboard.press('Enter')
}

t.test('an officer who was called takes over, and the person goes on without a finger', async t => {
  const kiosk = await staffedKiosk(t)
  const tab = await openTab(browser, kiosk.url, screens.small)
  kiosk.sensor.present(undefined)
  await touch(tab, 'Mulai')
  await keyNik(tab, NIK)
  await touch(tab, 'Benar, lanjut')
  await touch(tab, 'Saya setuju')
  await heading(tab, 'Letakkan telunjuk kanan')
  t.equal(await tab.getByRole('button', { name: 'Saya petugas' }).count(), 0)
  await touch(tab, 'Panggil petugas')
  await touch(tab, 'Saya petugas')
  await heading(tab, 'Untuk petugas')
  await inspect(t, tab, 'PIN')
  for (const digit of OFFICER) await touch(tab, digit)
  t.notMatch(await tab.content(), OFFICER)
  await touch(tab, 'Lanjut')
  await tab.getByText('Petugas membantu Anda').waitFor()
  await inspect(t, tab, 'attended')
  t.match(kiosk.runner.view, { step: 'capture', attended: true, helpCalled: false })
  await touch(tab, 'Jari ini tidak bisa')
  await touch(tab, 'Lewati semua jari yang tersisa')
  await touch(tab, 'Simpan rekaman')
  await touch(tab, 'Tutup dan hapus layar')
  await heading(tab, 'Perekaman sidik jari KTP-el')
  t.equal(kiosk.runner.view.attended, false, 'not with the next person')
  t.match(kiosk.store.submissions[0].fingers, [{ position: 2, exception: 'refused' }])
})

t.test('a technician sees parts, queue and checks; the next touch at the screen sees nothing', async t => {
  const key = { turned: false }
  const kiosk = await staffedKiosk(t, key)
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Panggil petugas')
  await touch(tab, 'Saya petugas')
  await enterPin(tab, TECHNICIAN)
  await tab.getByText('Putar dahulu kunci servis').waitFor()
  key.turned = true
  await enterPin(tab, TECHNICIAN)
  await heading(tab, 'Layar teknisi')
  await tab.getByText('hal/paper-out').waitFor()
  await tab.getByText('delete old images').waitFor()
  await tab.getByText('213 + 2').waitFor()
  await tab.getByText('broker/too-large').waitFor()
  await inspect(t, tab, 'technician')
  while (!kiosk.looks.includes(false)) await tab.waitForTimeout(100)
  await tab.getByText('delete old images').waitFor()
  t.same(kiosk.looks.slice(0, 2), [true, false], 'it looks again by itself, at what changes')
  key.turned = false
  await tab.getByRole('heading', { name: 'Layar teknisi' }).waitFor({ state: 'detached' })
  t.notMatch(await tab.content(), /paper-out|too-large/)
})

t.test(
  'a technician tries scanner and printer, takes diagnostics along, and restarts the machine',
  async t => {
    const kiosk = await staffedKiosk(t)
    const tab = await openTab(browser, kiosk.url, screens.small)
    await touch(tab, 'Panggil petugas')
    await touch(tab, 'Saya petugas')
    await enterPin(tab, TECHNICIAN)
    await touch(tab, 'Uji dan tindakan')
    await heading(tab, 'Uji dan tindakan')
    await inspect(t, tab, 'tools')
    await touch(tab, 'Uji pemindai jari')
    await tab.getByText('Mutu').waitFor()
    await inspect(t, tab, 'test capture')
    // The picture comes a moment after its frame.
    while ((await inkOf(tab)) === 0) await tab.waitForTimeout(50)
    await touch(tab, 'Uji cetak: receipt')
    await tab.getByText('Tercetak.').waitFor()
    t.equal(await tab.locator('canvas').count(), 0, 'the finger is gone with the next task')
    await touch(tab, 'Simpan diagnosis ke USB')
    await tab.getByText('Tidak ada USB').waitFor()
    const drive = t.testdir()
    kiosk.drives.push(drive)
    await touch(tab, 'Simpan diagnosis ke USB')
    await tab.getByText('tunggal-kiosk-demo.json').waitFor()
    t.same(await readdir(drive), ['tunggal-kiosk-demo.json'])
    await touch(tab, 'Nyalakan ulang kios')
    await tab.getByText('sekitar satu menit').waitFor()
    await inspect(t, tab, 'sure to restart')
    await touch(tab, 'Kembali')
    await touch(tab, 'Nyalakan ulang kios')
    await touch(tab, 'Ya, nyalakan ulang')
    await tab.getByText('sudo reboot').waitFor()
    await touch(tab, 'Nyalakan ulang kios')
    await touch(tab, 'Ya, nyalakan ulang')
    await tab.getByText('Kios segera menyala ulang').waitFor()
    await touch(tab, 'Keadaan kios')
    await heading(tab, 'Layar teknisi')
    await touch(tab, 'Tutup')
    await tab.getByRole('heading', { name: 'Layar teknisi' }).waitFor({ state: 'detached' })
  },
)

t.test('in English, by a whole keyboard alone: a technician’s tasks, and an officer’s help', async t => {
  const key = { turned: true }
  const kiosk = await staffedKiosk(t, key)
  const tab = await openTab(browser, kiosk.url, screens.small)
  const pin = async (digits: string) => {
    await choose(tab, 'Call an officer', 'Tab')
    await choose(tab, 'I am an officer', 'Tab')
    await heading(tab, 'For staff')
    await tab.keyboard.type(digits)
    await tab.keyboard.press('Enter')
  }
  await choose(tab, 'Start', 'Tab')
  await heading(tab, 'Type your NIK')
  await pin(TECHNICIAN)
  await heading(tab, 'Technician')
  await tab.getByText('hal/paper-out').waitFor()
  await choose(tab, 'Check again', 'Tab')
  await choose(tab, 'Tests and actions', 'Tab')
  await choose(tab, 'Test the finger scanner', 'Tab')
  await tab.getByText('Finish or cancel that visit first').waitFor()
  await inspect(t, tab, 'tools during a visit')
  await choose(tab, 'Save diagnostics to USB', 'Tab')
  await tab.getByText('There is no USB drive').waitFor()
  await choose(tab, 'Restart the kiosk', 'Tab')
  await inspect(t, tab, 'sure to restart')
  await choose(tab, 'Back', 'Tab')
  await choose(tab, 'Close', 'Tab')
  await heading(tab, 'Type your NIK')
  await pin(OFFICER)
  await tab.getByText('An officer is helping you').waitFor()
  await inspect(t, tab, 'attended')
})

t.test('wrong PINs are counted, and then nobody gets in', async t => {
  const kiosk = await staffedKiosk(t)
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Panggil petugas')
  await touch(tab, 'Saya petugas')
  await enterPin(tab, '111111')
  await tab.getByText('Sisa percobaan: 2').waitFor()
  await enterPin(tab, '222222')
  await tab.getByText('Sisa percobaan: 1').waitFor()
  await enterPin(tab, '333333')
  await tab.getByText('Terkunci 15 menit').waitFor()
  await enterPin(tab, TECHNICIAN)
  await tab.getByText('Terkunci 15 menit').waitFor()
  await inspect(t, tab, 'locked')
  t.same(kiosk.looks, [])
})

t.test('a kiosk without PINs has no way in, and still calls staff', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Panggil petugas')
  await tab.getByText('Petugas sudah dipanggil').waitFor()
  t.equal(await tab.getByRole('button', { name: 'Saya petugas' }).count(), 0)
  const status = await tab.evaluate(async () => {
    const headers = { 'content-type': 'application/json' }
    return (await fetch('/staff', { method: 'POST', headers, body: '{"pin":"482913"}' })).status
  })
  t.equal(status, 404)
})
