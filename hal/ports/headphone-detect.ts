import type { TwoStatePart } from './two-state-part.ts'

/** Active while headphones are plugged in: what is private may be spoken. */
export interface HeadphoneDetect extends TwoStatePart {
  readonly kind: 'headphone-detect'
}
