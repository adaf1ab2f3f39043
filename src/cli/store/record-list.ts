import { z } from 'zod'
import { EXIT } from '../exit-code.ts'
import { storeCommand, storeOptions } from './open-store.ts'
import { recordLine, recordText } from './record-line.ts'

const options = z.strictObject({
  ...storeOptions,
  limit: z.coerce.number().int().min(1).max(100_000).default(20).meta({ doc: 'How many to list.' }),
})

export const recordList = storeCommand<typeof options>({
  name: 'record list',
  summary: 'List the records of this kiosk, newest first',
  options,
  async work({ print }, { store }, { limit }) {
    for await (const record of store.records({ limit })) print(recordLine(record), recordText(record))
    return EXIT.ok
  },
})
