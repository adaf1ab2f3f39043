/**
 * Goal: whatever fails, and whoever goes away, the page says the truth, keeps what it must and forgets the
 * rest.
 */
import { setTimeout } from 'node:timers/promises'
import type { Page as Tab } from 'playwright-core'
import t from 'tap'
import { type Citizen, simulatedCitizen } from '../../hal/sim/citizen.ts'
import { defectiveFrame } from '../../src/finger/synthetic/defects.ts'
import { syntheticFinger } from '../../src/finger/synthetic/finger.ts'
import type { RecordStatus } from '../../src/record/record-status.ts'
import { statuses } from '../../src/record/status.ts'
import { pageTexts } from '../../src/ui/texts/texts.ts'
import { until } from '../support/until.ts'
import { inReach, inspect } from './inspect.ts'
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
const RECORD_ID = '019abcde-f012-7345-8678-9abcdef01234'
const CODE = `tunggal:1:${RECORD_ID}`
const assets = t.testdir()
await buildPage(assets)
const browser = await launchChromium()
t.teardown(() => browser.close())

const heading = (tab: Tab, name: string | RegExp) => tab.getByRole('heading', { name }).first().waitFor()

/** Up to the first finger, with nobody's finger on the glass. */
async function toCapture(tab: Tab, kiosk: Awaited<ReturnType<typeof pageKiosk>>): Promise<void> {
  kiosk.sensor.present(undefined)
  await touch(tab, 'Mulai')
  await keyNik(tab, NIK)
  await touch(tab, 'Benar, lanjut')
  await touch(tab, 'Saya setuju')
  await heading(tab, 'Letakkan telunjuk kanan')
}

t.test('a scanner that is unplugged, and paper that is out, are said and cost nothing', async t => {
  const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2] } } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await toCapture(tab, kiosk)
  kiosk.sensor.unplug()
  await tab.getByText('Pemindai tidak menjawab').waitFor()
  await inspect(t, tab, 'sensor fault')
  await tab.getByRole('button', { name: 'Coba lagi' }).waitFor()
  kiosk.printer.setPaper(0)
  kiosk.sensor.present(simulatedCitizen(5))
  // Nobody has to touch anything: it is tried again and again.
  kiosk.sensor.plug()
  await touch(tab, 'Simpan rekaman')
  await tab.getByText('Struk tidak dapat dicetak').waitFor()
  await inspect(t, tab, 'paper out')
  await tab.getByRole('img', { name: 'Kode QR dengan nomor rekaman' }).waitFor()
  t.equal(kiosk.store.kept.length, 1)
  kiosk.printer.setPaper(500)
  await touch(tab, 'Cetak lagi')
  await tab.getByText('Ambil struk Anda').waitFor()
})

t.test('a page that shows its visit says so', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await until(() => kiosk.painted.includes(0))
  await touch(tab, 'Mulai')
  await until(() => kiosk.painted.includes(1))
})

t.test('a page that nobody can see does not say that it is there', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, 'about:blank', screens.small)
  await tab.clock.install({ time: 0 })
  await tab.clock.pauseAt(1_000)
  await tab.route('**/page.css', route =>
    route.fulfill({ contentType: 'text/css', body: 'body { opacity: 0 }' }),
  )
  await tab.goto(kiosk.url)
  await tab.locator('h1').first().waitFor({ state: 'attached' })
  await tab.clock.runFor(60_000)
  await tab.evaluate("document.body.style.opacity = '1'")
  await tab.clock.runFor(5_000)
  await until(() => kiosk.painted.length > 0)
  const told = (visit: number) =>
    fetch('/painted', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ visit }),
    }).then(({ status }) => status)
  t.equal(await tab.evaluate(told, 99), 204)
  t.same(kiosk.painted, [0, 99], 'once, since it can be seen')
})

t.test('what a kiosk cannot do is said before anybody begins', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  kiosk.runner.setLimits(['no-printer'])
  await tab.getByText('Pencetak sedang tidak berfungsi').waitFor()
  await inspect(t, tab, 'no printer')
  kiosk.runner.setLimits(['no-sensor', 'no-printer'])
  await tab.getByText('Pemindai jari sedang tidak berfungsi').waitFor()
  t.equal(await tab.getByRole('button', { name: 'Mulai' }).count(), 0, 'nobody begins what cannot end')
  await tab.getByRole('button', { name: 'Di mana KTP-el saya?' }).waitFor()
  await inspect(t, tab, 'no sensor')
  kiosk.runner.setLimits([])
  await tab.getByRole('button', { name: 'Mulai' }).waitFor()
})

