import { z } from 'zod'
import type { Command } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { storeOptions, withStore } from './open-store.ts'
import { parseRecordId } from './record-line.ts'

const options = z.strictObject({
  ...storeOptions,
  takeBack: z.string().optional().meta({ doc: 'Put this one back into the queue first.', value: 'ID' }),
})

export const outboxSetAside: Command<typeof options> = {
  name: 'outbox set-aside',
  summary: 'List the submissions that were set aside, and why; their bytes stay until a person decides',
  options,
  async run({ print }, options) {
    const id = options.takeBack === undefined ? undefined : parseRecordId(options.takeBack)
    await withStore(options, async ({ outbox }) => {
      if (id !== undefined) await outbox.takeBack(id)
      for (const entry of await outbox.setAsideList())
        print(entry, `${String(entry.sequence).padStart(6)}  ${entry.id}  ${entry.reason}`)
    })
    return EXIT.ok
  },
}
