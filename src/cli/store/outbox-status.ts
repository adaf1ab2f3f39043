import { z } from 'zod'
import { EXIT } from '../exit-code.ts'
import { storeCommand, storeOptions } from './open-store.ts'

const options = z.strictObject(storeOptions)

export const outboxStatus = storeCommand<typeof options>({
  name: 'outbox status',
  summary: 'Say what waits for the centre, how full the store is, and what the audit found: 1 if anything',
  options,
  async work({ print }, { store }) {
    const { outbox, auditFindings } = store
    const { level, limitedBy, fraction } = await store.capacity()
    const [oldest] = await outbox.peek(1)
    const setAside = (await outbox.setAsideList()).length
    const oldestAt = oldest && new Date(oldest.appendedAtMs).toISOString()
    print(
      {
        waiting: outbox.count,
        bytes: outbox.bytes,
        setAside,
        ...(oldestAt && { oldestAt }),
        level,
        limitedBy,
        fraction,
        findings: auditFindings,
      },
      `${outbox.count} waiting (${outbox.bytes} bytes${oldestAt ? `, the oldest since ${oldestAt}` : ''}), ` +
        `${setAside} set aside; ${Math.round(fraction * 100)} % of ${limitedBy}`,
    )
    for (const { kind, sequence, id } of auditFindings)
      print([kind, sequence, id].filter(part => part !== undefined).join('  '))
    return auditFindings.length > 0 ? EXIT.no : EXIT.ok
  },
})
