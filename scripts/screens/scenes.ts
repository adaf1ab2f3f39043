import type { Page as Tab } from 'playwright-core'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import type { VisitRunner } from '../../src/enrolment/runner.ts'
import type { StaffOperations } from '../../src/ui/operations.ts'
import { keyNik, type PageKioskOptions, type pageKiosk, touch, typeNik } from '../../test/ui/page-kiosk.ts'

const NIK = '3171236108850001'

export interface Stage {
  readonly kiosk: Awaited<ReturnType<typeof pageKiosk>>
  readonly tab: Tab
  /** Takes a picture, named after the screen. */
  shoot(screen: string): Promise<void>
}

/** A few screens of one visit, in the order a person sees them. */
export interface Scene {
  readonly name: string
  readonly options?: Omit<PageKioskOptions, 'assets'>
  act(stage: Stage): Promise<void>
}

const heading = (tab: Tab, name: string | RegExp) => tab.getByRole('heading', { name }).first().waitFor()

export const scenes: readonly Scene[] = [
  {
    name: 'visit',
    options: { placingMs: 600 },
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      await heading(tab, 'Perekaman sidik jari KTP-el')
      await shoot('01-first')
      await touch(tab, 'Mulai')
      await heading(tab, 'Ketik NIK Anda')
      for (const digit of NIK.slice(0, 9)) await touch(tab, digit)
      await shoot('02-number')
      await typeNik(tab, NIK.slice(9), 'Lanjut')
      await heading(tab, 'Apakah ini benar?')
      await shoot('03-confirm')
      await touch(tab, 'Benar, lanjut')
      await heading(tab, 'Persetujuan Anda')
      await shoot('04-consent')
      kiosk.sensor.present(undefined)
      await touch(tab, 'Saya setuju')
      await heading(tab, 'Letakkan ibu jari kanan')
      await shoot('05-finger')
      await touch(tab, 'Jari ini tidak bisa')
      await heading(tab, 'Mengapa jari ini tidak bisa?')
      await shoot('06-exception')
      kiosk.sensor.present(simulatedCitizen(3))
      await touch(tab, 'Jari diperban')
      await heading(tab, 'Letakkan jari manis kiri')
      kiosk.sensor.unplug()
      await tab.getByText('Pemindai tidak menjawab').waitFor()
      await shoot('07-scanner-fault')
      kiosk.sensor.plug()
      await touch(tab, 'Coba lagi')
      await heading(tab, 'Periksa, lalu simpan')
      await shoot('08-review')
      await touch(tab, 'Simpan rekaman')
      await heading(tab, 'Selesai. Terima kasih!')
      await tab.getByText('Ambil struk Anda').waitFor()
      await shoot('09-done')
    },
  },
  {
    name: 'display',
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      await touch(tab, 'Text and sound')
      await heading(tab, 'Text, colour and sound')
      await shoot('10-display')
      await tab.getByRole('group', { name: 'Read out' }).getByRole('button', { name: 'Yes' }).tap()
      await tab.getByText('Volume 3 of 5').waitFor()
      await touch(tab, 'Largest')
      await touch(tab, 'Black and yellow')
      await shoot('11-display-largest')
      await touch(tab, 'Back')
      await shoot('12-first-largest')
      kiosk.sensor.present(undefined)
      await touch(tab, 'Start')
      await heading(tab, 'Type your NIK')
      await shoot('13-number-largest')
      await typeNik(tab, NIK, 'Next')
      await touch(tab, 'Right, go on')
      await touch(tab, 'I agree')
      await heading(tab, 'Place your right thumb')
      await shoot('14-finger-largest')
    },
  },
  {
    name: 'status',
    options: {
      status: {
        status: 'PRINT_READY_RECORD',
        history: [
          { status: 'BIO_CAPTURED', at: '2026-09-02T03:00:00.000Z' },
          { status: 'SENT_FOR_ENROLLMENT', at: '2026-09-02T03:00:01.000Z' },
          { status: 'RECEIVED_AT_CENTRAL', at: '2026-09-03T03:00:00.000Z' },
          { status: 'PRINT_READY_RECORD', at: '2026-11-24T23:00:00.000Z' },
        ],
      },
    },
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      await touch(tab, 'Di mana KTP-el saya?')
      await heading(tab, 'Di mana KTP-el saya?')
      await shoot('15-status-question')
      await touch(tab, 'Kembali')
      await tab.keyboard.type('tunggal:1:019abcde-f012-7345-8678-9abcdef01234\n')
      await tab.getByText('Tanyakan jadwal').waitFor()
      await shoot('16-status')
      await touch(tab, 'Kembali')
      kiosk.runner.setOffline(true)
      kiosk.setStatus({
        status: 'SENT_FOR_ENROLLMENT',
        history: [
          { status: 'BIO_CAPTURED', at: '2026-11-25T03:00:00.000Z' },
          { status: 'SENT_FOR_ENROLLMENT', at: '2026-11-25T03:00:01.000Z' },
        ],
        backlog: { waiting: 213, oldestAt: '2026-11-03T03:00:00.000Z', isOnline: false },
      })
      await tab.keyboard.type('tunggal:1:019abcde-f012-7345-8678-9abcdef01234\n')
      await tab.getByText('213 rekaman').waitFor()
      await shoot('17-status-waiting')
    },
  },
  {
    name: 'by finger',
    options: { change: { capture: { timeoutMs: 60_000 } } },
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      kiosk.sensor.present(undefined)
      await touch(tab, 'Di mana KTP-el saya?')
      await touch(tab, 'Tanpa struk: NIK dan jari')
      await tab.keyboard.type(NIK.slice(0, 9), { delay: 60 })
      await tab.getByText('9 dari 16').waitFor()
      await shoot('28-status-number')
      await tab.keyboard.type(`${NIK.slice(9)}\n`, { delay: 60 })
      await heading(tab, 'Letakkan satu jari')
      await shoot('29-status-finger')
    },
  },
  {
    name: 'print',
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      kiosk.setStatus({
        kind: 'found',
        record: {
          status: 'CARD_PRINTED',
          history: [
            { status: 'BIO_CAPTURED', at: '2026-09-02T03:00:00.000Z' },
            { status: 'PRINT_READY_RECORD', at: '2026-10-24T03:00:00.000Z' },
            { status: 'CARD_PRINTED', at: '2026-11-24T03:00:00.000Z' },
          ],
        },
        prints: [
          {
            job: '019abcde-f012-7345-8678-00000000000a',
            title: 'Surat keterangan perekaman',
            kind: 'document',
          },
        ],
        hasSlip: true,
      })
      kiosk.prints.push(() => 'paper')
      await heading(tab, 'Perekaman sidik jari KTP-el')
      await tab.keyboard.type('tunggal:1:019abcde-f012-7345-8678-9abcdef01234\n')
      await touch(tab, 'Cetak: Surat keterangan perekaman')
      await tab.getByText('Kertas pencetak habis').waitFor()
      await shoot('30-print-no-paper')
    },
  },
  {
    name: 'behind',
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      kiosk.setStatus({
        status: 'RECEIVED_AT_CENTRAL',
        history: [
          { status: 'BIO_CAPTURED', at: '2026-09-02T03:00:00.000Z' },
          { status: 'RECEIVED_AT_CENTRAL', at: '2026-09-03T03:00:00.000Z' },
        ],
        centre: { waiting: 4_120_000, oldestAt: '2026-06-03T03:00:00.000Z', days: 60 },
      })
      await heading(tab, 'Perekaman sidik jari KTP-el')
      await tab.keyboard.type('tunggal:1:019abcde-f012-7345-8678-9abcdef01234\n')
      await tab.getByText('4.120.000').waitFor()
      await shoot('31-status-centre-behind')
    },
  },
  {
    name: 'live picture',
    options: { change: { capture: { plan: [2, 7] } }, previewHz: 5, readingMs: 60_000 },
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      await touch(tab, 'Mulai')
      await keyNik(tab, NIK)
      await touch(tab, 'Benar, lanjut')
      await touch(tab, 'Saya setuju')
      await tab.getByText('Jari terasa').waitFor()
      await tab.waitForTimeout(1500)
      await shoot('18-live-picture')
    },
  },
  {
    name: 'poor',
    options: {
      change: { capture: { plan: [2, 7] } },
      citizen: simulatedCitizen(5, { poorFirst: 'tip-only' }),
      placingMs: 4000,
    },
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      await touch(tab, 'Mulai')
      await keyNik(tab, NIK)
      await touch(tab, 'Benar, lanjut')
      await touch(tab, 'Saya setuju')
      await tab.getByText('Mutu gambar tadi').waitFor()
      await shoot('19-quality')
    },
  },
  {
    name: 'limits',
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      kiosk.runner.setLimits(['no-sensor', 'no-printer'])
      await tab.getByText('Pemindai jari sedang tidak berfungsi').waitFor()
      await shoot('20-no-scanner')
      kiosk.runner.setLimits(['store-full'])
      await tab.getByText('Kios ini penuh').waitFor()
      await shoot('21-full')
    },
  },
  {
    name: 'no paper',
    options: { change: { capture: { plan: [2] } } },
    async act({ kiosk, tab, shoot }) {
      kiosk.printer.setPaper(0)
      await touch(tab, 'Mulai')
      await keyNik(tab, NIK)
      await touch(tab, 'Benar, lanjut')
      await touch(tab, 'Saya setuju')
      await touch(tab, 'Simpan rekaman')
      await tab.getByText('Struk tidak dapat dicetak').waitFor()
      await shoot('22-no-paper-offline')
    },
  },
  {
    name: 'away',
    options: { change: { ui: { idleAfterMs: 2000, countDownMs: 30_000 } } },
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      await touch(tab, 'Mulai')
      await heading(tab, 'Apakah Anda masih di sini?')
      await shoot('23-still-there')
    },
  },
  {
    name: 'staff',
    options: { staff: runner => demoStaff(runner) },
    async act({ kiosk, tab, shoot }) {
      kiosk.runner.setOffline(false)
      await touch(tab, 'Mulai')
      await touch(tab, 'Panggil petugas')
      await tab.getByText('Petugas sudah dipanggil').waitFor()
      await shoot('24-help')
      await touch(tab, 'Saya petugas')
      await heading(tab, 'Untuk petugas')
      await tab.keyboard.type('1234')
      await shoot('25-pin')
      await tab.keyboard.press('Enter')
      await tab.getByText('hal/paper-out').waitFor()
      await shoot('26-technician')
      await touch(tab, 'Uji dan tindakan')
      await touch(tab, 'Simpan diagnosis ke USB')
      await tab.getByText('Tidak ada USB').waitFor()
      await shoot('27-technician-tools')
    },
  },
]

/** Whatever PIN is typed is a technician's. */
function demoStaff(runner: VisitRunner): StaffOperations {
  return {
    async enter() {
      runner.attend()
      return { kind: 'technician', session: 'demo' }
    },
    async look(_session, { thoroughly }) {
      return {
        version: '0.1.0',
        kiosk: 'kiosk-demo',
        parts: [
          { name: 'fingerprint', kind: 'fingerprint-sensor', up: true, detail: 'zfm' },
          { name: 'receipt', kind: 'receipt-printer', up: false, detail: 'hal/paper-out: no paper' },
        ],
        outbox: { waiting: 213, events: 2, oldestAt: '2026-11-03T03:00:00.000Z', isOnline: false },
        setAside: [],
        ...(thoroughly && {
          checks: [
            { area: 'machine', check: 'clock', ok: true, detail: 'set', remedy: '' },
            {
              area: 'network',
              check: 'broker',
              ok: false,
              detail: 'no connection',
              remedy: 'look at the network cable',
            },
          ],
        }),
      }
    },
    async perform() {
      return { kind: 'no-drive' }
    },
    leave() {},
  }
}
