/** Goal: what happens to kiosks and backlog is written down for those who look later, and a fleet is searched at once. */
import t, { type Test } from 'tap'
import { summaryOf } from '../../../src/fleet/kiosk-summary.ts'
import { planSchema } from '../../../src/fleet/roll-outs/roll-out.ts'
import { exportedLines } from '../../../src/fleet/room/export.ts'
import { happened } from '../../../src/fleet/room/timeline.ts'
import { MemoryDisk, openMemoryKv } from '../../../src/kv/memory.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { ago, kioskThatSaid, nowMs, state, telemetry } from '../kiosk-words.ts'
import { testRoom } from './test-room.ts'

const HOUR_MS = 3_600_000

async function newRoom(t: Test, disk = new MemoryDisk()) {
  const clock = new ManualClock(nowMs)
  const { close, ...rest } = await testRoom(t, { clock, kv: openMemoryKv(disk) })
  await clock.advance(100)
  const stop = () => clock.finish(close())
  return { clock, stop, ...rest }
}

t.test('what a kiosk went through stands in its timeline, newest first, and outlives a restart', async t => {
  const disk = new MemoryDisk()
  const { room, clock, say, stop } = await newRoom(t, disk)
  await say('kiosk-1', 'state', state)
  await say('kiosk-1', 'telemetry', telemetry)
  await clock.advance(2_000)
  t.same(await room.timeline.entries('kiosk-1'), [], 'that it is there is no news')
  const part = { name: 'receipt', kind: 'receipt-printer', up: false, code: 'hal/paper-out' }
  await say('kiosk-1', 'telemetry', { ...telemetry, parts: [part] })
  await clock.advance(2_000)
  await say('kiosk-1', 'telemetry', telemetry)
  await say('kiosk-1', 'state', { ...state, state: 'offline' })
  await clock.advance(2_000)
  const expected = [
    { what: 'state', text: 'offline' },
    { what: 'trouble-over', text: 'part-down receipt (hal/paper-out)' },
    { what: 'trouble', text: 'part-down receipt (hal/paper-out)' },
  ]
  t.match(await room.timeline.entries('kiosk-1'), expected)
  await stop()
  const next = await newRoom(t, disk)
  t.match(await next.room.timeline.entries('kiosk-1'), expected)
  t.same(await next.room.timeline.entries('kiosk-2'), [])
  await next.stop()
})

t.test('silence is noticed without a word', async t => {
  const { room, clock, say, stop } = await newRoom(t)
  await say('kiosk-1', 'state', state)
  await say('kiosk-1', 'telemetry', telemetry)
  await clock.advance(5 * 60_000)
  t.match(await room.timeline.entries('kiosk-1'), [{ what: 'trouble', text: 'silent' }])
  t.match(room.index.totals(), { kiosks: 1, states: { online: 1 }, troubles: { silent: 1 } })
  await stop()
})

t.test('only so much of one kiosk is kept', async t => {
  const { room, clock, say, stop } = await newRoom(t)
  await say('kiosk-1', 'state', state)
  for (let turn = 0; turn < 150; turn++) {
    await say('kiosk-1', 'state', { ...state, state: 'offline' })
    await say('kiosk-1', 'state', state)
    await clock.advance(1_000)
  }
  let kept = 0
  for await (const _ of room.kv.range({ from: 'timeline/', to: 'timeline/~' })) kept++
  t.ok(kept >= 200 && kept < 250, `${kept}`)
  await stop()
})

t.test('the last good configuration is known while another is on trial', async t => {
  const { room, clock, say, stop } = await newRoom(t)
  const reported = {
    version: 3,
    state: 'applied',
    errors: [],
    at: ago(100),
    running: 3,
    confirmed: true,
    settings: { capture: { attemptsMax: 2 } },
  }
  await say('kiosk-1', 'config/reported', reported)
  await clock.advance(1_500)
  await say('kiosk-1', 'config/reported', {
    ...reported,
    version: 4,
    running: 4,
    confirmed: false,
    at: ago(1),
  })
  await clock.advance(1_500)
  t.match(await room.timeline.goodConfig('kiosk-1'), {
    version: 3,
    settings: { capture: { attemptsMax: 2 } },
  })
  await stop()
})

