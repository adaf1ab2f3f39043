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

t.test('what the centre sent is printed against the receipt; what fails stays', async t => {
  const id = '019abcde-f012-7345-8678-9abcdef01234'
  const job = '019abcde-f012-7345-8678-00000000000a'
  const at = '2026-11-25T03:00:00.000Z'
  const kiosk = await pageKiosk(t, { assets })
  kiosk.setStatus({
    kind: 'found',
    record: { status: 'CARD_PRINTED', history: [{ status: 'CARD_PRINTED', at }] },
    prints: [{ job, title: 'Surat keterangan', kind: 'document' }],
    hasSlip: true,
  })
  const asked: (string | undefined)[] = []
  for (const kind of ['paper', 'printed', 'printed'] as const)
    kiosk.prints.push(job => {
      asked.push(job)
      return kind
    })
  const tab = await openTab(browser, kiosk.url, screens.small)
  await heading(tab, 'Perekaman sidik jari KTP-el')
  await tab.keyboard.type(`tunggal:1:${id}\n`)
  await tab.getByRole('button', { name: 'Cetak: Surat keterangan' }).waitFor()
  await inspect(t, tab, 'offers')
  await touch(tab, 'Cetak: Surat keterangan')
  await tab.getByText('Kertas pencetak habis').waitFor()
  await inspect(t, tab, 'no paper')
  await tab.getByRole('dialog').getByRole('button', { name: 'Panggil petugas' }).tap()
  await tab.locator('.over').getByText('Petugas sudah dipanggil').waitFor()
  t.equal(kiosk.runner.view.helpCalled, true)
  await touch(tab, 'Cetak: Surat keterangan')
  await tab.getByText('Sudah tercetak').waitFor()
  t.equal(await tab.getByRole('button', { name: 'Cetak: Surat keterangan' }).count(), 0)
  await touch(tab, 'Cetak slip pengambilan')
  await tab.getByText('Sudah tercetak').waitFor()
  while (asked.length < 3) await tab.waitForTimeout(50)
  t.same(asked, [job, job, undefined])
  t.notMatch(await tab.content(), id)
})

t.test('a question that nobody waits for leaves the scanner, and nothing on the screen', async t => {
  const change = { capture: { plan: [2] }, ui: { idleAfterMs: 4000, countDownMs: 15_000 } }
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
