/** Goal: a kiosk is open on its days, from its hour to its hour, in its own time zone, also past midnight. */
import t from 'tap'
import { isOpen } from '../../src/enrolment/opening-hours.ts'
import { defaultSettings } from '../../src/settings/settings.ts'
import { type Weekday, weekdays } from '../../src/settings/weekdays.ts'

const MINUTE_MS = 60_000
/** A Monday, in Jakarta, at midnight. */
const monday = Date.parse('2026-11-30T00:00:00+07:00')
const at = (day: number, time: string) => {
  const [hours, minutes] = time.split(':').map(Number)
  return monday + (day * 1440 + hours * 60 + minutes) * MINUTE_MS
}
const JAKARTA = 'Asia/Jakarta'
const weekdaysOnly: Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri']

t.test('unless told otherwise, always', async t => {
  for (let minute = 0; minute < 7 * 1440; minute += 7)
    if (!isOpen(defaultSettings.hours, monday + minute * MINUTE_MS, JAKARTA)) t.fail(`minute ${minute}`)
})

t.test('office hours', async t => {
  const office = { days: weekdaysOnly, from: '08:00', to: '15:00' }
  const open = (day: number, time: string, zone = JAKARTA) => isOpen(office, at(day, time), zone)
  t.notOk(open(0, '07:59'))
  t.ok(open(0, '08:00'))
  t.ok(open(4, '14:59'))
  t.notOk(open(4, '15:00'))
  t.notOk(open(5, '10:00'), 'on Saturday')
  t.ok(open(0, '06:30', 'Asia/Jayapura'), 'two hours earlier in the east')
})

t.test('past midnight it is still the day on which it opened', async t => {
  const night = { days: ['fri'] as Weekday[], from: '20:00', to: '02:00' }
  const open = (day: number, time: string) => isOpen(night, at(day, time), JAKARTA)
  t.ok(open(4, '20:00'))
  t.ok(open(5, '01:59'))
  t.notOk(open(5, '02:00'))
  t.notOk(open(5, '20:00'))
  t.notOk(open(4, '01:00'), 'that was Thursday')
  const sunday = { ...night, days: ['sun'] as Weekday[] }
  t.ok(isOpen(sunday, at(7, '01:00'), JAKARTA), 'into the next week')
  t.equal(weekdays.length, 7)
})
