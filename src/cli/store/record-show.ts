import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { EXIT } from '../exit-code.ts'
import { storeCommand, storeOptions } from './open-store.ts'
import { parseRecordId, recordLine, recordText } from './record-line.ts'

const options = z.strictObject(storeOptions)

export const recordShow = storeCommand<typeof options>({
  name: 'record show',
  summary: 'Show one record with every status that it reached',
  options,
  args: [{ name: 'ID', doc: 'Of the record, as its receipt has it.' }],
  async work({ print }, { store }, _, [text]) {
    const id = parseRecordId(text)
    const record = await store.record(id)
    if (record === undefined) throw new KioskError('store/unknown-record', { id })
    const steps = record.history.map(({ status, at }) => `        ${at}  ${status}`)
    print(recordLine(record), [recordText(record), ...steps].join('\n'))
    return EXIT.ok
  },
})
