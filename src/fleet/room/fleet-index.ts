import type { Clock } from '../../base/clock.ts'
import type { FleetView } from '../fleet-view.ts'
import { type KioskSummary, summaryOf } from '../kiosk-summary.ts'
import type { SeenKiosk } from '../seen-kiosk.ts'
import type { TroubleName } from '../trouble-names.ts'

/** Also without a word a kiosk changes: by silence, and by dates. */
const REFRESH_MS = 10_000

export interface KioskQuery {
  /** Part of a kiosk's or a site's name. */
  readonly search?: string
  readonly state?: KioskSummary['state']
  readonly trouble?: TroubleName | 'any'
  readonly group?: string
  readonly province?: string
  readonly offset: number
  readonly limit: number
}

export type SummaryListener = (after: KioskSummary, before: KioskSummary | undefined) => void

/** Every kiosk's summary, kept up to date, so that a question about ten thousand of them is answered at once. */
export class FleetIndex {
  private readonly summaries = new Map<string, KioskSummary>()
  private readonly listeners = new Set<SummaryListener>()
  private readonly stopListening: () => void
  private names: readonly string[] | undefined
  private refreshedMs: number

  constructor(
    private readonly view: Pick<FleetView, 'kiosks' | 'onKiosk'>,
    private readonly clock: Clock,
  ) {
    this.stopListening = view.onKiosk(seen => this.take(seen))
    for (const seen of view.kiosks.values()) this.take(seen)
    this.refreshedMs = clock.monotonicMs()
  }

  close(): void {
    this.stopListening()
  }

  /** `before` is undefined for a kiosk that was not known. Returns how to stop. */
  onChange(listener: SummaryListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  get(kiosk: string): KioskSummary | undefined {
    this.refresh()
    return this.summaries.get(kiosk)
  }

  /** By name, from `offset` on; `total` is how many there are in all. */
  find({ search, offset, limit, ...query }: KioskQuery): { total: number; kiosks: readonly KioskSummary[] } {
    this.refresh()
    const wanted = search?.toLowerCase()
    const found = this.sorted().filter(summary => {
      if (query.state !== undefined && summary.state !== query.state) return false
      if (query.group !== undefined && !summary.groups.includes(query.group)) return false
      if (query.province !== undefined && summary.province !== query.province) return false
      if (query.trouble === 'any' && summary.troubles.length === 0) return false
      if (query.trouble !== undefined && query.trouble !== 'any' && !has(summary, query.trouble)) return false
      return (
        wanted === undefined || summary.kiosk.includes(wanted) || summary.site.toLowerCase().includes(wanted)
      )
    })
    return { total: found.length, kiosks: found.slice(offset, offset + limit) }
  }

  /** How many kiosks are in each state and have each trouble, and the groups and provinces there are. */
  totals(): {
    readonly kiosks: number
    readonly states: Readonly<Record<string, number>>
    readonly troubles: Readonly<Record<string, number>>
    readonly groups: readonly string[]
    readonly provinces: readonly string[]
  } {
    this.refresh()
    const states: Record<string, number> = {}
    const troubles: Record<string, number> = {}
    const groups = new Set<string>()
    const provinces = new Set<string>()
    for (const summary of this.summaries.values()) {
      states[summary.state] = (states[summary.state] ?? 0) + 1
      for (const name of new Set(summary.troubles.map(trouble => trouble.name)))
        troubles[name] = (troubles[name] ?? 0) + 1
      for (const group of summary.groups) groups.add(group)
      if (summary.province !== '') provinces.add(summary.province)
    }
    return {
      kiosks: this.summaries.size,
      states,
      troubles,
      groups: [...groups].sort(),
      provinces: [...provinces].sort(),
    }
  }

  /** Called before every answer; whoever listens for changes calls it now and then. */
  refresh(): void {
    if (this.clock.monotonicMs() - this.refreshedMs < REFRESH_MS) return
    this.refreshedMs = this.clock.monotonicMs()
    for (const seen of this.view.kiosks.values()) this.take(seen)
  }

  private take(seen: SeenKiosk): void {
    const before = this.summaries.get(seen.kiosk)
    const after = summaryOf(seen, this.clock.nowMs())
    this.summaries.set(seen.kiosk, after)
    if (before === undefined) this.names = undefined
    for (const listener of [...this.listeners]) listener(after, before)
  }

  private sorted(): readonly KioskSummary[] {
    this.names ??= [...this.summaries.keys()].sort()
    return this.names.map(name => this.summaries.get(name) as KioskSummary)
  }
}

function has({ troubles }: KioskSummary, name: TroubleName): boolean {
  return troubles.some(trouble => trouble.name === name)
}
