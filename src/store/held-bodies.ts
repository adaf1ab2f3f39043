import type { Kv } from '../kv/kv.ts'
import { BODY_PREFIX, parseEntryKey, under } from './layout.ts'

/**
 * Every whole submission that a database holds, waiting or set aside, by number. It needs no key: bodies
 * are sealed to the ABIS, so the card of a dead board can be drained anywhere. What is damaged is told
 * (undefined: a stretch that nothing is known of) and left out.
 */
export async function* heldBodies(
  kv: Kv,
  onDamage: (entry: { sequence: number; id: string } | undefined) => void,
): AsyncIterable<{ sequence: number; id: string; body: Uint8Array }> {
  const onCorrupt = (key: string | undefined) => onDamage(key === undefined ? undefined : parseEntryKey(key))
  for await (const { key, value } of kv.range({ ...under(BODY_PREFIX), onCorrupt })) {
    const entry = parseEntryKey(key)
    if (entry) yield { ...entry, body: value }
  }
}
