import { Level } from 'level'

/** LevelDB as it is, synced batches: what the store's own cost is measured against. */
export async function openRawLevel(folder: string) {
  const database = new Level<string, Uint8Array>(folder, { valueEncoding: 'view' })
  await database.open()
  const synchronous = { sync: true }
  return {
    putAll: (entries: readonly (readonly [string, Uint8Array])[]) =>
      database.batch(
        entries.map(([key, value]) => ({ type: 'put' as const, key, value })),
        synchronous,
      ),
    close: () => database.close(),
  }
}
