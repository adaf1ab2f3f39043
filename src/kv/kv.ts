/**
 * A durable, ordered key-value store, as everything above sees it.
 *
 * Contract (test/contract/kv.ts, run on the LevelDB one and on the one in memory):
 * - `write` is atomic and has reached the disk when it resolves. Calls that wait together share one
 *   synchronous commit; their order is kept. The values are copied before `write` returns.
 * - A value comes back as it was written or `kv/corrupt` is thrown, never as something else.
 * - Keys are ordered by their UTF-8 bytes. They hold nothing secret: error details name them.
 */
export interface Kv {
  get(key: string): Promise<Uint8Array | undefined>
  /**
   * All or nothing, and durable. Rejects with `kv/io`, or with `kv/busy` where too much waits already.
   * After `kv/io` the changes may or may not be there (a disk does not always say): read before going
   * on. Writes that waited behind a failed one are rejected with it and were not made.
   */
  write(changes: readonly Change[]): Promise<void>
  /**
   * Entries with `from` <= key < `to`, in order (or backwards), at most `limit`, as they were when the walk
   * began; behind a stretch that is damaged, as they are.
   *
   * A damaged entry throws `kv/corrupt` (`details.key` names it). With `onCorrupt` it is reported there
   * instead and the rest still comes; `undefined` means that a stretch was so damaged that not even its
   * keys are known.
   */
  range(range: Range): AsyncIterable<Entry>
  /** Gives back memory that long reads have taken. Call it when nothing is being read. */
  shrink(): Promise<void>
  /** Waits for the writes under way. Every call after it rejects with `kv/io`. */
  close(): Promise<void>
}
export type Change = { put: string; value: Uint8Array } | { delete: string }
export type Entry = { key: string; value: Uint8Array }
export type Range = {
  from: string
  to: string
  limit?: number
  reverse?: boolean
  onCorrupt?: (key: string | undefined) => void
}

export const KEY_BYTES_MAX = 512
