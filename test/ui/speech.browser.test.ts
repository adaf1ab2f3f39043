/**
 * Goal: who sees nothing hears everything and needs only the keys of a keypad; what is private reaches their
 * headphones or nobody.
 */

import type { Page as Tab } from 'playwright-core'
import t from 'tap'
import { until } from '../support/until.ts'
import { inspect } from './inspect.ts'
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

const NIK = '3171236108850001'
const assets = t.testdir()
await buildPage(assets)
const browser = await launchChromium()
t.teardown(() => browser.close())

const heading = (tab: Tab, name: string | RegExp) => tab.getByRole('heading', { name }).first().waitFor()

t.test('with headphones and a keypad alone, somebody enrols', async t => {
  const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2] } } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  const { said, statuses, heard } = listen(tab)
  await heading(tab, 'Perekaman sidik jari KTP-el')
  kiosk.runner.setListensAlone(true)
  await heard(/^Layar ini dibacakan/)
  await tab.keyboard.press('*')
  await heard(/^Perekaman sidik jari/)
  await choose(tab, 'Mulai')
  await heard(/^Ketik NIK Anda/)
  for (const [index, digit] of [...NIK].entries()) {
    await tab.keyboard.press(digit)
    t.equal((await heard(new RegExp(`^${digit}. ${index + 1} dari 16`))).isPrivate, true)
  }
  await tab.keyboard.press('.')
  await heard(/^0. 15 dari 16/)
  await tab.keyboard.press('1')
  await tab.keyboard.press('Enter')
  await heading(tab, 'Apakah ini benar?')
  await heard(/^Apakah ini benar/)
  await tab.keyboard.press('+')
  t.ok(await heard(/^Perbaiki$/), 'a choice is said when it is reached')
  await tab.keyboard.press('*')
  await choose(tab, 'Benar, lanjut')
  await heard(/^Persetujuan Anda/)
  await choose(tab, 'Saya setuju')
  await heading(tab, 'Periksa, lalu simpan')
  await choose(tab, 'Simpan rekaman')
  await heard(/^Selesai/)
  await choose(tab, 'Tutup dan hapus layar')
  await heading(tab, 'Perekaman sidik jari KTP-el')
  t.equal(kiosk.store.submissions[0].nik, NIK)
  t.ok([...statuses.values()].every(status => status === 200))
  t.ok(said.every(({ language }) => language === 'id' || language === 'en'))
})

t.test('the screen is read from its heading to its last choice, and again on a key', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  const { said, heard } = listen(tab)
  kiosk.runner.setListensAlone(true)
  await touch(tab, 'Mulai')
  await heading(tab, 'Ketik NIK Anda')
  await tab.keyboard.type(`${NIK}\n`)
  await heading(tab, 'Apakah ini benar?')
  await heard(/^Pilihan: Perbaiki, Benar, lanjut/)
  const from = said.findIndex(({ text }) => text === 'Apakah ini benar?')
  t.match(said.slice(from, from + 6), [
    { text: 'Apakah ini benar?', isPrivate: false },
    { text: 'NIK berakhir dengan' },
    { text: '0 0 0 1', isPrivate: true },
    { text: /^Angka ke-7/ },
    { text: '21 Agustus 1985', isPrivate: true },
    { text: 'Pilihan: Perbaiki, Benar, lanjut.', isPrivate: false },
  ])
  const before = said.length
  await tab.keyboard.press('*')
  await heard(/^Apakah ini benar/, before)
  await tab.keyboard.press('+')
  await heard(/^Perbaiki$/, before)
  const interrupted = said.length
  await touch(tab, 'Benar, lanjut')
  await heard(/^Persetujuan Anda/, before)
  t.notMatch(said.slice(interrupted), [{ text: /^Angka ke-7/ }], 'what was interrupted is not said later')
})

t.test('without headphones nothing private is said, and that is said', async t => {
  const kiosk = await pageKiosk(t, { assets, change: { capture: { plan: [2] } } })
  const tab = await openTab(browser, kiosk.url, screens.small)
  const { said, statuses, heard } = listen(tab)
  await heading(tab, 'Perekaman sidik jari KTP-el')
  await tab.keyboard.press('*')
  await heard(/^Layar ini dibacakan/)
  await touch(tab, 'Mulai')
  await heading(tab, 'Ketik NIK Anda')
  await tab.keyboard.type(NIK.slice(0, 8))
  await heard(/^8 dari 16/)
  // At a person's pace: eight digits at once would be a code.
  await tab.keyboard.type(NIK.slice(8), { delay: 50 })
  await tab.keyboard.press('Enter')
  await heard(/hanya dibacakan lewat penyuara telinga/)
  // Plugged in, heard, and pulled out while it is said.
  // The page learns of it a moment later: asked before that, it says the other of the two, or falls silent.
  const repeatedAs = async (wanted: RegExp) => {
    for (let isSaid = false; !isSaid; ) {
      const from = said.length
      const hasSaid = (pattern: RegExp) => said.slice(from).some(({ text }) => pattern.test(text))
      await tab.keyboard.press('*')
      await until(() => hasSaid(/^0 0 0 1$|hanya dibacakan/), 10_000).catch(() => {})
      isSaid = hasSaid(wanted)
    }
  }
  kiosk.runner.setListensAlone(true)
  await repeatedAs(/^0 0 0 1$/)
  kiosk.runner.setListensAlone(false)
  const pulledOut = said.length
  await repeatedAs(/hanya dibacakan/)
  t.same(
    said.slice(pulledOut).filter(({ text, isPrivate }) => isPrivate && statuses.get(text) === 200),
    [],
  )
  const digits = said.filter(({ text, isPrivate }) => !isPrivate && /\d \d|\d\. \d|Agustus/.test(text))
  t.same(digits, [])
})

t.test('volume and voice are the next person’s own', async t => {
  const kiosk = await pageKiosk(t, { assets })
  const tab = await openTab(browser, kiosk.url, screens.small)
  const { said, heard } = listen(tab)
  await touch(tab, 'Mulai')
  await touch(tab, 'Huruf dan suara')
  const group = tab.getByRole('group', { name: 'Layar dibacakan' })
  await group.getByRole('button', { name: 'Ya' }).tap()
  await tab.getByText('Keras suara 3 dari 5').waitFor()
  await inspect(t, tab, 'voice')
  const before = said.length
  await tab.getByRole('dialog').getByRole('button', { name: 'Bacakan layar ini lagi' }).tap()
  await heard(/^Huruf, warna, dan suara/, before)
  await touch(tab, 'Lebih keras')
  await touch(tab, 'Lebih keras')
  await heard(/^Keras suara 5 dari 5/)
  t.equal(await tab.getByRole('button', { name: 'Lebih keras' }).isDisabled(), true)
  await touch(tab, 'Kembali')
  await touch(tab, 'Batal')
  await touch(tab, 'Ya, batalkan')
  await heading(tab, 'Perekaman sidik jari KTP-el')
  const { speech, volume } = kiosk.runner.view.preferences
  t.same({ speech, volume }, { speech: false, volume: 3 })
})

t.test('a kiosk without a voice says that on screen', async t => {
  const kiosk = await pageKiosk(t, { assets, voice: '/nowhere/espeak-ng' })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Mulai')
  await touch(tab, 'Huruf dan suara')
  await tab.getByRole('group', { name: 'Layar dibacakan' }).getByRole('button', { name: 'Ya' }).tap()
  await tab.getByText('Suara sedang tidak berfungsi').waitFor()
  await inspect(t, tab, 'no voice')
})
