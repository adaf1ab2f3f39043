import type { Kv } from '../kv/kv.ts'
import { BODY_PREFIX, EVENT_PREFIX, parseEntryKey, parseEventKey, under } from './layout.ts'

/**
 * Every whole submission that a database holds, waiting or set aside, by number, and then every event. It needs no
 * key: they are sealed to the ABIS, so the card of a dead board can be drained anywhere. What is damaged is told
 * (undefined: a stretch that nothing is known of) and left out.
 */
export async function* heldBodies(
  kv: Kv,
  onDamage: (entry: { number: number; id: string } | undefined) => void,
): AsyncIterable<{ kind: 'submission' | 'event'; number: number; id: string; body: Uint8Array }> {
  for (const { kind, prefix, nameOf } of kinds) {
    const onCorrupt = (key: string | undefined) => onDamage(key === undefined ? undefined : nameOf(key))
    for await (const { key, value } of kv.range({ ...under(prefix), onCorrupt })) {
      const name = nameOf(key)
      if (name) yield { kind, ...name, body: value }
    }
  }
}

const kinds = [
  {
    kind: 'submission',
    prefix: BODY_PREFIX,
    nameOf: (key: string) => {
      const entry = parseEntryKey(key)
      return entry && { number: entry.sequence, id: entry.id }
    },
  },
  { kind: 'event', prefix: EVENT_PREFIX, nameOf: parseEventKey },
] as const