t.test('what changed between two looks', async t => {
  const summary = (change: object, words: object = telemetry) =>
    summaryOf(kioskThatSaid('kiosk-1', { state: { ...state, ...change }, telemetry: words }), nowMs)
  t.same(happened(summary({}), summary({})), [])
  t.same(happened(summary({ version: '1.3.0' }), summary({})), [{ what: 'version', text: '1.3.0' }])
  t.same(happened(summary({}, { ...telemetry, staffCalled: true }), summary({})), [
    { what: 'trouble', text: 'staff-called' },
  ])
})

t.test('kiosks are found by name, site, state, trouble, group and province, a page at a time', async t => {
  const { room, say, clock, stop } = await newRoom(t)
  for (let number = 10; number < 40; number++)
    await say(`kiosk-${number}`, 'state', {
      ...state,
      since: ago(10),
      site: number < 20 ? 'Mal Bandung' : 'Kantor Dukcapil Kendari',
      province: number < 20 ? '32' : '74',
      groups: number % 2 === 0 ? ['even'] : [],
      state: number === 33 ? 'offline' : 'online',
    })
  await clock.advance(100)
  const page = { offset: 0, limit: 50 }
  const count = (query: object) => room.index.find({ ...page, ...query }).total
  t.equal(count({}), 30)
  t.equal(count({ search: 'BANDUNG' }), 10)
  t.equal(count({ search: 'kiosk-2' }), 10)
  t.equal(count({ province: '74', group: 'even' }), 10)
  t.equal(count({ state: 'offline' }), 1)
  t.equal(count({ trouble: 'offline' }), 1)
  t.equal(count({ trouble: 'any' }), 1)
  const { kiosks } = room.index.find({ offset: 25, limit: 50 })
  t.same(
    kiosks.map(({ kiosk }) => kiosk),
    ['kiosk-35', 'kiosk-36', 'kiosk-37', 'kiosk-38', 'kiosk-39'],
  )
  await stop()
})

t.test('history: a point every five minutes, one an hour after two weeks, none after two years', async t => {
  const disk = new MemoryDisk()
  const { room, clock, sayAbis, stop } = await newRoom(t, disk)
  await sayAbis('abis-1', {
    received: 10,
    sfe: 4,
    prr: 6,
    duplicate: 0,
    adjudicate: 0,
    failed: 0,
    perSecond: 1,
  })
  await clock.advance(2 * HOUR_MS)
  const points = await room.history.points(HOUR_MS)
  t.ok(points.length >= 12 && points.length <= 14, `${points.length}`)
  t.match(points.at(-1), { received: 10, printReady: 6, atCentral: 4 })
  await stop()
  const kept = () => [...disk.slice('history/', 'history/~')].length
  const before = kept()
  t.ok(before >= 23)
  const later = new ManualClock(nowMs + 20 * 24 * HOUR_MS)
  const next = await testRoom(t, { clock: later, kv: openMemoryKv(disk) })
  await later.advance(1_000)
  t.ok(kept() <= 4 && kept() >= 2, `${kept()}`)
  await later.finish(next.close())
  const muchLater = new ManualClock(nowMs + 3 * 365 * 24 * HOUR_MS)
  const last = await testRoom(t, { clock: muchLater, kv: openMemoryKv(disk) })
  await muchLater.advance(1_000)
  t.equal(kept(), 0)
  await muchLater.finish(last.close())
})

t.test('all that is kept can be taken elsewhere, but for what lets people in', async t => {
  const { room, close } = await testRoom(t)
  const password = await room.users.add({ name: 'sari', role: 'operator', by: 'root' })
  const token = await room.sessions.begin('sari')
  const settings = { capture: { attemptsMax: 2 } }
  const { id } = await room.rollOuts.propose({ settings }, planSchema.parse({ to: ['all'] }), 'sari')
  const lines: { key: string; value: unknown }[] = []
  for await (const line of exportedLines(room.kv)) lines.push(JSON.parse(line))
  t.match(
    lines.find(({ key }) => key === `rollout/${id}`),
    { value: { id, settings, proposed: { by: 'sari' } } },
  )
  t.match(
    lines.find(({ key }) => key === 'user/sari'),
    { value: { name: 'sari', role: 'operator' } },
  )
  t.ok(lines.filter(({ key }) => key.startsWith('audit/')).length >= 2)
  const text = JSON.stringify(lines)
  for (const secret of ['session/', token, password, 'scrypt']) t.notOk(text.includes(secret), 'no secret')
  await close()
})
