/**
 * Goal: people who see little get large letters and strong colours on every screen of their visit, and the
 * person after them finds the page as it was.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page as Tab } from 'playwright-core'
import t from 'tap'
import { inReach, inspect } from './inspect.ts'
import { buildPage, keyNik, launchChromium, openTab, pageKiosk, screens, touch } from './page-kiosk.ts'

const PAGE_BYTES_MAX = 120 * 1024
const NIK = '3171236108850001'
const assets = t.testdir()
await buildPage(assets)
const browser = await launchChromium()
t.teardown(() => browser.close())

const heading = (tab: Tab, name: string | RegExp) => tab.getByRole('heading', { name }).first().waitFor()
const look = (tab: Tab) =>
  tab.evaluate(() => {
    const { document } = globalThis as unknown as {
      document: { documentElement: { dataset: Record<string, string> } }
    }
    return { ...document.documentElement.dataset }
  })

t.test('the largest letters leave every choice in sight on a small screen', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Huruf dan suara')
  await touch(tab, 'Terbesar')
  await tab.getByRole('group', { name: 'Layar dibacakan' }).getByRole('button', { name: 'Ya' }).tap()
  await tab.getByText('Keras suara 3 dari 5').waitFor()
  await inReach(t, tab, 'text and sound')
  await touch(tab, 'Kembali')
  await touch(tab, 'Di mana KTP-el saya?')
  await inReach(t, tab, 'status question')
})

t.test('help, reload and menus of the browser do nothing, and the keys of the page do', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  const leftAlone = await tab.evaluate(`
    ['F1', 'F5', 'F11', 'F12', 'BrowserHome', 'BrowserRefresh', 'BrowserBack', 'LaunchMail', 'Help', 'Tab', 'Home']
      .map(key => new KeyboardEvent('keydown', { key, cancelable: true }))
      .concat(['contextmenu', 'dragstart'].map(type => new Event(type, { cancelable: true })))
      .filter(event => document.dispatchEvent(event))
      .map(({ key, type }) => key ?? type)
  `)
  t.same(leftAlone, ['Tab', 'Home'])
})

t.test('script and style are light', async t => {
  const files = await Promise.all(['page.js', 'page.css'].map(name => readFile(join(assets, name))))
  const bytes = files.reduce((sum, file) => sum + gzipSync(file).length, 0)
  t.comment(`${bytes} bytes gzipped`)
  t.ok(bytes <= PAGE_BYTES_MAX)
})

for (const size of ['landscape', 'portrait'] as const) {
  t.test(`a visit in the largest letters, black and yellow, on a ${size} screen`, async t => {
    const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2] } } })
    const tab = await openTab(browser, kiosk.url, screens[size])
    await heading(tab, 'Perekaman sidik jari KTP-el')
    const font = await tab.evaluate(`document.fonts.check('700 20px "Atkinson Hyperlegible"')`)
    t.equal(font, true, 'in the bundled typeface')
    await touch(tab, 'Huruf dan suara')
    await heading(tab, 'Huruf, warna, dan suara')
    const plain = await look(tab)
    await inspect(t, tab, 'text and sound')
    await touch(tab, 'Terbesar')
    await touch(tab, 'Hitam-kuning')
    await touch(tab, 'Diam')
    await tab.locator('[data-contrast=high][data-text="3"][data-motion=reduced]').waitFor()
    await inspect(t, tab, 'text and sound, largest')
    const speech = tab.getByRole('group', { name: 'Layar dibacakan' })
    await speech.getByRole('button', { name: 'Ya' }).tap()
    await tab.getByText('Keras suara 3 dari 5').waitFor()
    await inReach(t, tab, 'volume, largest')
    await speech.getByRole('button', { name: 'Tidak' }).tap()
    await touch(tab, 'Kembali')
    // Which colours meet does not depend on the size.
    const check = (screen: string) => (size === 'portrait' ? inspect : inReach)(t, tab, screen)
    await check('idle')
    await touch(tab, 'Mulai')
    await heading(tab, 'Ketik NIK Anda')
    await check('identify')
    await keyNik(tab, NIK)
    await heading(tab, 'Apakah ini benar?')
    await check('confirm')
    await touch(tab, 'Benar, lanjut')
    await heading(tab, 'Persetujuan Anda')
    await check('consent')
    kiosk.sensor.present(undefined)
    await touch(tab, 'Saya setuju')
    await heading(tab, 'Letakkan telunjuk kanan')
    t.equal(await tab.evaluate('document.getAnimations().length'), 0, 'nothing moves')
    await check('capture')
    await touch(tab, 'Jari ini tidak bisa')
    await heading(tab, 'Mengapa jari ini tidak bisa?')
    await check('skip')
    await touch(tab, 'Jari diperban')
    await heading(tab, 'Periksa, lalu simpan')
    await check('review')
    await touch(tab, 'Simpan rekaman')
    await heading(tab, 'Selesai. Terima kasih!')
    await tab.getByText('Ambil struk Anda').waitFor()
    await check('done')
    await touch(tab, 'Tutup dan hapus layar')
    await heading(tab, 'Perekaman sidik jari KTP-el')
    t.same(await look(tab), plain)
  })
}
