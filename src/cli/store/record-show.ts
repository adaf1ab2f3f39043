import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { storeOptions, withStore } from './open-store.ts'
import { parseRecordId, recordLine, recordText } from './record-line.ts'

const options = z.strictObject(storeOptions)

export const recordShow: Command<typeof options> = {
  name: 'record show',
  summary: 'Show one record with every status that it reached',
  options,
  args: [{ name: 'ID', doc: 'Of the record, as its receipt has it.' }],
  async run({ print }, options, [text]) {
    const id = parseRecordId(text)
    const record = await withStore(options, store => store.record(id))
    if (record === undefined) throw new KioskError('store/unknown-record', { id })
    const steps = record.history.map(({ status, at }) => `        ${at}  ${status}`)
    print(recordLine(record), [recordText(record), ...steps].join('\n'))
    return EXIT.ok
  },
}
