import type { Kv } from '../../kv/kv.ts'
import { decodeValue, under } from '../claims/layout.ts'
import { keyOf } from './layout.ts'

/**
 * Everything that operations keep, as it was when this began: `{"key","value"}` a line, in the order of keys
 * (layout.ts). Without sessions, and of users without the hashes of their passwords. Throws `kv/corrupt`, `kv/io`.
 */
export async function* exportedLines(kv: Kv): AsyncIterable<string> {
  for await (const { key, value } of kv.range(under(''))) {
    if (key.startsWith(keyOf.session(''))) continue
    const { password: _, ...known } = decodeValue<Record<string, unknown>>(key, value)
    yield `${JSON.stringify({ key, value: known })}\n`
  }
}
