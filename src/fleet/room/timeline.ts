import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Change, Kv } from '../../kv/kv.ts'
import type { Reported } from '../../settings/desired.ts'
import type { PartialSettings } from '../../settings/overlay.ts'
import { decodeValue, encodeValue, under } from '../claims/layout.ts'
import type { FleetView } from '../fleet-view.ts'
import type { KioskSummary } from '../kiosk-summary.ts'
import type { FleetIndex } from './fleet-index.ts'
import { keyOf } from './layout.ts'

/** Of one kiosk. */
const ENTRIES_MAX = 200
const TRIM_EVERY = 16
/** When a broker goes, every kiosk changes: they are written together. */
const GATHER_MS = 1_000
const PENDING_MAX = 50_000

export interface TimelineEntry {
  readonly at: string
  readonly what:
    | 'state'
    | 'version'
    | 'desired'
    | 'running'
    | 'trial'
    | 'trouble'
    | 'trouble-over'
    | 'command'
  /** Which state, version, trouble; names and numbers only. */
  readonly text: string
}

/** What a kiosk last ran after its probation: what it goes back to. */
export interface GoodConfig {
  readonly version: number
  readonly settings: PartialSettings
  readonly at: string
}

/** What changed between two looks at one kiosk. Pure. */
export function happened(after: KioskSummary, before: KioskSummary): readonly Omit<TimelineEntry, 'at'>[] {
  const entries: Omit<TimelineEntry, 'at'>[] = []
  if (after.state !== before.state) entries.push({ what: 'state', text: after.state })
  if (after.version !== before.version && after.version !== undefined)
    entries.push({ what: 'version', text: after.version })
  const { running, confirmed, desired } = after.config
  if (desired !== before.config.desired) entries.push({ what: 'desired', text: String(desired) })
  if (running !== undefined && (running !== before.config.running || confirmed !== before.config.confirmed))
    entries.push({ what: confirmed ? 'running' : 'trial', text: String(running) })
  const words = ({ troubles }: KioskSummary) =>
    new Set(troubles.flatMap(({ name, about }) => (isTold(name) ? [] : [wordsOf(name, about)])))
  const [now, then] = [words(after), words(before)]
  for (const text of now) if (!then.has(text)) entries.push({ what: 'trouble', text })
  for (const text of then) if (!now.has(text)) entries.push({ what: 'trouble-over', text })
  return entries
}

/** Its state says so. */
function isTold(name: string): boolean {
  return name === 'offline' || name === 'maintenance'
}

/** What is about a time or a share would end and begin with every look. */
function wordsOf(name: string, about: string): string {
  return name === 'part-down' || name === 'config-not-running' ? `${name} ${about}` : name
}

/** Writes down what happens to every kiosk. */
export class Timeline {
  private pending: { readonly kiosk: string; readonly entry: TimelineEntry }[] = []
  private readonly goods = new Map<string, GoodConfig>()
  /** Version and time of what was written last. */
  private readonly goodsKnown = new Map<string, string>()
  private readonly counts = new Map<string, number>()
  private number = 0
  /** While the kept messages come in, half of what is to be known of a kiosk is no news. */
  private isListening = false
  private readonly stopping = new AbortController()
  private readonly stopListening: readonly (() => void)[]
  private readonly running: Promise<void>

  constructor(
    private readonly parts: {
      readonly kv: Kv
      readonly clock: Clock
      readonly log: Log
      readonly index: FleetIndex
      readonly view: Pick<FleetView, 'kiosks' | 'onKiosk' | 'settled'>
    },
  ) {
    const { index, view } = parts
    this.stopListening = [
      index.onChange((after, before) => {
        if (!this.isListening || before === undefined) return
        for (const entry of happened(after, before)) this.add(after.kiosk, entry)
      }),
      view.onKiosk(({ kiosk, reported }) => this.noteGood(kiosk, reported)),
    ]
    for (const { kiosk, reported } of view.kiosks.values()) this.noteGood(kiosk, reported)
    this.running = this.run()
  }

  async stop(): Promise<void> {
    for (const stop of this.stopListening) stop()
    this.stopping.abort()
    await this.running
  }

  add(kiosk: string, entry: Omit<TimelineEntry, 'at'>): void {
    if (this.pending.length >= PENDING_MAX) return
    const at = new Date(this.parts.clock.nowMs()).toISOString()
    this.pending.push({ kiosk, entry: { at, ...entry } })
  }

  /** Newest first. */
  async entries(kiosk: string): Promise<readonly TimelineEntry[]> {
    await this.write()
    const entries: TimelineEntry[] = []
    const range = { ...under(`timeline/${kiosk}/`), reverse: true, limit: ENTRIES_MAX }
    for await (const { key, value } of this.parts.kv.range(range))
      entries.push(decodeValue<TimelineEntry>(key, value))
    return entries
  }

  async goodConfig(kiosk: string): Promise<GoodConfig | undefined> {
    await this.write()
    const bytes = await this.parts.kv.get(keyOf.good(kiosk))
    return bytes && decodeValue<GoodConfig>(kiosk, bytes)
  }

  private noteGood(kiosk: string, reported: Reported | undefined): void {
    if (!reported?.confirmed) return
    const { running: version, settings, at } = reported
    // The same is heard with every word of the kiosk.
    const known = `${version} ${at}`
    if (this.goodsKnown.get(kiosk) === known) return
    this.goodsKnown.set(kiosk, known)
    this.goods.set(kiosk, { version, settings: settings as PartialSettings, at })
  }

  private async run(): Promise<void> {
    const { clock, index, log, view } = this.parts
    const { signal } = this.stopping
    await view.settled({ timeoutMs: Number.POSITIVE_INFINITY, signal }).catch(() => {})
    this.isListening = true
    while (!signal.aborted) {
      await clock.sleep(GATHER_MS, signal).catch(() => {})
      index.refresh()
      await this.write().catch(error => log.warn('timeline', { message: String(error) }))
    }
  }

  private async write(): Promise<void> {
    const { kv } = this.parts
    const pending = this.pending
    const goods = [...this.goods]
    if (pending.length === 0 && goods.length === 0) return
    this.pending = []
    this.goods.clear()
    const changes: Change[] = pending.map(({ kiosk, entry }) => ({
      put: keyOf.timeline(kiosk, entry.at, ++this.number),
      value: encodeValue(entry),
    }))
    for (const [kiosk, good] of goods) changes.push({ put: keyOf.good(kiosk), value: encodeValue(good) })
    await kv.write(changes)
    for (const { kiosk } of pending) {
      const count = this.counts.get(kiosk) ?? 0
      this.counts.set(kiosk, count + 1)
      if (count % TRIM_EVERY === 0) await this.trim(kiosk)
    }
  }

  private async trim(kiosk: string): Promise<void> {
    const { kv } = this.parts
    const keys: string[] = []
    for await (const { key } of kv.range(under(`timeline/${kiosk}/`))) keys.push(key)
    const old = keys.slice(0, Math.max(0, keys.length - ENTRIES_MAX))
    if (old.length > 0) await kv.write(old.map(key => ({ delete: key })))
  }
}
