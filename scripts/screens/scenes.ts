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
]
