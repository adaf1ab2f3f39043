import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import { openKioskSeal } from '../../seal/kiosk-seal.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { storeOptions, withStore } from './open-store.ts'
import { parseRecordId, recordLine } from './record-line.ts'

const options = z.strictObject({
  ...storeOptions,
  who: z.string().min(1).max(64).default('operator').meta({ doc: 'Who stands in the audit log for it.' }),
})

export const recordWithdraw: Command<typeof options> = {
  name: 'record withdraw',
  summary: 'Consent was withdrawn: erase its templates here, and its submission where nobody has it yet',
  options,
  args: [{ name: 'ID', doc: 'Of the record, as its receipt has it.' }],
  async run({ print }, options, [text]) {
    const id = parseRecordId(text)
    const { record, mayBeCentral } = await withStore(options, async (store, keys) => {
      const seal = openKioskSeal({ keys, clock: systemClock })
      const record = await store.withdraw(id, options.who, seal.sealRecordEvent)
      const entry = await store.outbox.get(id)
      return { record, mayBeCentral: entry !== undefined || record.status !== 'SENT_FOR_ENROLLMENT' }
    })
    print(
      { ...recordLine(record), mayBeCentral },
      mayBeCentral
        ? 'erased here; the centre may hold it, and is told to erase it once there is a connection'
        : 'erased; it had not left this kiosk',
    )
    return EXIT.ok
  },
}
