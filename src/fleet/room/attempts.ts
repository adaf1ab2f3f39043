import type { Clock } from '../../base/clock.ts'

const WRONG_MAX = 5
const LOCK_MS = 5 * 60_000
/** Of all names together: guessing many names is guessing, too. */
const PER_MINUTE_MAX = 30
const NAMES_MAX = 10_000

/** Keeps guessing slow: five wrong passwords lock a name for five minutes, and nobody may try more than so often. */
export class Attempts {
  private readonly wrong = new Map<string, { count: number; untilMs: number }>()
  private readonly recentMs: number[] = []

  constructor(private readonly clock: Clock) {}

  /** A try that is allowed counts as wrong until `right` says otherwise. */
  mayTry(name: string): boolean {
    const nowMs = this.clock.monotonicMs()
    while (this.recentMs.length > 0 && this.recentMs[0] < nowMs - 60_000) this.recentMs.shift()
    if (this.recentMs.length >= PER_MINUTE_MAX) return false
    const known = this.wrong.get(name)
    const isOver = known !== undefined && nowMs >= known.untilMs
    const count = known === undefined || isOver ? 0 : known.count
    if (count >= WRONG_MAX) return false
    this.recentMs.push(nowMs)
    this.wrong.delete(name)
    const [first] = this.wrong.keys()
    if (this.wrong.size >= NAMES_MAX) this.wrong.delete(first)
    this.wrong.set(name, { count: count + 1, untilMs: nowMs + LOCK_MS })
    return true
  }

  right(name: string): void {
    this.wrong.delete(name)
  }
}
