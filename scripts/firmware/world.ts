import { execFile } from 'node:child_process'
import { rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BundleReport, makeBundle } from '../../firmware/update/make-bundle.ts'
import type { ReportedUpdate } from '../../src/settings/update-desired.ts'
import { until } from '../../test/support/until.ts'
import type { BootOptions } from './booted-image.ts'
import { startCentre } from './centre.ts'
import { ImagedKiosk } from './imaged-kiosk.ts'
import { otherImage } from './other-image.ts'

const KIOSK = 'kiosk-0007'
const CARD_BYTES = 4 * 1024 ** 3
/** With a browser on each slot. */
const SCREEN_CARD_BYTES = 6 * 1024 ** 3
/** An emulated board beside other work is slow. */
export const WAIT_MS = 900_000
const DAY_MS = 86_400_000
const run = promisify(execFile)
const TUNGGAL = join(import.meta.dirname, '../../dist/tunggal.js')

export type FirmwareWorld = Awaited<ReturnType<typeof firmwareWorld>>

export interface WorldOptions extends BootOptions {
  readonly fingers: number
  /** The built command that makes the first image and its card: today's if left out. */
  readonly tunggal?: string
}

/**
 * A centre, and a card for one kiosk in QEMU, made with the commands that a technician uses. `work`: an empty folder.
 * Versions after the first are the same image with other files.
 */
export async function firmwareWorld(work: string, { fingers, tunggal = TUNGGAL, ...options }: WorldOptions) {
  const centre = await startCentre(join(work, 'centre'), { kiosk: KIOSK })
  const image = join(work, 'v1.img')
  const card = join(work, 'card.img')
  const kiosk = new ImagedKiosk(card, work, options)
  const variant = options.hasDisplay ? 'virt-screen' : 'virt'
  const buildImage = (output: string, by = tunggal) =>
    run('node', [by, 'image', 'build', '--variant', variant, '--version', '1.0.0', '-o', output])
  const last = (): ReportedUpdate | undefined => centre.reports.at(-1)
  /** Onto a file, with the commands and files that a technician has. */
  const flash = async (disk: string, name: string): Promise<void> => {
    const settings = {
      // An emulated board takes long over its first finger.
      capture: { plan: Array.from({ length: fingers }, (_, i) => i + 1), sampleTimeoutMs: 60_000 },
      relay: { probeIntervalMs: 1000 },
      broker: { backoffMsMin: 200, backoffMsMax: 2000 },
      update: {
        windowFrom: '00:00',
        windowTo: '00:00',
        bytesPerSecondMax: 1e9,
        goodMs: 5_000,
        limitMs: 240_000,
      },
    }
    await writeFile(join(work, 'site.json'), JSON.stringify(await centre.newSite(name)))
    await writeFile(join(work, 'settings.json'), JSON.stringify(settings))
    await writeFile(disk, '')
    await truncate(disk, options.hasDisplay ? SCREEN_CARD_BYTES : CARD_BYTES)
    const words = ['--site', join(work, 'site.json'), '--settings', join(work, 'settings.json')]
    await run('node', [tunggal, 'flash', image, disk, ...words])
  }
  const approve = async (name: string): Promise<void> => {
    let id: string | undefined
    await until(async () => {
      for await (const claim of centre.desk.claims()) if (claim.name === name) id = claim.id
      return id !== undefined
    }, WAIT_MS)
    await centre.desk.approve(id as string, { by: 'test' })
  }
  return {
    centre,
    kiosk,
    last,
    image,
    buildImage,
    /** Of today's sources, whatever the first one was of. */
    buildToday: (output: string) => buildImage(output, TUNGGAL),
    card,
    /** Builds the image, and flashes the card. */
    async makeCard(): Promise<void> {
      await buildImage(image)
      await flash(card, KIOSK)
    },
    /** A second card from the same image, of a kiosk that is approved once it asks. Both are off in the end. */
    async secondCard(): Promise<string> {
      const second = join(work, 'second.img')
      await flash(second, 'kiosk-0008')
      await kiosk.pull()
      const other = new ImagedKiosk(second, work)
      try {
        await other.plugIn()
        await approve('kiosk-0008')
        await until(() => other.says('test -e /data/tunggal/high-water-mark'), WAIT_MS)
        await other.running.must('sync')
      } finally {
        await other.pull()
      }
      return second
    },
    /** Plugs the kiosk in, and approves what it claims; resolves once it has told the centre of its image. */
    async claim(): Promise<void> {
      await kiosk.plugIn()
      await approve(KIOSK)
      await until(() => centre.reports.length > 0, WAIT_MS)
    },
    /** PEM of the certificate that the kiosk has claimed. */
    async certificate(): Promise<string> {
      for await (const { decision } of centre.desk.claims())
        if (decision?.state === 'approved') return decision.certificate
      throw new Error('no claim was approved')
    },
    /** `recipients`: PEM of the kiosks that can read it; left out, all. `of`: the image that it differs from. */
    async bundleOf(
      version: string,
      files: Readonly<Record<string, string>> = {},
      { recipients, of = image }: { readonly recipients?: string; readonly of?: string } = {},
    ): Promise<BundleReport> {
      const other = join(work, `v${version}.img`)
      await otherImage(of, other, { '/etc/tunggal/version': `${version}\n`, ...files })
      const bundle = await makeBundle({
        image: other,
        output: join(work, `v${version}.raucb`),
        signer: join(centre.keys, 'updates'),
        expiresAt: new Date(Date.now() + DAY_MS).toISOString(),
        effort: 1,
        recipients,
        say: () => {},
      })
      await rm(other)
      return bundle
    },
    /** Resolves once the kiosk has said so, now or before. */
    reported: (expected: (report: ReportedUpdate) => boolean, timeoutMs = WAIT_MS) =>
      until(() => centre.reports.some(expected), timeoutMs),
    async close(): Promise<void> {
      await kiosk.pull()
      await centre.close()
    },
  }
}
