/**
 * A durable, ordered key-value store, as everything above sees it.
 *
 * Contract (test/contract/kv.ts, run on the LevelDB one and on the one in memory):
 * - `write` is atomic and has reached the disk when it resolves. Calls that wait together share one
 *   synchronous commit; their order is kept.
 * - A value comes back as it was written or `kv/corrupt` is thrown, never as something else.
 * - Keys are ordered by their UTF-8 bytes.
 */
export interface Kv {
  get(key: string): Promise<Uint8Array | undefined>
  /** All or nothing, and durable. Rejects with `kv/io`. */
  write(changes: readonly Change[]): Promise<void>
  /** Entries with `from` <= key < `to`, in order (or backwards), at most `limit`. */
  range(range: { from: string; to: string; limit?: number; reverse?: boolean }): AsyncIterable<Entry>
  close(): Promise<void>
}
export type Change = { put: string; value: Uint8Array } | { delete: string }
export type Entry = { key: string; value: Uint8Array }