t.test('out of service it says so in plain words, and closed, when it opens', async t => {
  const hours = { days: ['mon' as const, 'fri' as const], from: '08:00', to: '15:00' }
  const kiosk = await pageKiosk(t, { assets, change: { hours } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  kiosk.runner.setLimits(['closed'])
  await tab.getByText('Kios ini melayani pada hari Senin dan Jumat, pukul 08:00–15:00.').waitFor()
  await tab.getByText('This kiosk serves people on Monday and Friday, 08:00–15:00.').waitFor()
  t.equal(await tab.getByRole('button', { name: 'Mulai' }).count(), 0)
  await tab.getByRole('button', { name: 'Di mana KTP-el saya?' }).waitFor()
  await inspect(t, tab, 'closed')
  kiosk.runner.setLimits(['maintenance', 'no-printer'])
  await heading(tab, 'Kios ini sedang tidak melayani')
  await tab.getByText('It is being maintained. Please go to an officer').waitFor()
  t.equal(await tab.getByRole('button', { name: 'Mulai' }).count(), 0)
  await inspect(t, tab, 'out of service')
  kiosk.runner.setLimits([])
  await tab.getByRole('button', { name: 'Mulai' }).waitFor()
})

t.test('a poor image is answered with one instruction', async t => {
  const citizen = simulatedCitizen(5, { poorFirst: 'tip-only' })
  const kiosk = await pageKiosk(t, { assets, citizen, change: { capture: { plan: [2] } } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  const prompts = new Set<string>()
  kiosk.runner.onView(view => {
    if (view.step === 'capture')
      prompts.add(view.prompt.code === 'quality' ? view.prompt.reason : view.prompt.code)
  })
  await touch(tab, 'Mulai')
  await keyNik(tab, NIK)
  await touch(tab, 'Benar, lanjut')
  await touch(tab, 'Saya setuju')
  await heading(tab, 'Periksa, lalu simpan')
  t.ok(prompts.has('too-small-area'), [...prompts].join())
})

t.test(
  'a wrong finger, what is no finger, and a scanner that falls silent, in English, by keyboard',
  async t => {
    const mine = simulatedCitizen(3)
    const MIDDLE = 3
    const cloth = (seed: number) => defectiveFrame('cloth', syntheticFinger(33), seed)
    const citizen: Citizen = {
      place(position, placement) {
        if (position !== MIDDLE || placement > 3) return mine.place(position, placement)
        return placement === 0 ? mine.place(2, 7) : cloth(placement)
      },
    }
    const kiosk = await pageKiosk(t, {
      assets,
      citizen,
      placingMs: 1000,
      change: { capture: { plan: [2, MIDDLE], timeoutMs: 3000 } },
    })
    const tab = await openTab(browser, kiosk.url, screens.small)
    const press = (name: string) => choose(tab, name, 'Tab')
    await press('Start')
    await keyNik(tab, NIK)
    await press('Right, go on')
    await press('I agree')
    await tab.getByText('This is the finger you gave as the right index finger').waitFor()
    await tab.getByText('Place it again, in the middle of the glass').waitFor()
    await tab.getByText('It is not your fault').waitFor()
    await inspect(t, tab, 'unreadable')
    kiosk.sensor.setSilent(true)
    await press('Try again')
    await tab.getByText('The scanner does not answer').waitFor()
    await inspect(t, tab, 'silent')
    kiosk.sensor.setSilent(false)
    await heading(tab, 'Check, then save')
    await press('Save the record')
    await heading(tab, 'Done. Thank you!')
    const { fingers } = kiosk.store.submissions[0]
    t.equal(fingers.filter(finger => 'template' in finger).length, 2)
    t.ok(fingers.every(finger => !('forced' in finger && finger.forced)))
  },
)

t.test('whoever thinks for long before a panel finds it as it was', async t => {
  const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2, 3] } } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await tab.clock.install()
  await tab.reload()
  await toCapture(tab, kiosk)
  await touch(tab, 'Jari ini tidak bisa')
  await heading(tab, 'Mengapa jari ini tidak bisa?')
  // Longer than the page goes without telling the kiosk that somebody is there.
  await tab.clock.fastForward(15_000)
  await touch(tab, 'Jari diperban')
  await heading(tab, 'Letakkan jari tengah kanan')
  await touch(tab, 'Batal')
  await heading(tab, 'Batalkan kunjungan ini?')
  await tab.clock.fastForward(15_000)
  await tab.keyboard.press('+')
  await tab.getByRole('heading', { name: 'Batalkan kunjungan ini?' }).waitFor()
  await touch(tab, 'Ya, batalkan')
  await tab.getByText('Tidak ada yang disimpan').first().waitFor()
})

t.test('a reload comes back to where the visit stands, in the language chosen', async t => {
  const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2] } } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await toCapture(tab, kiosk)
  await touch(tab, 'English')
  await heading(tab, 'Place your right index finger')
  await tab.reload()
  await heading(tab, 'Place your right index finger')
  await touch(tab, 'Call an officer')
  await tab.getByText('An officer was called').waitFor()
  await touch(tab, 'Cancel')
  await heading(tab, 'Cancel this visit?')
  await inspect(t, tab, 'cancel')
  await touch(tab, 'Yes, cancel')
  await tab.getByText('Nothing was kept.').waitFor()
  t.equal(kiosk.runner.samplesHeld, 0)
})

