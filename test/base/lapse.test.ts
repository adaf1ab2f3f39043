/** Goal: warnings begin 90, 30 and 7 days before an end, and the end itself is named. */
import t from 'tap'
import { daysUntil, lapseLevelOf } from '../../src/base/lapse.ts'

const DAY_MS = 86_400_000
const endMs = Date.UTC(2027, 0, 1)
const levelAt = (daysBefore: number) => lapseLevelOf(endMs, endMs - daysBefore * DAY_MS)

t.test('the steps, and the instants between them', async t => {
  t.equal(levelAt(91), undefined)
  t.equal(levelAt(90), undefined)
  t.equal(levelAt(89.999), 'notice')
  t.equal(levelAt(30), 'notice')
  t.equal(levelAt(29.999), 'warning')
  t.equal(levelAt(7), 'warning')
  t.equal(levelAt(6.999), 'urgent')
  t.equal(levelAt(0.001), 'urgent')
  t.equal(levelAt(0), 'lapsed')
  t.equal(levelAt(-400), 'lapsed')
  t.equal(daysUntil(endMs, endMs - 1.5 * DAY_MS), 1)
})
