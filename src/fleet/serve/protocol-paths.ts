/** Of the protocol (protocol.ts), what the page needs: no schema, so that it stays small. */
import type { AbisStatus } from '../../record/abis-status.ts'
import type { ReportedUpdate } from '../../settings/update-desired.ts'
import type { Backlog, Drain } from '../backlog.ts'
import type { KioskSummary } from '../kiosk-summary.ts'
import type { Difference } from '../outcome.ts'
import type { Counts, KioskProgress, RollOut } from '../roll-outs/roll-out.ts'
import type { SentCommand } from '../room/command-desk.ts'
import type { FleetIndex } from '../room/fleet-index.ts'
import type { TimelineEntry } from '../room/timeline.ts'
import type { KioskTelemetry, SeenKiosk } from '../seen-kiosk.ts'

type PendingUpdate = NonNullable<ReportedUpdate['pending']>

export const paths = {
  login: '/login',
  logout: '/logout',
  password: '/password',
  me: '/me',
  overview: '/overview',
  backlog: '/backlog',
  history: '/history',
  kiosks: '/kiosks',
  kiosk: '/kiosk',
  command: '/kiosk/command',
  diagnostics: '/kiosk/diagnostics',
  audit: '/audit',
  metrics: '/metrics',
  rollOuts: '/rollouts',
  rollOut: '/rollout',
  act: '/rollout/act',
} as const

export interface Overview {
  readonly at: string
  /** There is a connection to the broker; else all is as it was when it broke. */
  readonly isConnected: boolean
  readonly fleet: ReturnType<FleetIndex['totals']>
  readonly backlog: Backlog
  readonly drain: Drain
  readonly abis: readonly Omit<AbisStatus, 'byKiosk'>[]
}

export interface KioskPage {
  readonly summary: KioskSummary
  readonly telemetry?: KioskTelemetry
  readonly desired?: SeenKiosk['desired']
  readonly reported?: SeenKiosk['reported']
  readonly good?: { readonly version: number; readonly at: string }
  /** Of what is wanted and what runs, and what last ran after its probation. */
  readonly differences: readonly (Difference & { readonly good?: unknown })[]
  readonly timeline: readonly TimelineEntry[]
  readonly commands: readonly SentCommand[]
}

export type RollOutRow = Omit<RollOut, 'settings' | 'image'> & {
  readonly counts: Counts
  /** The version of the image; absent where it is a configuration. */
  readonly imageVersion?: string
}

export interface RollOutPage extends RollOutRow {
  readonly settings?: RollOut['settings']
  readonly image?: RollOut['image']
  /** Who failed first, then who is still to be decided; with how far an image is there. */
  readonly kiosks: readonly (KioskProgress & { readonly kiosk: string; readonly pending?: PendingUpdate })[]
}
