/**
 * Goal: what lies over the screens (status, print, help) is everybody's: by keyboard alone, by the keys of a keypad
 * alone with every word of it spoken, in both languages.
 */
import type { Page as Tab } from 'playwright-core'
import t from 'tap'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { enrolUnattended } from '../../src/enrolment/unattended.ts'
import type { StatusFinding } from '../../src/record/record-status.ts'
import { inReach, inspect } from './inspect.ts'
import {
  buildPage,
  choose,
  launchChromium,
  listen,
  openTab,
  pageKiosk,
  screens,
  touch,
} from './page-kiosk.ts'

t.setTimeout(900_000)

const NIK = '3171236108850001'
/** Digits only: a keypad has no letters. */
const RECORD_ID = '01912345-6789-7345-8678-901234567890'
const JOB = '019abcde-f012-7345-8678-00000000000a'
/** Every phrase is made first, on whatever machine. */
const SPOKEN_TIMEOUT_MS = 120_000
const at = '2026-11-25T03:00:00.000Z'
const printed: StatusFinding = {
  kind: 'found',
  record: { status: 'CARD_PRINTED', history: [{ status: 'CARD_PRINTED', at }] },
  prints: [{ job: JOB, title: 'Surat keterangan', kind: 'document' }],
  hasSlip: true,
}
const assets = t.testdir()
await buildPage(assets)
const browser = await launchChromium()
t.teardown(() => browser.close())

const heading = (tab: Tab, name: string | RegExp) => tab.getByRole('heading', { name }).first().waitFor()

t.test('where a card is and its papers, by a whole keyboard alone, in English', async t => {
  const kiosk = await pageKiosk(t, { assets })
  kiosk.setStatus(printed)
  for (const kind of ['fault', 'busy', 'printed', 'gone'] as const) kiosk.prints.push(() => kind)
  const tab = await openTab(browser, kiosk.url, screens.small)
  await choose(tab, 'Where is my e-KTP?', 'Tab')
  await tab.keyboard.type(RECORD_ID, { delay: 40 })
  await tab.keyboard.press('Enter')
  await tab.getByText('Your e-KTP is printed').first().waitFor()
  await choose(tab, 'Print: Surat keterangan', 'Tab')
  await tab.getByText('The printer has a fault').waitFor()
  await inspect(t, tab, 'printer fault')
  await choose(tab, 'Print: Surat keterangan', 'Tab')
  await tab.getByText('The printer is in use').waitFor()
  await choose(tab, 'Print: Surat keterangan', 'Tab')
  await tab.getByText('It is printed. Please take it.').waitFor()
  await inspect(t, tab, 'printed')
  await choose(tab, 'Print the slip to fetch it', 'Tab')
  await tab.getByText('This document was printed before').waitFor()
  await choose(tab, 'Back', 'Tab')
  await tab.getByRole('dialog').waitFor({ state: 'detached' })
})

t.test('by NIK and finger, by a whole keyboard alone, in English, whatever the scanner does', async t => {
  const kiosk = await pageKiosk(t, {
    assets,
    change: { capture: { plan: [2, 7], timeoutMs: 2000 } },
    citizen: simulatedCitizen(3),
  })
  await enrolUnattended(kiosk.runner, { nik: NIK })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await choose(tab, 'Where is my e-KTP?', 'Tab')
  await choose(tab, 'No receipt: NIK and finger', 'Tab')
  await heading(tab, 'Find it by NIK and finger')
  await inspect(t, tab, 'NIK')
  kiosk.sensor.present(undefined)
  await tab.keyboard.type(NIK, { delay: 40 })
  await tab.keyboard.press('Enter')
  await heading(tab, 'Place one finger')
  await tab.getByText('There was no finger').waitFor()
  kiosk.sensor.unplug()
  await choose(tab, 'Try again', 'Tab')
  await tab.getByText('The scanner does not answer').waitFor()
  await inspect(t, tab, 'scanner fault')
  kiosk.sensor.plug()
  kiosk.sensor.present(simulatedCitizen(3))
  await choose(tab, 'Try again', 'Tab')
  await tab.getByText('Stored at this kiosk').first().waitFor()
  t.notMatch(await tab.content(), NIK)
})

