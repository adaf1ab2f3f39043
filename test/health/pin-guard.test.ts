/** Goal: staff get in with their PIN, and nobody by trying, whatever they do to the plug or the clock. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hashSecret } from '../../src/base/secret-hash.ts'
import { PinGuard } from '../../src/health/pin-guard.ts'
import { ManualClock } from '../support/manual-clock.ts'

const LOCK_MS = 900_000
const hashes = { officer: await hashSecret('482913'), technician: await hashSecret('770021') }

function guard(t: Test) {
  const clock = new ManualClock()
  const file = join(t.testdir(), 'pin-tries')
  const restart = () => new PinGuard({ hashes, file, clock, triesMax: 3, lockMs: LOCK_MS })
  return { clock, file, restart }
}

t.test('each PIN is its role’s', async t => {
  const pins = guard(t).restart()
  t.same(await pins.enter('482913'), { kind: 'right', role: 'officer' })
  t.same(await pins.enter('770021'), { kind: 'right', role: 'technician' })
  t.same(await pins.enter(''), { kind: 'wrong', triesLeft: 2 })
})

t.test('wrong tries lock everybody out for a while, through a restart', async t => {
  const { clock, restart } = guard(t)
  t.same(await restart().enter('1'), { kind: 'wrong', triesLeft: 2 })
  t.same(await restart().enter('2'), { kind: 'wrong', triesLeft: 1 })
  t.same(await restart().enter('3'), { kind: 'locked', forMs: LOCK_MS })
  await clock.advance(LOCK_MS - 1)
  t.same(await restart().enter('482913'), { kind: 'locked', forMs: 1 }, 'also with the right one')
  await clock.advance(1)
  t.match(await restart().enter('482913'), { kind: 'right' })
  t.same(await restart().enter('1'), { kind: 'wrong', triesLeft: 2 }, 'and the count begins anew')
})

t.test('a try is used up before anybody knows whether it is right', async t => {
  const { file, restart } = guard(t)
  const entering = restart().enter('1')
  // The plug is pulled as soon as the file is there: stretching a PIN takes longer.
  let counted = ''
  while (counted === '') {
    try {
      counted = readFileSync(file, 'utf8')
    } catch {}
    await new Promise(resolve => setImmediate(resolve))
  }
  t.match(JSON.parse(counted), { wrong: 1 })
  await entering
})

t.test('tries at the same time are counted one by one', async t => {
  const pins = guard(t).restart()
  const answers = await Promise.all(['1', '2', '3', '482913'].map(pin => pins.enter(pin)))
  t.match(answers, [{ triesLeft: 2 }, { triesLeft: 1 }, { kind: 'locked' }, { kind: 'locked' }])
})

t.test('a clock that is set back makes nobody wait longer', async t => {
  const { clock, file, restart } = guard(t)
  writeFileSync(file, JSON.stringify({ wrong: 0, lockedUntilMs: clock.nowMs() + 1000 * LOCK_MS }))
  t.same(await restart().enter('482913'), { kind: 'locked', forMs: LOCK_MS })
})

t.test('a damaged count is no way in', async t => {
  const { file, restart } = guard(t)
  writeFileSync(file, '{"wrong":')
  t.same(await restart().enter('1'), { kind: 'wrong', triesLeft: 1 })
})

t.test('where nothing can be counted, no PIN is right', async t => {
  const clock = new ManualClock()
  const pins = new PinGuard({ hashes, file: '/nowhere/pin-tries', clock, triesMax: 3, lockMs: LOCK_MS })
  await t.rejects(pins.enter('482913'), { code: 'io/unwritable' })
})

t.test('without PINs there is no way in', async t => {
  const { clock, file } = guard(t)
  const pins = new PinGuard({ hashes: {}, file, clock, triesMax: 3, lockMs: LOCK_MS })
  t.match(await pins.enter('482913'), { kind: 'wrong' })
})

t.test('no PIN stands in what is written', async t => {
  const { file, restart } = guard(t)
  await restart().enter('555000')
  t.notMatch(readFileSync(file, 'utf8'), '555000')
  t.notMatch(Object.values(hashes).join(), /482913|770021/)
  t.not(await hashSecret('482913'), hashes.officer, 'salted')
})
