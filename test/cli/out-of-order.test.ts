/**
 * Goal: a kiosk on an image that cannot begin says so on its screen and waits, in place of a board that restarts for good;
 * what a restart or the image before may mend is left to them.
 */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { broughtByHand } from '../../firmware/update/held.ts'
import { openKeptUpdate, updateFolder } from '../../firmware/update/kept-update.ts'
import { type ErrorCode, KioskError } from '../../src/base/errors.ts'
import { silentLog } from '../../src/base/log.ts'
import { outOfOrder } from '../../src/cli/kiosk/out-of-order.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { until } from '../support/until.ts'

const TEN_MINUTES_MS = 600_000
const files = ['claim.html', 'tokens.css', 'page.css', 'claim.js', 'type-400.woff2', 'type-700.woff2']

function world(t: Test) {
  const folder = t.testdir({ data: {}, page: Object.fromEntries(files.map(name => [name, name])) })
  const said: Record<string, unknown>[] = []
  const good: string[] = []
  const clock = new ManualClock()
  const stopping = new AbortController()
  const machine = {
    version: '2.0.0',
    bootId: 'a-boot',
    reboot: async () => {},
    sayGood: async () => void good.push('good'),
  }
  const begin = (code: ErrorCode) =>
    outOfOrder(
      { print: (line: unknown) => void said.push(line as Record<string, unknown>), signal: stopping.signal },
      new KioskError(code),
      {
        kiosk: 'kiosk-0007',
        port: 0,
        data: join(folder, 'data'),
        machine,
        log: silentLog,
        clock,
        assets: join(folder, 'page'),
      },
    )
  return { begin, said, good, clock, stopping, data: join(folder, 'data') }
}

for (const code of ['kv/corrupt', 'keys/missing', 'store/wrong-key', 'config/bad-value'] as const)
  t.test(`${code}: the screen says so until it is tried again`, async t => {
    const { begin, said, good, clock } = world(t)
    const end = t.rejects(begin(code), { code })
    await until(() => clock.sleeping > 0)
    const { url } = said[0] as { url: string }
    t.same(await (await fetch(`${url}claim-view`)).json(), { kiosk: 'kiosk-0007', fault: code })
    t.equal(await (await fetch(url)).text(), 'claim.html')
    t.same(good, ['good'], 'its board is not restarted')
    await clock.advance(TEN_MINUTES_MS)
    await end
    await t.rejects(fetch(url), 'the port is free for the next try')
  })

t.test('a disk that failed, and a fault of our own, are left to a restart', async t => {
  const { begin, said, good } = world(t)
  await t.rejects(begin('kv/io'), { code: 'kv/io' })
  await t.rejects(begin('kv/locked'), { code: 'kv/locked' })
  t.same([said, good], [[], []])
})

t.test('an image on trial is left for the one before', async t => {
  const { begin, said, good, data } = world(t)
  const now = { at: '2026-01-01T00:00:00.000Z', running: '1.0.0', bootId: 'a-boot' }
  const kept = await openKeptUpdate(updateFolder(data), now)
  await kept.change(held => broughtByHand(held, '2.0.0'))
  await t.rejects(begin('kv/corrupt'), { code: 'kv/corrupt' })
  t.same([said, good], [[], []])
})

t.test('Ctrl-C ends it', async t => {
  const { begin, clock, stopping } = world(t)
  const end = begin('kv/corrupt')
  end.catch(() => {})
  await until(() => clock.sleeping > 0)
  stopping.abort()
  await t.rejects(end, { name: 'AbortError' })
})
