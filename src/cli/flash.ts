import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { z } from 'zod'
import type { Target } from '../../firmware/flash/device.ts'
import type { Progress } from '../../firmware/flash/write-image.ts'
import { systemClock as clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import { parseSite, SITE_BYTES_MAX } from '../keys/claim/site.ts'
import { checkSettings, readSettingsJson, SETTINGS_BYTES_MAX } from '../settings/settings.ts'
import type { Command, Context } from './command.ts'
import { EXIT } from './exit-code.ts'
import { readInput } from './files.ts'
import { badOption } from './options.ts'

const GB = 1e9
const MIB = 1 << 20
const PASSPHRASE_BYTES_MAX = 1024

const options = z.strictObject({
  site: z.string().optional().meta({
    doc: 'site.json for this kiosk, as tunggal fleet claim token create makes it.',
    value: 'FILE',
  }),
  keys: z.string().optional().meta({
    doc: 'Instead: key folder of this kiosk, as tunggal keys issue makes it. A secret is then on the card.',
    value: 'DIR',
  }),
  settings: z.string().optional().meta({
    doc: "The kiosk's own settings (docs/CONFIG.md), as JSON.",
    value: 'FILE',
  }),
  wifi: z
    .string()
    .optional()
    .meta({ doc: 'Name of the wireless network, where there is no cable.', value: 'NAME' }),
  wifiPassphrase: z.string().optional().meta({
    doc: 'Its passphrase is the first line of this file; not on the command line, where others see it.',
    value: 'FILE',
  }),
  wifiCountry: z.string().default('ID').meta({ doc: 'Whose rules for radio hold.', value: 'CC' }),
  yes: z.boolean().default(false).meta({ doc: 'Do not ask before a disk is written over.' }),
})

export const flash: Command<typeof options> = {
  name: 'flash',
  summary: 'Write an image, and what this site needs, onto a card; as root',
  args: [
    { name: 'IMAGE', doc: 'As tunggal image build made it.' },
    { name: 'DEVICE', doc: 'The card, as /dev/sdb or /dev/mmcblk0; or a file, to try it out.' },
  ],
  options,
  async run(context, { site, keys, settings, yes, ...radio }, [image, device]) {
    if ((site === undefined) === (keys === undefined)) throw badOption('one of --site and --keys is needed')
    if (process.getuid?.() !== 0) throw new KioskError('firmware/not-root')
    const { holdDisk, targetOf } = await import('../../firmware/flash/device.ts')
    const { writeImage } = await import('../../firmware/flash/write-image.ts')
    const { writeSiteData } = await import('../../firmware/flash/site-data.ts')
    const data = {
      settings: settings === undefined ? {} : await settingsIn(context.resolve(settings)),
      ...(site !== undefined && { site: parseSite(await readInput(context.resolve(site), SITE_BYTES_MAX)) }),
      ...(keys !== undefined && { keys: context.resolve(keys) }),
      wifi: await wifiOf(context, radio),
    }
    const from = context.resolve(image)
    const { size } = await stat(from).catch(cause => {
      throw new KioskError('io/unreadable', { file: from, code: cause.code }, { cause })
    })
    const target = await targetOf(context.resolve(device), size)
    if (!yes && target.kind === 'disk') await ask(target)
    const release = await holdDisk(target)
    try {
      const { bytes, written } = await writeImage({
        image: from,
        device: target.path,
        isDisk: target.kind === 'disk',
        clock,
        signal: context.signal,
        onProgress: progress => context.progress(progressText(progress)),
      })
      context.progress('settings of the site')
      await writeSiteData(target.path, { ...data, epochS: Math.floor(clock.nowMs() / 1000) })
      const text = `${target.path}: ${mib(bytes)} MiB are as in the image, ${mib(written)} of them written now. It may be taken out.`
      context.print({ device: target.path, bytes, written, kiosk: data.site?.kiosk }, text)
      return EXIT.ok
    } finally {
      await release()
    }
  },
}

async function settingsIn(file: string): Promise<Record<string, unknown>> {
  const value = readSettingsJson(await readInput(file, SETTINGS_BYTES_MAX))
  const checked = checkSettings(value)
  if ('settings' in checked) return value as Record<string, unknown>
  const [{ path, remedy }, ...others] = checked.problems
  throw new KioskError('config/bad-value', { path, remedy, wrong: others.length + 1 })
}

async function wifiOf(
  { resolve }: Context,
  {
    wifi,
    wifiPassphrase,
    wifiCountry,
  }: Pick<z.infer<typeof options>, 'wifi' | 'wifiPassphrase' | 'wifiCountry'>,
): Promise<string | undefined> {
  if (wifi === undefined && wifiPassphrase === undefined) return undefined
  if (wifi === undefined || wifiPassphrase === undefined)
    throw badOption('--wifi and --wifi-passphrase go together')
  const { wifiConfig } = await import('../../firmware/flash/wifi.ts')
  const file = Buffer.from(await readInput(resolve(wifiPassphrase), PASSPHRASE_BYTES_MAX)).toString()
  return wifiConfig({ name: wifi, passphrase: file.split(/\r?\n/)[0], country: wifiCountry })
}

/** Who reads the size aloud has looked at the right disk. */
async function ask({ path, model = 'a disk without a name', bytes = 0 }: Target): Promise<void> {
  const size = (bytes / GB).toFixed(1)
  if (!process.stdin.isTTY) throw badOption(`${path} is ${model}, ${size} GB: --yes writes over it`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const question = `${path} is ${model}, ${size} GB. Everything on it is lost. Type ${size} to go on: `
  const answer = await terminal.question(question).finally(() => terminal.close())
  if (answer.trim() !== size) throw badOption(`nothing was written: ${path} has ${size} GB`)
}

function progressText({ phase, bytes, bytesTotal, bytesPerSecond }: Progress): string {
  const percent = Math.floor((bytes / bytesTotal) * 100)
  const leftS = Math.ceil((bytesTotal - bytes) / bytesPerSecond)
  const what = phase === 'write' ? 'writing' : 'reading back'
  return `${what} ${percent} %  ${mib(bytesPerSecond)} MiB/s  ${leftS} s left`
}

function mib(bytes: number): number {
  return Math.round(bytes / MIB)
}