t.test('whoever asks by finger again and again is kindly told to wait', async t => {
  const kiosk = await pageKiosk(t, { assets, citizen: simulatedCitizen(3) })
  const tab = await openTab(browser, kiosk.url, screens.small)
  kiosk.sensor.unplug()
  await touch(tab, 'Di mana KTP-el saya?')
  await touch(tab, 'Tanpa struk: NIK dan jari')
  await tab.keyboard.type(NIK, { delay: 40 })
  await tab.keyboard.press('Enter')
  for (let asked = 1; asked < 10; asked++) await touch(tab, 'Coba lagi')
  await touch(tab, 'Coba lagi')
  await tab.getByText('beristirahat sebentar demi keamanan').waitFor()
  await inspect(t, tab, 'too many')
})

t.test('a keypad alone, every word spoken: number, status, papers, help', async t => {
  const kiosk = await pageKiosk(t, { assets, change: { capture: { timeoutMs: 5000 } } })
  kiosk.setStatus(printed)
  for (const kind of ['paper', 'printed'] as const) kiosk.prints.push(() => kind)
  const tab = await openTab(browser, kiosk.url, screens.small)
  tab.setDefaultTimeout(SPOKEN_TIMEOUT_MS)
  const { heard, said, statuses } = listen(tab)
  await heading(tab, 'Perekaman sidik jari KTP-el')
  kiosk.runner.setListensAlone(true)
  await heard(/^Layar ini dibacakan/)
  await choose(tab, 'Di mana KTP-el saya?')
  await heard(/^Pindai kode QR pada struk/)
  // In the field: the first digits; then the keys on the glass, and digits wherever the focus is.
  const digits = RECORD_ID.replaceAll('-', '')
  await tab.keyboard.type(digits.slice(0, 20), { delay: 60 })
  t.match(await heard(/^1$/), { isPrivate: true })
  await tab.keyboard.press('/')
  await heard(/^Petugas sudah dipanggil/)
  t.equal(kiosk.runner.view.helpCalled, true)
  const field = tab.getByLabel('Kode atau nomor rekaman')
  await choose(tab, 'a')
  t.equal(await field.inputValue(), `${digits.slice(0, 20)}a`)
  await tab.keyboard.press('.')
  await tab.keyboard.type(digits.slice(20), { delay: 60 })
  t.equal(await field.inputValue(), digits)
  await choose(tab, 'Lihat status')
  t.match(await heard(/^KTP-el Anda sudah dicetak/), { isPrivate: true })
  t.same(kiosk.asked, [RECORD_ID])
  await choose(tab, 'Cetak: Surat keterangan')
  t.match(await heard(/^Kertas pencetak habis/), { isPrivate: false })
  await choose(tab, 'Cetak: Surat keterangan')
  await heard(/^Sudah tercetak/)
  await choose(tab, 'Rekaman lain')
  await choose(tab, 'Tanpa struk: NIK dan jari')
  await heard(/^Cari dengan NIK dan jari/)
  kiosk.sensor.present(undefined)
  await tab.keyboard.type(NIK, { delay: 60 })
  await tab.keyboard.press('Enter')
  await heard(/^Letakkan telunjuk kanan di kaca pemindai/)
  await heard(/^Belum ada jari/)
  kiosk.sensor.present(simulatedCitizen(3))
  await choose(tab, 'Coba lagi')
  await heard(/^Rekaman itu tidak ditemukan/)
  await choose(tab, 'Kembali')
  await tab.getByRole('dialog').waitFor({ state: 'detached' })
  t.ok([...statuses.values()].every(status => status === 200))
  t.notMatch(
    said.filter(({ isPrivate }) => !isPrivate).map(({ text }) => text),
    /KTP-el Anda sudah/,
  )
})

t.test('whoever has no keypad hears the screen again at a touch, in the largest letters too', async t => {
  const kiosk = await pageKiosk(t, { assets })
  for (const size of ['small', 'portrait', 'landscape'] as const) {
    const tab = await openTab(browser, kiosk.url, screens[size])
    tab.setDefaultTimeout(SPOKEN_TIMEOUT_MS)
    const { heard, said } = listen(tab)
    await touch(tab, 'Start')
    await touch(tab, 'Text and sound')
    await touch(tab, 'Largest')
    await tab.getByRole('group', { name: 'Read out' }).getByRole('button', { name: 'Yes' }).tap()
    await touch(tab, 'Back')
    await heading(tab, 'Type your NIK')
    await (size === 'small' ? inspect : inReach)(t, tab, `${size}, spoken`)
    await heard(/^Type your NIK/)
    const before = said.length
    await touch(tab, 'Read this screen again')
    await heard(/^Type your NIK/, before)
    await touch(tab, 'Cancel')
    await touch(tab, 'Yes, cancel')
    await heading(tab, 'e-KTP fingerprint enrolment')
    await tab.context().close()
  }
})
