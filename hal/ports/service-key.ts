import type { TwoStatePart } from './two-state-part.ts'

/** Active while the key is turned to service. */
export interface ServiceKey extends TwoStatePart {
  readonly kind: 'service-key'
}
