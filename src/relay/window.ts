/** One submission that was published, or is about to be, and has no receipt. */
export interface Flight {
  readonly id: string
  readonly sequence: number
  readonly bytes: number
  /** A publish waits for its acknowledgement. */
  sending: boolean
  /** The broker acknowledged the last publish. */
  acknowledged: boolean
  /** When it was last published, or when hope for its receipt was renewed. Monotonic. */
  sinceMs: number
  /** How often it failed (no receipt in time, refused) while the ABIS answered others. */
  failures: number
  /** When it last failed so that it counted. Monotonic. */
  failedMs: number
}

export interface WindowLimits {
  readonly entriesMax: number
  readonly bytesMax: number
  readonly receiptTimeoutMs: number
  readonly probeIntervalMs: number
}

/**
 * The window: submissions under way without a receipt, and what may be sent now. Pure but for what it
 * remembers; time is handed in.
 *
 * It begins silent, as after a receipt time-out or a PUBACK that says that nobody listens: one
 * submission at a time, every `probeIntervalMs`, in turn, so that one that is refused cannot hide that
 * the others are welcome. The first receipt opens it. A submission that goes without a receipt while
 * others get theirs keeps its turn, but no longer takes another's place: up to as many again may fly.
 */
export class Window {
  private readonly flights = new Map<string, Flight>()
  private silent = true
  private probedMs = Number.NEGATIVE_INFINITY
  private receiptMs = Number.NEGATIVE_INFINITY

  constructor(private readonly limits: WindowLimits) {}

  get size(): number {
    return this.flights.size
  }

  get isSilent(): boolean {
    return this.silent
  }

  has(id: string): boolean {
    return this.flights.has(id)
  }

  add(entry: { id: string; sequence: number; bytes: number }): Flight {
    const { id, sequence, bytes } = entry
    const flight: Flight = {
      id,
      sequence,
      bytes,
      sending: false,
      acknowledged: false,
      sinceMs: Number.NEGATIVE_INFINITY,
      failures: 0,
      failedMs: Number.NEGATIVE_INFINITY,
    }
    this.flights.set(id, flight)
    return flight
  }

  remove(id: string): void {
    this.flights.delete(id)
  }

  /** Nobody seems to listen at the other end. */
  fallSilent(nowMs: number): void {
    if (!this.silent) this.probedMs = nowMs
    this.silent = true
  }

  /** The broker said no to this one, or no receipt came in time. */
  fail(flight: Flight, nowMs: number): void {
    // It counts against this submission only where others got their receipts in between.
    if (this.receiptMs >= flight.failedMs) {
      flight.failures++
      flight.failedMs = nowMs
    }
    flight.sinceMs = nowMs
    if (!this.isHeard(nowMs)) this.fallSilent(nowMs)
  }

  /** A new connection: the first probe goes at once. */
  reconnected(): void {
    this.probedMs = Number.NEGATIVE_INFINITY
  }

  receipted(id: string, nowMs: number): void {
    this.flights.delete(id)
    this.receiptMs = nowMs
    if (!this.silent) return
    this.silent = false
    // What was published into the silence may have been kept by the broker, its receipt on the way: it
    // gets a little longer, but not so long that this receipt would be forgotten by then.
    const { receiptTimeoutMs, probeIntervalMs } = this.limits
    const graceMs = Math.min(probeIntervalMs, receiptTimeoutMs / 2)
    for (const flight of this.flights.values())
      if (flight.acknowledged) flight.sinceMs = nowMs - receiptTimeoutMs + graceMs
  }

  /** How many new ones may be added; `receiveMaximum` is the broker's. */
  room(receiveMaximum: number): { entries: number; bytes: number } {
    const entriesMax = Math.min(this.limits.entriesMax, receiveMaximum)
    let healthy = 0
    let bytes = 0
    for (const flight of this.flights.values()) {
      if (flight.failures > 0) continue
      healthy++
      bytes += flight.bytes
    }
    return {
      entries: Math.max(0, Math.min(entriesMax - healthy, 2 * entriesMax - this.flights.size)),
      // One is always allowed, however large.
      bytes: healthy === 0 ? Number.POSITIVE_INFINITY : this.limits.bytesMax - bytes,
    }
  }

  /** What is to be published now. Counts a probe as made, and a receipt that did not come as a failure. */
  due(nowMs: number): readonly Flight[] {
    const idle = [...this.flights.values()].filter(({ sending }) => !sending)
    if (!this.silent) {
      const due = idle.filter(flight => nowMs >= this.dueMs(flight))
      for (const flight of due) if (flight.acknowledged) this.fail(flight, nowMs)
      // The failures may have shown that nobody answers any more.
      if (!this.silent) return due
    }
    const isProbing = idle.length < this.flights.size
    if (isProbing || idle.length === 0 || nowMs < this.nextMs) return []
    this.probedMs = nowMs
    return [idle.reduce((first, flight) => (flight.sinceMs < first.sinceMs ? flight : first))]
  }

  /** When `due` should be asked again, if nothing happens before. Monotonic. */
  get nextMs(): number {
    if (this.flights.size === 0) return Number.POSITIVE_INFINITY
    if (this.silent) return this.probedMs + this.limits.probeIntervalMs
    let nextMs = Number.POSITIVE_INFINITY
    for (const flight of this.flights.values())
      if (!flight.sending) nextMs = Math.min(nextMs, this.dueMs(flight))
    return nextMs
  }

  private isHeard(nowMs: number): boolean {
    return nowMs - this.receiptMs < this.limits.receiptTimeoutMs
  }

  /** What a broken line swallowed goes again at once; what was refused waits like what was not answered. */
  private dueMs({ acknowledged, failures, sinceMs }: Flight): number {
    return acknowledged || failures > 0 ? sinceMs + this.limits.receiptTimeoutMs : sinceMs
  }
}
