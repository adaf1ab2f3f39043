import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Change, Kv } from '../../kv/kv.ts'
import type { AbisStatus } from '../../record/abis-status.ts'
import { wholeBacklog } from '../backlog.ts'
import { decodeValue, encodeValue, under } from '../claims/layout.ts'
import type { FleetView } from '../fleet-view.ts'
import { keyOf } from './layout.ts'

const HOUR_MS = 3_600_000
const INTERVAL_MS = 5 * 60_000
/** Then one an hour is enough; after two years none. */
const FINE_MS = 14 * 24 * HOUR_MS
const KEPT_MS = 2 * 365 * 24 * HOUR_MS
/** What a chart can show. */
const POINTS_MAX = 300

/** The whole fleet at one moment. `received` and `printReady` only grow, so that their differences are flows. */
export interface HistoryPoint {
  readonly at: string
  readonly kiosks: number
  readonly online: number
  readonly atKiosk: number
  readonly atCentral: number
  readonly adjudicate: number
  readonly received: number
  readonly printReady: number
}

export function pointOf({ kiosks, abis }: Pick<FleetView, 'kiosks' | 'abis'>, nowMs: number): HistoryPoint {
  const { atKiosk, atCentral, adjudicate, printReady } = wholeBacklog(kiosks, abis)
  return {
    at: new Date(nowMs).toISOString(),
    kiosks: kiosks.size,
    online: [...kiosks.values()].filter(({ state }) => state?.state === 'online').length,
    atKiosk,
    atCentral,
    adjudicate,
    received: abis.reduce((sum: number, { received }: AbisStatus) => sum + received, 0),
    printReady,
  }
}

/** Writes down every five minutes how the fleet stands, for charts. */
export class History {
  private readonly stopping = new AbortController()
  private readonly running: Promise<void>

  constructor(
    private readonly parts: {
      readonly kv: Kv
      readonly clock: Clock
      readonly log: Log
      readonly view: Pick<FleetView, 'kiosks' | 'abis'>
    },
  ) {
    this.running = this.run()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.running
  }

  /** Of the last `spanMs`, evenly thinned, and how it is now. */
  async points(spanMs: number): Promise<readonly HistoryPoint[]> {
    const { kv, clock, view } = this.parts
    const nowMs = clock.nowMs()
    const from = keyOf.history(new Date(nowMs - spanMs).toISOString())
    const points: HistoryPoint[] = []
    for await (const { key, value } of kv.range({ ...under('history/'), from }))
      points.push(decodeValue<HistoryPoint>(key, value))
    const step = Math.ceil(points.length / POINTS_MAX)
    return [...points.filter((_, index) => index % step === 0), pointOf(view, nowMs)]
  }

  private async run(): Promise<void> {
    const { clock, log } = this.parts
    const { signal } = this.stopping
    let isThinned = false
    while (!signal.aborted) {
      try {
        await this.note({ thinsAll: !isThinned })
        isThinned = true
      } catch (error) {
        // The disk's failure: the next point may succeed.
        log.warn('history', { message: String(error) })
      }
      await clock.sleep(INTERVAL_MS, signal).catch(() => {})
    }
  }

  private async note({ thinsAll }: { thinsAll: boolean }): Promise<void> {
    const { kv, clock, view } = this.parts
    const nowMs = clock.nowMs()
    const changes: Change[] = []
    // Before anything was heard there is nothing to write down.
    if (view.kiosks.size > 0 || view.abis.length > 0) {
      const point = pointOf(view, nowMs)
      changes.push({ put: keyOf.history(point.at), value: encodeValue(point) })
    }
    const key = (ms: number) => keyOf.history(new Date(ms).toISOString())
    const fineFrom = nowMs - FINE_MS
    const thinFrom = thinsAll ? 'history/' : key(fineFrom - HOUR_MS)
    let hour = ''
    for await (const { key: old } of kv.range({ from: thinFrom, to: key(fineFrom) })) {
      // history/2026-11-30T12
      const itsHour = old.slice(0, 'history/'.length + 13)
      if (itsHour === hour) changes.push({ delete: old })
      hour = itsHour
    }
    for await (const { key: old } of kv.range({ from: 'history/', to: key(nowMs - KEPT_MS), limit: 1_000 }))
      changes.push({ delete: old })
    if (changes.length > 0) await kv.write(changes)
  }
}
