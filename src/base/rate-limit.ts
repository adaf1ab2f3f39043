import type { Clock } from './clock.ts'

/** Addresses that are remembered; the one that was quiet for longest is forgotten first. */
const CALLERS_MAX = 10_000

export interface RateLimitOptions {
  /** How many may come at once. */
  readonly burst: number
  readonly perMinute: number
  readonly clock: Pick<Clock, 'monotonicMs'>
}

/** How often each caller may come: a bucket of `burst` tokens that fills at `perMinute`. */
export class RateLimit {
  private readonly buckets = new Map<string, { tokens: number; atMs: number }>()

  constructor(private readonly options: RateLimitOptions) {}

  /** 0: this call may be served. Else the milliseconds until the next one may. */
  take(caller: string): number {
    const { burst, perMinute, clock } = this.options
    const atMs = clock.monotonicMs()
    const bucket = this.buckets.get(caller)
    const filled = bucket === undefined ? burst : bucket.tokens + ((atMs - bucket.atMs) * perMinute) / 60_000
    const tokens = Math.min(burst, filled)
    const waitMs = tokens >= 1 ? 0 : ((1 - tokens) * 60_000) / perMinute
    this.buckets.delete(caller)
    this.buckets.set(caller, { tokens: waitMs === 0 ? tokens - 1 : tokens, atMs })
    if (this.buckets.size > CALLERS_MAX) this.buckets.delete(this.buckets.keys().next().value as string)
    return waitMs
  }
}
