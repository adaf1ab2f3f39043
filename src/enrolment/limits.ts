import type { BoardPart, PartKind } from '../../hal/ports/part.ts'
import type { KioskLimit } from '../record/visit-view.ts'
import type { Capacity } from '../store/ports.ts'

/** What the kiosk cannot do now, for whoever comes to it: known before a visit begins, not after it. */
export function limitsOf({
  parts,
  store,
  isInMaintenance,
  isOpen,
}: {
  readonly parts: readonly BoardPart[]
  readonly store: Capacity['level'] | 'fault'
  readonly isInMaintenance: boolean
  /** It is the time for it. */
  readonly isOpen: boolean
}): readonly KioskLimit[] {
  const isUp = (kind: PartKind) => parts.some(part => part.kind === kind && part.state.up)
  const limits: KioskLimit[] = []
  if (isInMaintenance) limits.push('maintenance')
  if (!isOpen) limits.push('closed')
  if (store === 'full') limits.push('store-full')
  if (store === 'fault') limits.push('store-fault')
  if (!isUp('fingerprint-sensor')) limits.push('no-sensor')
  // A model without a printer has nothing to apologise for.
  if (parts.some(({ kind }) => kind === 'receipt-printer') && !isUp('receipt-printer'))
    limits.push('no-printer')
  return limits
}
