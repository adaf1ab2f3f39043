import type { ErrorCode } from '../base/errors.ts'

/** What the screen of a kiosk without a certificate says. Holds nothing secret: no token, no key. */
export interface ClaimView {
  readonly kiosk: string
  /** Short code of the kiosk's key: the person who approves must see the same. */
  readonly code: string
  /** Text of the QR code. */
  readonly qr: string
  readonly state: 'asking' | 'pending' | 'unreachable' | 'refused' | 'approved'
  /** Why it is refused or unreachable. */
  readonly problem?: ErrorCode
}

/** What the screen of a kiosk says that cannot begin, and that no restart mends. */
export interface FaultView {
  readonly kiosk: string
  /** For staff; docs/ERRORS.md. */
  readonly fault: ErrorCode
}

/** What is on the screen while the kiosk's own page is not. */
export type WaitingView = ClaimView | FaultView
