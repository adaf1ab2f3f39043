import type { Capacity, Store } from '../store/ports.ts'
import { type Check, fault, fine } from './check.ts'

/** Space, order and backlog of what the kiosk keeps. */
export async function storeChecks(store: Store): Promise<readonly Check[]> {
  return [auditCheck(store), capacityCheck(await store.capacity()), await outboxCheck(store)]
}

function auditCheck({ auditFindings }: Store): Check {
  if (auditFindings.length === 0) return fine('store audit', 'every sequence number is accounted for')
  const counts = new Map<string, number>()
  for (const { kind } of auditFindings) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  const detail = [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ')
  return fault(
    'store audit',
    detail,
    'nothing whole is lost or held up; tell operations, and replace the card if it comes again: docs/RELIABILITY.md',
  )
}

function capacityCheck({ level, limitedBy, fraction, entries }: Capacity): Check {
  const detail = `${Math.round(fraction * 100)} % full (${limitedBy}), ${entries} submissions`
  const vital = { vital: true }
  if (level === 'ok') return fine('store', detail, vital)
  const remedy = 'connect the network, or tunggal outbox export to a stick'
  // Only a full one sends citizens away.
  return fault('store', detail, remedy, { vital: level === 'full' })
}

async function outboxCheck({ outbox, events }: Store): Promise<Check> {
  const setAside = (await outbox.setAsideList()).length
  const waiting = `${outbox.count} submissions and ${events.count} events wait`
  if (setAside === 0) return fine('outbox', waiting)
  return fault(
    'outbox',
    `${waiting}, ${setAside} are set aside`,
    'tunggal outbox set-aside says which and why',
  )
}
