import { KioskError } from '../base/errors.ts'
import { GroupCommit } from './group-commit.ts'
import { readEntry, withoutTag, withTag } from './integrity.ts'
import type { Change, Kv, Range } from './kv.ts'

/** What outlives a power cut: open another `Kv` on it. Values carry their tags, as on a real disk. */
export class MemoryDisk {
  /** Sorted by the UTF-8 bytes of the key. */
  private readonly entries: { readonly key: string; readonly order: Buffer; stored: Uint8Array }[] = []

  get(key: string): Uint8Array | undefined {
    const { index, found } = this.find(key)
    return found ? this.entries[index].stored : undefined
  }

  put(key: string, stored: Uint8Array): void {
    const { index, found } = this.find(key)
    // Another entry, not another value in it: a walk under way has the one before.
    if (found) this.entries[index] = { ...this.entries[index], stored }
    else this.entries.splice(index, 0, { key, order: Buffer.from(key), stored })
  }

  delete(key: string): void {
    const { index, found } = this.find(key)
    if (found) this.entries.splice(index, 1)
  }

  /** As they are now: later changes do not show. */
  slice(from: string, to: string): { readonly key: string; readonly stored: Uint8Array }[] {
    return this.entries.slice(this.find(from).index, Math.max(this.find(from).index, this.find(to).index))
  }

  /** Another disk with the same content, for trying two futures of one state. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk()
    for (const { key, stored } of this.entries) copy.put(key, stored.slice())
    return copy
  }

  private find(key: string): { index: number; found: boolean } {
    const order = Buffer.from(key)
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (Buffer.compare(this.entries[middle].order, order) < 0) low = middle + 1
      else high = middle
    }
    return { index: low, found: this.entries[low]?.key === key }
  }
}

/** Where a simulation stops or breaks a commit: whatever they throw is what `write` rejects with. */
export interface MemoryFaults {
  /** Thrown here, nothing of the commit is on the disk. */
  beforeCommit?(): void | Promise<void>
  /** Thrown here, all of it is, and the writer never learns. */
  afterCommit?(): void | Promise<void>
}

/** A `Kv` in memory, for simulations and tests: the same promises, the disk a value. */
export function openMemoryKv(disk = new MemoryDisk(), faults: MemoryFaults = {}): Kv {
  let closed = false
  const group = new GroupCommit(async changes => {
    await faults.beforeCommit?.()
    for (const change of changes) {
      if ('put' in change) disk.put(change.put, change.value)
      else disk.delete(change.delete)
    }
    await faults.afterCommit?.()
  })
  const mustBeOpen = () => {
    if (closed) throw new KioskError('kv/io', { closed })
  }
  return {
    async get(key) {
      mustBeOpen()
      const stored = disk.get(key)
      return stored && withoutTag(key, stored).slice()
    },
    async write(changes: readonly Change[]) {
      mustBeOpen()
      await group.write(
        changes.map(change =>
          'put' in change ? { put: change.put, value: withTag(change.put, change.value) } : change,
        ),
      )
    },
    async *range({ from, to, limit = Number.POSITIVE_INFINITY, reverse, onCorrupt }: Range) {
      mustBeOpen()
      const entries = disk.slice(from, to)
      if (reverse) entries.reverse()
      let left = limit
      for (const { key, stored } of entries) {
        if (left <= 0) return
        mustBeOpen()
        // A copy: what is done to it must not reach the disk.
        const entry = readEntry(key, stored.slice(), onCorrupt)
        if (entry === undefined) continue
        left--
        yield entry
      }
    },
    async shrink() {
      mustBeOpen()
    },
    async close() {
      closed = true
      await group.idle()
    },
  }
}
