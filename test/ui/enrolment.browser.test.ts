/**
 * Goal: anybody can enrol at the page, by touch or by keyboard, in both languages, on every screen size a
 * kiosk has.
 */
import type { Page as Tab } from 'playwright-core'
import t from 'tap'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { inReach, inspect } from './inspect.ts'
import {
  buildPage,
  choose,
  launchChromium,
  openTab,
  pageKiosk,
  screens,
  touch,
  typeNik,
} from './page-kiosk.ts'

const NIK = '3171236108850001'
const assets = t.testdir()
await buildPage(assets)
const browser = await launchChromium()
t.teardown(() => browser.close())

/** Complaints of the browser, and requests to anybody but our own server. */
function watch(tab: Tab, url: string): string[] {
  const complaints: string[] = []
  tab.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  tab.on('pageerror', error => complaints.push(String(error)))
  tab.on('request', request => {
    if (!request.url().startsWith(url)) complaints.push(request.url())
  })
  return complaints
}

const heading = (tab: Tab, name: string | RegExp) => tab.getByRole('heading', { name }).first().waitFor()

for (const [size, viewport] of Object.entries(screens)) {
  t.test(`somebody enrols by touch, in Indonesian, on a ${size} screen`, async t => {
    const kiosk = await pageKiosk(t, { assets })
    kiosk.runner.setOffline(false)
    const tab = await openTab(browser, kiosk.url, viewport)
    const complaints = watch(tab, kiosk.url)
    // What axe looks at does not depend on the size.
    const look = (screen: string) => (size === 'small' ? inspect : inReach)(t, tab, `${size}, ${screen}`)
    await heading(tab, 'Perekaman sidik jari KTP-el')
    await look('idle')
    await touch(tab, 'Mulai')
    await heading(tab, 'Ketik NIK Anda')
    await look('identify')
    await typeNik(tab, NIK, 'Lanjut')
    await heading(tab, 'Apakah ini benar?')
    await tab.getByText('21 Agustus 1985').waitFor()
    await look('confirm')
    await touch(tab, 'Benar, lanjut')
    await heading(tab, 'Persetujuan Anda')
    await look('consent')
    kiosk.sensor.present(undefined)
    await touch(tab, 'Saya setuju')
    await heading(tab, 'Letakkan ibu jari kanan')
    await look('capture')
    await touch(tab, 'Jari ini tidak bisa')
    await heading(tab, 'Mengapa jari ini tidak bisa?')
    await look('skip')
    kiosk.sensor.present(simulatedCitizen(3))
    await touch(tab, 'Jari diperban')
    await heading(tab, 'Periksa, lalu simpan')
    await look('review')
    await touch(tab, 'Simpan rekaman')
    await heading(tab, 'Selesai. Terima kasih!')
    await tab.getByText('Ambil struk Anda').waitFor()
    await look('done')
    t.match(await tab.locator('.number').textContent(), kiosk.store.kept[0].id)
    await touch(tab, 'Tutup dan hapus layar')
    await heading(tab, 'Perekaman sidik jari KTP-el')
    t.notMatch(await tab.content(), new RegExp(`${NIK}|${kiosk.store.kept[0].id}|1985|0001`))
    const left = 'JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])'
    t.equal(await tab.evaluate(left), JSON.stringify([{}, {}, '', kiosk.url]), 'the browser keeps nothing')
    t.equal(kiosk.store.submissions[0].nik, NIK)
    t.equal(kiosk.store.submissions[0].fingers.filter(finger => 'template' in finger).length, 9)
    t.same(complaints, [])
  })
}

t.test('somebody enrols by keyboard alone, in English', async t => {
  const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2] } } })
  const tab = await openTab(browser, kiosk.url, screens.landscape)
  await heading(tab, 'e-KTP fingerprint enrolment')
  const press = (name: string) => choose(tab, name, 'Tab')
  await press('Start')
  await heading(tab, 'Type your NIK')
  await tab.keyboard.type(NIK)
  await press('Next')
  await heading(tab, 'Is this right?')
  await press('Right, go on')
  await heading(tab, 'Your consent')
  await press('I agree')
  await heading(tab, 'Check, then save')
  await press('Save the record')
  await heading(tab, 'Done. Thank you!')
  await tab.getByText('Not connected to the centre').waitFor()
  await tab.getByText('It is not sent yet').waitFor()
  await press('Close and clear the screen')
  await heading(tab, 'e-KTP fingerprint enrolment')
  t.equal(kiosk.store.submissions[0].consent.language, 'en')
})

t.test('a scanner gives the NIK; what else it reads is said, and presses nothing', async t => {
  const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2] } } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  const complaints = watch(tab, kiosk.url)
  kiosk.sensor.present(undefined)
  await touch(tab, 'Mulai')
  await heading(tab, 'Ketik NIK Anda')
  await tab.keyboard.type('12')
  await tab.keyboard.type('https://example.org/*a-b\n')
  await tab.getByText('Kode itu tidak memuat NIK').waitFor()
  await inspect(t, tab, 'a strange code')
  t.equal(kiosk.runner.view.helpCalled, false, 'a stroke in a code calls nobody')
  await tab.keyboard.type(`NIK: ${NIK}; KK: 3171230101150002\n`)
  await heading(tab, 'Apakah ini benar?')
  await tab.getByText('21 Agustus 1985').waitFor()
  await touch(tab, 'Benar, lanjut')
  await heading(tab, 'Persetujuan Anda')
  await tab.keyboard.press('+')
  await tab.keyboard.press('+')
  t.equal(await tab.evaluate('document.activeElement.textContent'), 'Saya setuju')
  await tab.keyboard.type(`NIK: ${NIK}\n`)
  t.equal(kiosk.runner.view.step, 'consent', 'the Enter of a code agrees to nothing')
  t.same(complaints, [])
})

t.test('whoever places a finger sees it, is told to hold it, and how good the picture was', async t => {
  const citizen = simulatedCitizen(5, { poorFirst: 'tip-only' })
  const kiosk = await pageKiosk(t, {
    assets,
    change: { capture: { plan: [2], timeoutMs: 2500 } },
    placingMs: 2000,
    previewHz: 5,
  })
  const tab = await openTab(browser, kiosk.url, screens.small)
  kiosk.sensor.present(undefined)
  await touch(tab, 'Mulai')
  await heading(tab, 'Ketik NIK Anda')
  await tab.keyboard.type(`${NIK}\n`)
  await touch(tab, 'Benar, lanjut')
  const phases = new Set<string>()
  kiosk.runner.onView(view => {
    if (view.step === 'capture') phases.add(view.phase)
  })
  await touch(tab, 'Saya setuju')
  const picture = tab.getByRole('img', { name: 'Gambar langsung' })
  await picture.waitFor()
  const widthPx = () => tab.evaluate('document.querySelector("img.live").naturalWidth')
  for (let looks = 0; looks < 100 && (await widthPx()) === 0; looks++) await tab.waitForTimeout(50)
  t.ok(Number(await widthPx()) > 0, 'an image has come')
  await inspect(t, tab, 'live picture')
  kiosk.sensor.present(citizen)
  await tab.getByText('Mutu gambar tadi').waitFor()
  t.ok(phases.has('reading'), [...phases].join())
  await heading(tab, 'Periksa, lalu simpan')
  t.equal(await picture.count(), 0, 'nothing of the finger stays on screen')
})
