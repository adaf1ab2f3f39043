import type { TwoStatePart } from './two-state-part.ts'

/** Active once the housing is opened: at the first sign, however short. It is shut again only when it has stayed shut. */
export interface TamperSwitch extends TwoStatePart {
  readonly kind: 'tamper-switch'
}
