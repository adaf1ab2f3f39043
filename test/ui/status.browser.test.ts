/**
 * Goal: whoever lost their receipt finds their record by NIK and finger; nobody else does, nobody learns whose NIK is
 * enrolled, and nothing of the question is left for the next person.
 */
import type { Page as Tab } from 'playwright-core'
import t from 'tap'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { enrolUnattended } from '../../src/enrolment/unattended.ts'
import { inspect } from './inspect.ts'
import { buildPage, launchChromium, openTab, pageKiosk, screens, touch } from './page-kiosk.ts'

t.setTimeout(180_000)

const NIK = '3171236108850001'
const assets = t.testdir()
await buildPage(assets)
const browser = await launchChromium()
t.teardown(() => browser.close())

const heading = (tab: Tab, name: string | RegExp) => tab.getByRole('heading', { name }).first().waitFor()

t.test('by NIK and finger, by touch and by keypad, with a stranger between', async t => {
  const kiosk = await pageKiosk(t, {
    assets,
    change: { capture: { plan: [2, 7], timeoutMs: 4000 } },
    citizen: simulatedCitizen(3),
  })
  await enrolUnattended(kiosk.runner, { nik: NIK })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Di mana KTP-el saya?')
  await touch(tab, 'Tanpa struk: NIK dan jari')
  await heading(tab, 'Cari dengan NIK dan jari')
  await inspect(t, tab, 'NIK')
  kiosk.sensor.present(undefined)
  for (const digit of NIK) await touch(tab, digit)
  await touch(tab, 'Lanjut')
  await heading(tab, 'Letakkan satu jari')
  await inspect(t, tab, 'finger')
  await tab.getByText('Belum ada jari').waitFor()
  await inspect(t, tab, 'no finger')
  kiosk.sensor.present(simulatedCitizen(3))
  await touch(tab, 'Coba lagi')
  await tab.getByText('Tersimpan di kios ini, menunggu').first().waitFor()
  await inspect(t, tab, 'found')
  t.notMatch(await tab.content(), NIK)

  kiosk.sensor.present(simulatedCitizen(5))
  await touch(tab, 'Rekaman lain')
  await touch(tab, 'Tanpa struk: NIK dan jari')
  await tab.keyboard.type(NIK)
  await tab.keyboard.press('Enter')
  await tab.getByText('Rekaman itu tidak ditemukan').waitFor()
  await inspect(t, tab, 'not theirs')
  kiosk.sensor.present(simulatedCitizen(3))
  await touch(tab, 'Coba lagi')
  await tab.getByText('Tersimpan di kios ini, menunggu').first().waitFor()
  await touch(tab, 'Kembali')

  // A number that nobody has is asked for its finger as well.
  await touch(tab, 'Di mana KTP-el saya?')
  await touch(tab, 'Tanpa struk: NIK dan jari')
  await tab.keyboard.type('3171234567890001')
  await tab.keyboard.press('Enter')
  await tab.getByText('Rekaman itu tidak ditemukan').waitFor()
  t.equal(kiosk.runner.view.step, 'idle')
})

t.test('a question that nobody waits for leaves the scanner, and nothing on the screen', async t => {
  const change = { capture: { plan: [2] }, ui: { idleAfterMs: 4000, countDownMs: 3000 } }
  const kiosk = await pageKiosk(t, { assets, change })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await touch(tab, 'Di mana KTP-el saya?')
  await touch(tab, 'Tanpa struk: NIK dan jari')
  await tab.keyboard.type('31712361')
  await heading(tab, 'Apakah Anda masih di sini?')
  await inspect(t, tab, 'still there')
  await touch(tab, 'Saya masih di sini')
  await tab.getByText('8 dari 16 angka').waitFor()
  await heading(tab, 'Apakah Anda masih di sini?')
  await tab.getByRole('dialog').waitFor({ state: 'detached' })
  await touch(tab, 'Di mana KTP-el saya?')
  await touch(tab, 'Tanpa struk: NIK dan jari')
  await tab.getByText('0 dari 16 angka').waitFor()

  kiosk.sensor.present(undefined)
  await tab.keyboard.type(NIK)
  await tab.keyboard.press('Enter')
  await heading(tab, 'Letakkan satu jari')
  await touch(tab, 'Kembali')
  await touch(tab, 'Mulai')
  await tab.locator('.digits').waitFor()
  await tab.keyboard.type(NIK)
  await tab.keyboard.press('Enter')
  await touch(tab, 'Benar, lanjut')
  kiosk.sensor.present(simulatedCitizen(3))
  await touch(tab, 'Saya setuju')
  await heading(tab, 'Periksa, lalu simpan')
})
