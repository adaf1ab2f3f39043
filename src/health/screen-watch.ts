/**
 * Whether the kiosk's own screen shows its page. The page says now and then that it has been painted; where a display is
 * connected and the page says nothing, the screen is dark to citizens, whatever runs behind it, and is started anew.
 *
 * Always true:
 * - A machine without a display has no dark screen.
 * - A page that shows another visit than the present one counts as none: it hears nothing of its kiosk.
 * - The screen is not started anew before it has had the time that a start takes. Where it comes to nothing it gets twice as
 *   much: what is only slow gets there, on whatever board.
 */
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'

const LOOK_MS = 5_000
/** Four of the page's own intervals (`src/ui/page/painted.ts`). */
export const SILENT_MS_MAX = 60_000
/** A browser on a busy board takes that long from its start to the first picture; the time of its first start. */
export const START_MS_MAX = 180_000
/** Of any start. */
export const LONG_START_MS_MAX = 4 * START_MS_MAX

export interface ScreenWatchParts {
  readonly clock: Clock
  readonly log: Log
  hasDisplay(): Promise<boolean>
  /** Number of the present visit. */
  visit(): number
  /** Has the screen started anew. */
  startAnew(): Promise<unknown>
}

export class ScreenWatch {
  private readonly stopping = new AbortController()
  private looking: Promise<void> | undefined
  /** Monotonic: since when a page is waited for; undefined: there is no display. */
  private sinceMs: number | undefined
  private paintedMs = Number.NEGATIVE_INFINITY
  private startMs = START_MS_MAX
  private wasDark = false
  private changed = () => {}

  constructor(private readonly parts: ScreenWatchParts) {}

  /** Resolves once it is known whether there is a display. */
  async start(): Promise<void> {
    await this.look()
    this.looking = this.keepLooking()
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.looking
  }

  /** `listener` hears when it has become dark, and when it is there again. */
  onChange(listener: () => void): void {
    this.changed = listener
  }

  /** The page has been painted, and shows this visit. */
  painted(visit: number): void {
    if (visit !== this.parts.visit()) return
    this.paintedMs = this.parts.clock.monotonicMs()
    this.startMs = START_MS_MAX
    this.tell()
  }

  /** There is a display, and no page on it: none yet, or none any more. */
  get isDark(): boolean {
    return this.sinceMs !== undefined && this.parts.clock.monotonicMs() - this.paintedMs > SILENT_MS_MAX
  }

  private async keepLooking(): Promise<void> {
    const { clock } = this.parts
    const { signal } = this.stopping
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal).catch(() => {})
      if (!signal.aborted) await this.look()
    }
  }

  private async look(): Promise<void> {
    const { clock, log, hasDisplay, startAnew } = this.parts
    const nowMs = clock.monotonicMs()
    if (!(await hasDisplay())) this.sinceMs = undefined
    else this.sinceMs ??= nowMs
    const wasPainted = this.sinceMs !== undefined && this.paintedMs >= this.sinceMs
    if (this.sinceMs !== undefined && this.isDark && (wasPainted || nowMs - this.sinceMs > this.startMs)) {
      log.error('screen-dark', { painted: wasPainted })
      this.sinceMs = nowMs
      if (!wasPainted) this.startMs = Math.min(2 * this.startMs, LONG_START_MS_MAX)
      await startAnew().catch(error => log.error('screen-not-started', { message: String(error) }))
    }
    this.tell()
  }

  private tell(): void {
    if (this.isDark === this.wasDark) return
    this.wasDark = this.isDark
    if (!this.isDark) this.parts.log.info('screen-lit')
    this.changed()
  }
}
