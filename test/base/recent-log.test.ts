/** Goal: the last lines of the log are there for who asks, and no more than so many. */
import t from 'tap'
import { jsonLog } from '../../src/base/log.ts'
import { recentLog } from '../../src/base/recent-log.ts'

t.test('it passes every line on and holds the last ones', async t => {
  const written: string[] = []
  const nowMs = () => 0
  const log = recentLog(
    jsonLog(line => written.push(line), nowMs),
    { nowMs, linesMax: 2 },
  )
  log.info('one')
  log.warn('two', { part: 'x' })
  log.error('three')
  t.equal(written.length, 3)
  t.same(
    log.lines().map(line => JSON.parse(line)),
    [
      { at: '1970-01-01T00:00:00.000Z', level: 'warn', event: 'two', part: 'x' },
      { at: '1970-01-01T00:00:00.000Z', level: 'error', event: 'three' },
    ],
  )
})
