import { z } from 'zod'
import { EXIT } from '../exit-code.ts'
import { storeCommand, storeOptions } from './open-store.ts'
import { parseRecordId } from './record-line.ts'

const options = z.strictObject({
  ...storeOptions,
  takeBack: z.string().optional().meta({ doc: 'Put this one back into the queue first.', value: 'ID' }),
})

export const outboxSetAside = storeCommand<typeof options>({
  name: 'outbox set-aside',
  summary: 'List the submissions that were set aside, and why; their bytes stay until a person decides',
  options,
  async work({ print }, { store: { outbox } }, { takeBack }) {
    if (takeBack !== undefined) await outbox.takeBack(parseRecordId(takeBack))
    for (const entry of await outbox.setAsideList())
      print(entry, `${String(entry.sequence).padStart(6)}  ${entry.id}  ${entry.reason}`)
    return EXIT.ok
  },
})
