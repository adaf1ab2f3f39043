import type { Page as Tab } from 'playwright-core'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { type PageKioskOptions, type pageKiosk, touch, typeNik } from '../../test/ui/page-kiosk.ts'

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
]
