import type { TwoStatePart } from './two-state-part.ts'

/** Active while somebody stands before the kiosk, and for a while after the last movement. */
export interface PresenceSensor extends TwoStatePart {
  readonly kind: 'presence-sensor'
}
