import { z } from 'zod'
import { variantNames } from '../../../firmware/image/variants.ts'
import manifest from '../../../package.json' with { type: 'json' }
import { IMAGE_VERSION } from '../../settings/update-desired.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'

/** A day in 2026: files of an image are as old as that, whenever it is built. */
const EPOCH_S = 1_767_225_600

const options = z.strictObject({
  variant: z.enum(variantNames).default('virt').meta({ doc: 'For which machine.' }),
  output: z.string().default('tunggal.img').meta({
    short: 'o',
    doc: 'Where the disk image goes; its bill of materials (SPDX) and licences go beside it.',
    value: 'FILE',
  }),
  version: z
    .string()
    .regex(IMAGE_VERSION, 'must be numbers with dots between, as 1.4.0: updates are compared by it')
    .default(manifest.version)
    .meta({ doc: 'Of the image, as kiosks report it.', value: 'VERSION' }),
  'source-date-epoch': z.coerce
    .number()
    .int()
    .min(0)
    .default(Number(process.env.SOURCE_DATE_EPOCH ?? EPOCH_S))
    .meta({ doc: 'Time of every file in it, seconds since 1970.', value: 'SECONDS' }),
})

export const imageBuild: Command<typeof options> = {
  name: 'image build',
  summary: 'Build the disk image of a kiosk, from this checkout; as root',
  options,
  async run({ print, resolve }, { variant, output, version, 'source-date-epoch': epochS }) {
    const { buildImage } = await import('../../../firmware/image/build.ts')
    const say = (text: string) => process.stderr.write(`${text}\n`)
    const report = await buildImage({ variant, version, output: resolve(output), epochS, say })
    const { image, imageMib, treeMib, slotMib, sha256 } = report
    print(
      { ...report },
      `${image}: ${imageMib} MiB, ${treeMib} of ${slotMib} MiB a slot used, sha256 ${sha256}`,
    )
    return EXIT.ok
  },
}
