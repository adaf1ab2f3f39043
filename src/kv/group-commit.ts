import { strict as assert } from 'node:assert'
import { KioskError } from '../base/errors.ts'
import { type Change, KEY_BYTES_MAX } from './kv.ts'

/** One commit is at most this much, unless a single write is larger. */
const GROUP_BYTES_MAX = 4 * 1024 * 1024
const GROUP_WRITES_MAX = 256
const PENDING_BYTES_MAX = 64 * 1024 * 1024

interface PendingWrite {
  readonly changes: readonly Change[]
  readonly bytes: number
  resolve(): void
  reject(error: unknown): void
}

/**
 * Turns concurrent writes into few commits: while one is on its way to the disk the next gathers.
 *
 * Always true:
 * - `commit` runs once at a time, in the order of the calls.
 * - A write is never split over two commits.
 * - When a commit fails, the writes that waited behind it fail too: they may build on it.
 */
export class GroupCommit {
  private pending: PendingWrite[] = []
  private pendingBytes = 0
  private running: Promise<void> | undefined

  constructor(private readonly commit: (changes: readonly Change[]) => Promise<void>) {}

  /** `changes` are kept as they are until they are committed: hand over copies. */
  write(changes: readonly Change[]): Promise<void> {
    const bytes = bytesOf(changes)
    if (this.pendingBytes > 0 && this.pendingBytes + bytes > PENDING_BYTES_MAX)
      return Promise.reject(new KioskError('kv/busy', { pendingBytes: this.pendingBytes }))
    this.pendingBytes += bytes
    return new Promise((resolve, reject) => {
      this.pending.push({ changes, bytes, resolve, reject })
      this.running ??= this.run()
    })
  }

  /** Resolves once nothing waits. */
  async idle(): Promise<void> {
    await this.running
  }

  private async run(): Promise<void> {
    // Everything that is called in this turn of the event loop goes into the first commit.
    await Promise.resolve()
    while (this.pending.length > 0) {
      const group = this.takeGroup()
      try {
        await this.commit(group.flatMap(write => write.changes))
        for (const write of group) write.resolve()
      } catch (error) {
        const behind = this.pending
        this.pending = []
        this.pendingBytes = 0
        for (const write of [...group, ...behind]) write.reject(error)
      }
    }
    // In the same turn as the check: a call between the two would wait for nobody.
    this.running = undefined
  }

  private takeGroup(): PendingWrite[] {
    let bytes = 0
    let count = 0
    for (const write of this.pending) {
      if (count > 0 && (bytes + write.bytes > GROUP_BYTES_MAX || count === GROUP_WRITES_MAX)) break
      bytes += write.bytes
      count++
    }
    this.pendingBytes -= bytes
    return this.pending.splice(0, count)
  }
}

function bytesOf(changes: readonly Change[]): number {
  let bytes = 0
  for (const change of changes) {
    const key = 'put' in change ? change.put : change.delete
    const keyBytes = Buffer.byteLength(key)
    assert(keyBytes > 0)
    assert(keyBytes <= KEY_BYTES_MAX)
    bytes += keyBytes + ('put' in change ? change.value.length : 0)
  }
  return bytes
}
