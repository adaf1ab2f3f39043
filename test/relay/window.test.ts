/** Goal: the window sends what it may and no more, and one bad submission is in nobody's way. */
import t from 'tap'
import { Window } from '../../src/relay/window.ts'

const limits = { entriesMax: 4, bytesMax: 1_000, receiptTimeoutMs: 100, probeIntervalMs: 30 }

function filled(count: number, bytes = 10) {
  const window = new Window(limits)
  const flights = Array.from({ length: count }, (_, n) =>
    window.add({ id: `${n + 1}`, sequence: n + 1, bytes }),
  )
  const sent = (nowMs: number) =>
    window.due(nowMs).map(flight => {
      flight.acknowledged = true
      flight.sinceMs = nowMs
      return flight.id
    })
  return { window, flights, sent }
}

t.test('begins with one probe; the first receipt opens it', async t => {
  const { window, sent } = filled(4)
  t.same(sent(0), ['1'])
  t.same(sent(10), [], 'one probe at a time')
  window.receipted('1', 12)
  t.equal(window.isSilent, false)
  t.same(sent(12), ['2', '3', '4'])
  t.same(sent(50), [], 'they have time')
})

t.test('a silent ABIS gets one submission an interval, in turn', async t => {
  const { sent } = filled(3)
  const probes = [0, 10, 30, 59, 60, 90, 120].map(nowMs => sent(nowMs).join())
  t.same(probes, ['1', '', '2', '', '3', '1', '2'])
})

t.test('no receipt in time: silence again', async t => {
  const { window, sent } = filled(3)
  sent(0)
  window.receipted('1', 1)
  t.same(sent(1), ['2', '3'])
  t.same(sent(102), [], 'falls silent and waits an interval')
  t.equal(window.isSilent, true)
  t.same(sent(132), ['2'])
  window.receipted('2', 140)
  t.same(sent(140), [], 'what the broker acknowledged gets a little longer')
  t.same(sent(170), ['3'])
  t.equal(window.isSilent, false)
})

t.test('a receipt for others counts against the one that gets none', async t => {
  const { window, flights, sent } = filled(2)
  sent(0)
  window.receipted('1', 1)
  const [, bad] = flights
  t.same(sent(1), ['2'])
  for (let round = 1; round <= 3; round++) {
    const nowMs = round * 101
    const other = window.add({ id: `other${round}`, sequence: 10 + round, bytes: 10 })
    t.ok(sent(nowMs - 10).includes(other.id))
    window.receipted(other.id, nowMs - 5)
    t.same(sent(nowMs), ['2'], 'published again')
    t.equal(bad.failures, round)
  }
  t.equal(window.room(100).entries, 4, 'it takes nobody’s place')
})

t.test('without a receipt for anybody nothing counts against anyone', async t => {
  const { flights, window, sent } = filled(2)
  for (let nowMs = 0; nowMs < 10_000; nowMs += 10) {
    sent(nowMs)
    window.fail(flights[0], nowMs)
  }
  t.ok(flights.every(({ failures }) => failures <= 1))
})

t.test('room: entries, Receive Maximum, bytes, and always one', async t => {
  t.same(new Window(limits).room(100), { entries: 4, bytes: Number.POSITIVE_INFINITY })
  t.equal(new Window(limits).room(1).entries, 1)
  const { window } = filled(2, 400)
  t.same(window.room(100), { entries: 2, bytes: 200 })
  t.equal(window.room(2).entries, 0)
  const failing = filled(8)
  for (const flight of failing.flights) failing.window.fail(flight, 0)
  t.equal(failing.window.room(100).entries, 0, 'failing ones have an end too')
})

t.test('what a broken line swallowed goes again at once', async t => {
  const { window, flights, sent } = filled(2)
  sent(0)
  window.receipted('1', 1)
  sent(1)
  flights[1].acknowledged = false
  t.same(sent(2), ['2'])
})
