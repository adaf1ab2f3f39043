import type { KioskTelemetry, SeenKiosk } from './seen-kiosk.ts'
import { type Trouble, troublesOf } from './troubles.ts'

/** One kiosk in a line, as commands print it and tables show it. Times are ISO 8601. */
export interface KioskSummary {
  readonly kiosk: string
  readonly state: 'online' | 'offline' | 'maintenance' | 'unknown'
  readonly since?: string
  readonly site: string
  readonly province: string
  readonly groups: readonly string[]
  readonly version?: string
  readonly config: { readonly desired: number; readonly running?: number; readonly confirmed?: boolean }
  readonly parts: { readonly up: number; readonly down: readonly { name: string; code?: string }[] }
  readonly outbox?: KioskTelemetry['outbox']
  readonly lastEnrolledAt?: string
  readonly samples?: KioskTelemetry['samples']
  /** When it last told how it is. */
  readonly heardAt?: string
  readonly troubles: readonly Trouble[]
}

export function summaryOf(seen: SeenKiosk, nowMs: number): KioskSummary {
  const { kiosk, state, telemetry, desired, reported } = seen
  const parts = telemetry?.parts ?? []
  return {
    kiosk,
    state: state?.state ?? 'unknown',
    since: state?.since,
    site: state?.site ?? '',
    province: state?.province ?? '',
    groups: state?.groups ?? [],
    version: state?.version,
    config: { desired: desired?.version ?? 0, running: reported?.running, confirmed: reported?.confirmed },
    parts: {
      up: parts.filter(({ up }) => up).length,
      down: parts.filter(({ up }) => !up).map(({ name, code }) => ({ name, code })),
    },
    outbox: telemetry?.outbox,
    lastEnrolledAt: telemetry?.lastEnrolledAt,
    samples: telemetry?.samples,
    heardAt: telemetry?.at,
    troubles: troublesOf(seen, nowMs),
  }
}
