import { z } from 'zod'
import { Counts } from '../../abis/counts.ts'
import { Registry } from '../../abis/registry.ts'
import { systemClock } from '../../base/clock.ts'
import { KioskError } from '../../base/errors.ts'
import { openAbisKeys } from '../../keys/file-key-store.ts'
import { keyFolder } from '../../keys/layout.ts'
import { isKioskName } from '../../keys/roles.ts'
import { sealedValues } from '../../kv/sealed.ts'
import { SEALED_BYTES_MAX } from '../../record/submission.ts'
import { openAbisSeal } from '../../seal/abis-seal.ts'
import type { Command } from '../command.ts'
import { EXIT, type ExitCode, worst } from '../exit-code.ts'
import { readInput } from '../files.ts'
import { submissionFiles, writeReceipt } from '../store/exchange-files.ts'
import { abisOptions } from './abis-options.ts'
import { openAbisKv } from './open-abis.ts'

const options = z.strictObject({ data: abisOptions.data })

export const abisImport: Command<typeof options> = {
  name: 'abis import',
  summary: 'Take submissions from a stick and write their receipts beside them; may be repeated',
  options,
  args: [{ name: 'DIR', doc: 'What `tunggal outbox export` wrote; every kiosk has its folder in it.' }],
  async run({ print, failed }, { data }, [folder]) {
    const files = await submissionFiles(folder)
    const keys = await openAbisKeys(keyFolder(data, 'abis'))
    const clock = systemClock
    const seal = openAbisSeal({ keys, clock })
    const kv = sealedValues(await openAbisKv(data), keys.dataKey)
    // Searched when the ABIS is served next: `search/` keeps what waits for it.
    const registry = new Registry(kv, clock, new Counts(clock))
    let code: ExitCode = EXIT.ok
    try {
      for (const { file, kiosk } of files) {
        try {
          if (!isKioskName(kiosk)) throw new KioskError('seal/untrusted', { reason: 'folder is no kiosk' })
          const body = await readInput(file, SEALED_BYTES_MAX)
          const { receipt, isNew, alarm } = await registry.take(await seal.openSubmission(kiosk, body), body)
          if (receipt === undefined) throw new KioskError('seal/untrusted', { reason: alarm ?? 'refused' })
          await writeReceipt(file, (await seal.sealReceipt(kiosk, receipt)).body)
          print(
            { id: receipt.id, kiosk, file, new: isNew, ...(alarm && { alarm }) },
            `${receipt.id}  ${isNew ? 'taken' : 'was here'}${alarm ? `  ${alarm}` : ''}`,
          )
        } catch (error) {
          if (!(error instanceof KioskError) || error.code.startsWith('kv/')) throw error
          // One bad file is no reason to leave the others.
          code = worst(code, failed(new KioskError(error.code, { ...error.details, file }, { cause: error })))
        }
      }
    } finally {
      await kv.close()
    }
    return code
  },
}
