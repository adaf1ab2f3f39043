/**
 * Goal: Ctrl-C ends a command that works inside of a service, also where it came before the service was reached.
 * Method: a service that never answers, and a signal that is aborted already.
 */
import t from 'tap'
import { askLocal } from '../../src/cli/local/ask-local.ts'
import { serveLocal } from '../../src/cli/local/serve-local.ts'

t.test('a signal from before', { timeout: 30_000 }, async t => {
  const data = t.testdir({})
  const stop = await serveLocal(data, 'fleet', () => new Promise(() => {}))
  t.teardown(stop)
  const context = { print() {}, failed: () => 70 as const, signal: AbortSignal.abort() }
  await t.rejects(askLocal(data, 'fleet', { ask: 'command' }, context), { name: 'AbortError' })
})
