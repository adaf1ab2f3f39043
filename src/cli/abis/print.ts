import { extname } from 'node:path'
import { v7 } from 'uuid'
import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { openAbisKeys } from '../../keys/file-key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import { isKioskName } from '../../keys/roles.ts'
import { PRINT_BYTES_MAX, type printFormats, printJobSchema, printKinds } from '../../record/print-job.ts'
import { openAbisSeal } from '../../seal/abis-seal.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { readInput } from '../files.ts'
import { abisOptions } from './abis-options.ts'
import { printSpool } from './open-abis.ts'

const formats: Readonly<Record<string, (typeof printFormats)[number]>> = {
  '.pdf': 'application/pdf',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.pwg': 'image/pwg-raster',
  '.urf': 'image/urf',
}

const options = z.strictObject({
  data: abisOptions.data,
  kiosk: z
    .string()
    .refine(isKioskName, 'must be the name of a kiosk')
    .meta({ doc: 'Where it is printed: the kiosk that made the record.', value: 'NAME' }),
  title: z.string().min(1).max(60).default('Dokumen').meta({ doc: 'What the citizen sees.', value: 'TEXT' }),
  kind: z
    .enum(printKinds)
    .default('document')
    .meta({ doc: 'With `card`, the record counts as printed then.' }),
  media: z
    .string()
    .regex(/^[a-z0-9_.-]{3,80}$/)
    .default('iso_a4_210x297mm')
    .meta({ doc: 'What it is printed on: a name of PWG 5101.1.', value: 'NAME' }),
})

export const abisPrint: Command<typeof options> = {
  name: 'abis print',
  summary: 'Have a kiosk print a file for a citizen, against the receipt of their record',
  options,
  args: [
    { name: 'ID', doc: 'Of the record.' },
    { name: 'FILE', doc: 'PDF, JPEG, PWG raster or URF; its name ends so.' },
  ],
  async run({ print, resolve }, { data, kiosk, title, kind, media }, [id, file]) {
    const format = formats[extname(file).toLowerCase()]
    if (format === undefined)
      throw new KioskError('usage/bad-option', { why: `FILE must end in ${Object.keys(formats).join(', ')}` })
    const bytes = await readInput(resolve(file), PRINT_BYTES_MAX)
    const spool = printSpool(data)
    const certificate = await spool.signer(kiosk)
    if (certificate === undefined)
      throw new KioskError('usage/bad-option', {
        why: `this ABIS has not heard from ${kiosk}: let it serve until a record of it has arrived`,
      })
    const now = systemClock.nowMs()
    const parsed = printJobSchema.safeParse({
      job: v7({ msecs: now }),
      id,
      kind,
      title,
      format,
      media,
      bytes: Buffer.from(bytes).toString('base64'),
      at: new Date(now).toISOString(),
    })
    if (!parsed.success) throw new KioskError('usage/bad-option', { why: 'ID must be the id of a record' })
    const seal = openAbisSeal({ keys: await openAbisKeys(keyFolder(data, 'abis')), clock: systemClock })
    const { body } = await seal.sealPrint(kiosk, parsed.data, certificate)
    const { job } = parsed.data
    await spool.put({ kiosk, job, id, kind }, body)
    print({ job, id, kiosk, kind }, `${job}  waits for ${kiosk}; \`abis serve\` sends it.`)
    return EXIT.ok
  },
}
