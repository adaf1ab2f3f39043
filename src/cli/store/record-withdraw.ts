import { z } from 'zod'
import { EXIT } from '../exit-code.ts'
import { storeCommand, storeOptions } from './open-store.ts'
import { parseRecordId, recordLine } from './record-line.ts'

const options = z.strictObject({
  ...storeOptions,
  who: z.string().min(1).max(64).default('operator').meta({ doc: 'Who stands in the audit log for it.' }),
})

export const recordWithdraw = storeCommand<typeof options>({
  name: 'record withdraw',
  summary: 'Consent was withdrawn: erase its templates here, and its submission where nobody has it yet',
  options,
  args: [{ name: 'ID', doc: 'Of the record, as its receipt has it.' }],
  async work({ print }, { store, seal }, { who }, [text]) {
    const id = parseRecordId(text)
    const record = await store.withdraw(id, who, seal.sealRecordEvent)
    const isWaiting = (await store.outbox.get(id)) !== undefined
    const mayBeCentral = isWaiting || record.status !== 'SENT_FOR_ENROLLMENT'
    print(
      { ...recordLine(record), mayBeCentral },
      mayBeCentral
        ? 'erased here; the centre may hold it, and is told to erase it once there is a connection'
        : 'erased; it had not left this kiosk',
    )
    return EXIT.ok
  },
})