t.test('a touch of an earlier visit does nothing to the present one', async t => {
  const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2] } } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await toCapture(tab, kiosk)
  const { visit } = kiosk.runner.view
  const status = await tab.evaluate(
    async body => {
      const headers = { 'content-type': 'application/json' }
      return (await fetch('/command', { method: 'POST', headers, body })).status
    },
    JSON.stringify({ visit: visit - 1, name: 'leave' }),
  )
  t.equal(status, 204)
  t.equal(kiosk.runner.view.step, 'capture')
})

t.test('who goes away is asked, and then forgotten', async t => {
  const change = { ui: { idleAfterMs: 3_000, countDownMs: 10_000 } }
  const kiosk = await pageKiosk(t, { assets, change })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Mulai')
  await heading(tab, 'Ketik NIK Anda')
  await tab.keyboard.type(NIK.slice(0, 5))
  await heading(tab, 'Apakah Anda masih di sini?')
  await tab.getByText('5 dari 16 angka').waitFor()
  await touch(tab, 'Saya masih di sini')
  await heading(tab, 'Apakah Anda masih di sini?')
  await tab.getByText('lama tidak disentuh').waitFor()
  t.notMatch(await tab.content(), NIK.slice(0, 5))
  await touch(tab, 'Mulai')
  await tab.getByText('0 dari 16 angka').waitFor()
})

t.test('the question whether somebody is there can be read and answered by anybody', async t => {
  const change = { ui: { idleAfterMs: 500, countDownMs: 120_000 } }
  const kiosk = await pageKiosk(t, { assets, change })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Mulai')
  await heading(tab, 'Apakah Anda masih di sini?')
  await inspect(t, tab, 'still there')
})

