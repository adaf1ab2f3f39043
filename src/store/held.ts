import type { Kv } from '../kv/kv.ts'
import { type AsideMeta, decodeValue, type EntryMeta, madeAtMs, parseEntryKey, under } from './layout.ts'
import type { QueueEntry } from './queue.ts'

/** The reason of what the audit sets aside. */
export const DAMAGED = 'kv/corrupt'

/** One submission, as far as the database still tells. */
export interface Held {
  readonly sequence: number
  readonly id: string
  bodyBytes?: number
  meta?: EntryMeta
  aside?: AsideMeta
}

/** Every submission that an intact entry speaks of. Keys whose value is damaged go to `onDamage`. */
export async function readHeld(kv: Kv, onDamage: (key: string | undefined) => void): Promise<Held[]> {
  const held = new Map<string, Held>()
  const heldAt = (key: string): Held | undefined => {
    const name = parseEntryKey(key)
    if (name === undefined) return undefined
    const known = held.get(key.slice(key.indexOf('/')))
    if (known) return known
    const added = { ...name }
    held.set(key.slice(key.indexOf('/')), added)
    return added
  }
  const damagedNotes: string[] = []
  const onCorrupt = (key: string | undefined) => {
    onDamage(key)
    if (key?.startsWith('aside/')) damagedNotes.push(key)
  }
  for await (const { key, value } of kv.range({ ...under('body/'), onCorrupt })) {
    const entry = heldAt(key)
    if (entry) entry.bodyBytes = value.length
  }
  for await (const { key, value } of kv.range({ ...under('entry/'), onCorrupt })) {
    const entry = heldAt(key)
    if (entry) entry.meta = decodeValue<EntryMeta>(key, value)
  }
  for await (const { key, value } of kv.range({ ...under('aside/'), onCorrupt })) {
    const entry = heldAt(key)
    if (entry) entry.aside = decodeValue<AsideMeta>(key, value)
  }
  // A damaged note still says that its submission was set aside.
  for (const key of damagedNotes) {
    const entry = held.get(key.slice(key.indexOf('/')))
    if (entry) entry.aside ??= { reason: DAMAGED, atMs: 0 }
  }
  return [...held.values()]
}

export function toQueueEntry({ sequence, id, bodyBytes, meta }: Held, aside?: string): QueueEntry {
  return {
    sequence,
    id,
    sha256: meta?.sha256 ?? '',
    bytes: meta?.bytes ?? bodyBytes ?? 0,
    appendedAtMs: meta?.appendedAtMs ?? madeAtMs(id),
    // Unless we know better, the ABIS may have seen it.
    published: meta?.published ?? true,
    ...(aside === undefined ? {} : { aside }),
  }
}
