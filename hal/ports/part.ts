import type { ErrorCode } from '../../src/base/errors.ts'

/** Every kind of part that a board may name; one port each in this folder. */
export const partKinds = [
  'fingerprint-sensor',
  'receipt-printer',
  'document-printer',
  'presence-sensor',
  'tamper-switch',
  'service-key',
  'headphone-detect',
  'status-lamp',
  'buzzer',
  'climate-sensor',
  'real-time-clock',
  'expander',
  'card-reader',
  'component',
] as const
export type PartKind = (typeof partKinds)[number]

/** One value that a part reports of itself now, for a person's eyes: never biometric, never personal. */
export interface Reading {
  /** What it is, such as `temperature` or `paper`. */
  readonly name: string
  readonly value: number | string | boolean
  /** SI symbol or word, such as `°C`, `ms`; absent for plain words. */
  readonly unit?: string
  /** What to do, where the part works but its value says that somebody has to do something soon. */
  readonly remedy?: string
}

/**
 * What every driver and simulator can be asked, beside its own port: the technician's view.
 *
 * Contract (test/contract/diagnosable.ts):
 * - Before `open` and after `close` it rejects with `hal/not-open`; while the part works for a visit, with `hal/busy`.
 * - It settles within `timeoutMs` and stops early on `signal`; a silent part rejects with `hal/no-answer`.
 * - It moves nothing and prints nothing: it may run while a citizen stands before the kiosk.
 */
export interface Diagnosable {
  diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]>
}

/**
 * A part of an opened board. A part that fails is `down` with its reason and is opened again by the board, with
 * back-off, until it answers; its kiosk carries on without it (`hal/board`).
 */
export interface BoardPart {
  readonly name: string
  readonly kind: PartKind
  readonly driver: string
  /** As the board file has it, by kind of bus or pin. */
  readonly on: Readonly<Record<string, string>>
  readonly state:
    | { readonly up: true }
    | { readonly up: false; readonly code: ErrorCode; readonly detail: string }
  /** As `Diagnosable`; a part that is down rejects with its code. */
  diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]>
}
