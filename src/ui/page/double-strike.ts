import { FAST_MS } from './scanner.ts'

/**
 * Of two that are the same and come too soon after each other, the second is a hand that trembles (EN 301 549 § 5.8).
 * Whoever is faster than any hand is a scanner, and means it.
 */
export class DoubleStrike {
  private last = ''
  private lastMs = Number.NEGATIVE_INFINITY

  /** Without `facts`, and with 0 ms, every one counts. */
  isSecond(key: string, atMs: number, facts: { readonly sameKeyAfterMs: number } | undefined): boolean {
    const sinceMs = atMs - this.lastMs
    const isSame = key === this.last
    this.last = key
    this.lastMs = atMs
    return isSame && sinceMs >= FAST_MS && sinceMs < (facts?.sameKeyAfterMs ?? 0)
  }
}
