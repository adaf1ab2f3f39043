/** Goal: the soak of the parts' parsers holds, on fewer streams than `npm run -s soak -- part-parsers` tries. */
import t from 'tap'
import { parsers, partParsers } from '../../scripts/soak/part-parsers.ts'

t.test('random streams into each parser: no crash, bounded memory, in step afterwards', async t => {
  const lines: Record<string, string | number | boolean>[] = []
  const held = await partParsers({
    seed: 3,
    count: 3000,
    print: line => lines.push(line),
    progress: () => {},
  })
  t.ok(held, JSON.stringify(lines))
  t.equal(lines.length, Object.keys(parsers).length)
  t.ok(lines.every(line => Number(line.bytes) > 100_000))
})
