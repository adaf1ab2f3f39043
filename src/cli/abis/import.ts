import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { isKioskName } from '../../keys/roles.ts'
import { SEALED_BYTES_MAX } from '../../record/submission.ts'
import type { Context } from '../command.ts'
import { EXIT, type ExitCode, worst } from '../exit-code.ts'
import { readInput } from '../files.ts'
import { type ExchangeFile, type ExchangeKind, exchangeFiles, writeReceipt } from '../store/exchange-files.ts'
import { abisOptions } from './abis-options.ts'
import { type Centre, centreCommand } from './centre.ts'

const options = z.strictObject({ data: abisOptions.data })

/** Also while it is served; then what is new is searched at once. */
export const abisImport = centreCommand<typeof options>({
  name: 'abis import',
  summary: 'Take submissions and events from a stick and write their receipts beside them; may be repeated',
  options,
  args: [{ name: 'DIR', doc: 'What `tunggal outbox export` wrote; every kiosk has its folder in it.' }],
  async work(context, { importer }, _, [name]) {
    const folder = context.resolve(name)
    let code: ExitCode = EXIT.ok
    const untaken = new Set<string>()
    // An event is of no use before its record, and could count its number as one that will not come.
    for (const kind of ['submission', 'event'] as const)
      for (const found of await exchangeFiles(folder, kind)) {
        const { file, id } = found
        try {
          if (kind === 'event' && id !== undefined && untaken.has(id))
            throw new KioskError('seal/untrusted', { reason: 'its submission was not taken' })
          await take(context, importer, kind, found)
        } catch (error) {
          if (!(error instanceof KioskError) || error.code.startsWith('kv/')) throw error
          if (id !== undefined) untaken.add(id)
          // One bad file is no reason to leave the others.
          const { code: errorCode, details } = error
          code = worst(
            code,
            context.failed(new KioskError(errorCode, { ...details, file }, { cause: error })),
          )
        }
      }
    return code
  },
})

async function take(
  { print }: Context,
  importer: Centre['importer'],
  kind: ExchangeKind,
  { file, kiosk }: ExchangeFile,
): Promise<void> {
  if (!isKioskName(kiosk)) throw new KioskError('seal/untrusted', { reason: 'folder is no kiosk' })
  const body = await readInput(file, SEALED_BYTES_MAX)
  if (kind === 'event') {
    const { id, receipt } = await importer.recordEvent(kiosk, body)
    if (receipt === undefined)
      throw new KioskError('seal/untrusted', { reason: 'no such record of this kiosk' })
    await writeReceipt(file, receipt)
    print({ id, kiosk, file, event: true }, `${id}  event taken`)
    return
  }
  const { id, receipt, isNew, alarm } = await importer.submission(kiosk, body)
  if (receipt === undefined) throw new KioskError('seal/untrusted', { reason: alarm ?? 'refused' })
  await writeReceipt(file, receipt)
  print(
    { id, kiosk, file, new: isNew, ...(alarm && { alarm }) },
    `${id}  ${isNew ? 'taken' : 'was here'}${alarm ? `  ${alarm}` : ''}`,
  )
}
