import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { EXIT, type ExitCode, worst } from '../exit-code.ts'
import { readInput } from '../files.ts'
import { receiptFiles } from './exchange-files.ts'
import { storeCommand, storeOptions } from './open-store.ts'

const RECEIPT_BYTES_MAX = 64 * 1024

const options = z.strictObject(storeOptions)

export const outboxImportReceipts = storeCommand<typeof options>({
  name: 'outbox import-receipts',
  summary: 'Settle what the centre has receipted, from files; may be repeated',
  options,
  args: [{ name: 'DIR', doc: 'Where the receipts are; folders in it are searched too.' }],
  async work({ print, failed, resolve }, { store: { outbox }, seal }, _, [folder]) {
    const files = await receiptFiles(resolve(folder))
    let code: ExitCode = EXIT.ok
    for (const file of files) {
      try {
        const receipt = await seal.openReceipt(await readInput(file, RECEIPT_BYTES_MAX))
        await outbox.settle(receipt)
        print({ id: receipt.id, file, settled: true }, `${receipt.id}  settled`)
      } catch (error) {
        if (!(error instanceof KioskError)) throw error
        // One bad file is no reason to leave the others.
        code = worst(code, failed(new KioskError(error.code, { ...error.details, file }, { cause: error })))
      }
    }
    return code
  },
})
