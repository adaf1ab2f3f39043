import { strict as assert } from 'node:assert'

/** What memory holds of one submission in the outbox; its body is on the disk. */
export interface QueueEntry {
  readonly sequence: number
  readonly id: string
  readonly sha256: string
  readonly bytes: number
  readonly appendedAtMs: number
  readonly published: boolean
  /** Set aside, for this reason. */
  readonly aside?: string
}

/** The submissions that the database holds, in memory: counts, order, and who is set aside. */
export class Queue {
  private readonly byId = new Map<string, QueueEntry>()
  /** Of those that wait; ascending. */
  private readonly sequences: number[] = []
  private readonly idOf = new Map<number, string>()
  private waitingBytes = 0

  /** Of those that wait. */
  get count(): number {
    return this.sequences.length
  }

  get bytes(): number {
    return this.waitingBytes
  }

  get oldest(): QueueEntry | undefined {
    return this.sequences.length > 0 ? this.at(0) : undefined
  }

  get(id: string): QueueEntry | undefined {
    return this.byId.get(id)
  }

  /** Adds it, or replaces what is known of it. */
  put(entry: QueueEntry): void {
    this.remove(entry.id)
    this.byId.set(entry.id, entry)
    if (entry.aside !== undefined) return
    assert(!this.idOf.has(entry.sequence))
    this.sequences.splice(this.indexOf(entry.sequence), 0, entry.sequence)
    this.idOf.set(entry.sequence, entry.id)
    this.waitingBytes += entry.bytes
  }

  /** Changes what is known of it, where it is still here. */
  update(id: string, change: Partial<QueueEntry>): void {
    const entry = this.byId.get(id)
    if (entry !== undefined) this.put({ ...entry, ...change })
  }

  remove(id: string): void {
    const entry = this.byId.get(id)
    if (entry === undefined) return
    this.byId.delete(id)
    if (entry.aside !== undefined) return
    this.sequences.splice(this.indexOf(entry.sequence), 1)
    this.idOf.delete(entry.sequence)
    this.waitingBytes -= entry.bytes
  }

  /** Those that wait, oldest first, behind `afterSequence`. */
  *waiting(afterSequence: number): Iterable<QueueEntry> {
    // By number, not by index: entries come and go between two steps.
    for (let last = afterSequence; ; ) {
      const index = this.indexOf(last + 1)
      if (index === this.sequences.length) return
      const entry = this.at(index)
      last = entry.sequence
      yield entry
    }
  }

  setAside(): readonly QueueEntry[] {
    return [...this.byId.values()]
      .filter(entry => entry.aside !== undefined)
      .sort((a, b) => a.sequence - b.sequence)
  }

  private at(index: number): QueueEntry {
    const id = this.idOf.get(this.sequences[index])
    assert(id !== undefined)
    const entry = this.byId.get(id)
    assert(entry)
    return entry
  }

  /** Where `sequence` stands among those that wait, or would. */
  private indexOf(sequence: number): number {
    let low = 0
    let high = this.sequences.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.sequences[middle] < sequence) low = middle + 1
      else high = middle
    }
    return low
  }
}
