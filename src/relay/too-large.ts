/** With so many of them, it is the broker. */
const ENTRIES_MAX = 32
const RETRY_MS = 3_600_000

/** Submissions that the broker finds too large: passed over for an hour, or until its limit is another. Monotonic. */
export class TooLarge {
  private readonly ids = new Set<string>()
  private sinceMs = 0

  get isEmpty(): boolean {
    return this.ids.size === 0
  }

  get isFull(): boolean {
    return this.ids.size >= ENTRIES_MAX
  }

  /** When they are to be tried again. */
  get retryMs(): number {
    return this.isEmpty ? Number.POSITIVE_INFINITY : this.sinceMs + RETRY_MS
  }

  has(id: string): boolean {
    return this.ids.has(id)
  }

  add(id: string, nowMs: number): void {
    if (this.isEmpty) this.sinceMs = nowMs
    this.ids.add(id)
  }

  delete(id: string): void {
    this.ids.delete(id)
  }

  clear(): void {
    this.ids.clear()
  }
}