t.test('a receipt’s code tells where the card is, and what to do', async t => {
  const history = [
    { status: 'BIO_CAPTURED', at: '2026-09-02T03:00:00.000Z' },
    { status: 'RECEIVED_AT_CENTRAL', at: '2026-09-03T03:00:00.000Z' },
    { status: 'PRINT_READY_RECORD', at: '2026-11-24T23:00:00.000Z' },
  ] as const
  const kiosk = await pageKiosk(t, { assets, status: { status: 'PRINT_READY_RECORD', history } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await heading(tab, 'Perekaman sidik jari KTP-el')
  // As a scanner does: a keyboard that types fast and ends with Enter.
  await tab.keyboard.type(`${CODE}\n`)
  await tab.getByText('Tanyakan jadwal pencetakan').waitFor()
  await tab.getByText('2 September 2026').waitFor()
  await tab.getByText('25 November 2026').waitFor()
  await inspect(t, tab, 'status')
  t.same(kiosk.asked, [RECORD_ID])
  t.notMatch(tab.url(), '019abcde')
  t.notMatch(await tab.content(), '019abcde')
})

t.test('without a scanner the number is typed on the glass, with or without its dashes', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Where is my e-KTP?')
  await inspect(t, tab, 'status question')
  for (const key of '019aa') await touch(tab, key)
  await touch(tab, 'Erase')
  t.equal(await tab.getByLabel('Code or record number').inputValue(), '019a')
  await tab.getByLabel('Code or record number').fill(RECORD_ID.replaceAll('-', '').toUpperCase())
  await touch(tab, 'Show status')
  await tab.getByText('That record was not found').waitFor()
  await tab.getByLabel('Code or record number').fill('019abcde')
  await touch(tab, 'Show status')
  await touch(tab, 'Back')
  await heading(tab, 'Perekaman sidik jari KTP-el')
  t.same(kiosk.asked, [RECORD_ID], 'half a number is nobody’s')
  for (const [kind, text] of [
    ['offline', 'the centre is not connected'],
    ['no-answer', 'The centre has not answered'],
  ] as const) {
    kiosk.setStatus({ kind })
    await touch(tab, 'Where is my e-KTP?')
    await tab.getByLabel('Code or record number').fill(RECORD_ID)
    await touch(tab, 'Show status')
    await tab.getByText(text).waitFor()
    await touch(tab, 'Back')
  }
})

t.test('every status, and what is behind, is said in words with what to do', async t => {
  const at = '2026-11-25T03:00:00.000Z'
  const answers: [RecordStatus, RegExp[]][] = [
    ...statuses.map((status): [RecordStatus, RegExp[]] => [
      { status, history: [{ status, at }] },
      pageTexts.id.statuses[status].map(text => new RegExp(`${text}`)),
    ]),
    [
      {
        status: 'SENT_FOR_ENROLLMENT',
        history: [{ status: 'SENT_FOR_ENROLLMENT', at }],
        backlog: { waiting: 213, oldestAt: '2026-11-03T03:00:00.000Z', isOnline: false },
      },
      [/213 rekaman yang menunggu, yang tertua sejak 3 November 2026/, /belum terhubung dengan pusat data/],
    ],
    [
      {
        status: 'RECEIVED_AT_CENTRAL',
        history: [{ status: 'RECEIVED_AT_CENTRAL', at }],
        centre: { waiting: 4_000_000, oldestAt: '2026-06-03T03:00:00.000Z', days: 60 },
      },
      [/4\.000\.000 rekaman menunggu diperiksa, yang tertua sejak 3 Juni 2026/, /sekitar 60 hari lagi/],
    ],
    ...(['withdrawn', 'superseded', 'set-aside'] as const).map((exception): [RecordStatus, RegExp[]] => [
      { status: 'SENT_FOR_ENROLLMENT', history: [{ status: 'SENT_FOR_ENROLLMENT', at }], exception },
      pageTexts.id.recordExceptions[exception].map(text => new RegExp(text)),
    ]),
  ]
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await heading(tab, 'Perekaman sidik jari KTP-el')
  for (const [answer, said] of answers) {
    kiosk.setStatus(answer)
    await tab.keyboard.type(`${CODE}\n`)
    for (const text of said) await tab.getByRole('dialog').getByText(text).first().waitFor()
    await inReach(t, tab, answer.exception ?? answer.status)
    await touch(tab, 'Kembali')
  }
})

t.test('a kiosk that cannot record says so before it asks for anything', async t => {
  const kiosk = await pageKiosk(t, { assets })
  kiosk.store.level = 'full'
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Mulai')
  await tab.getByText('Kios ini penuh').waitFor()
  await tab.getByText('This kiosk is full').waitFor()
  await inspect(t, tab, 'full')
  t.equal(kiosk.runner.view.step, 'idle')
})

t.test('a page that has lost its kiosk says so, and finds it again', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await heading(tab, 'Perekaman sidik jari KTP-el')
  await tab.context().setOffline(true)
  await touch(tab, 'Mulai')
  await tab.getByText('Layar terputus dari kios').waitFor()
  await tab.context().setOffline(false)
  await setTimeout(0)
  await touch(tab, 'Mulai')
  await heading(tab, 'Ketik NIK Anda')
})
