import type { HoursSettings } from '../settings/hours.ts'
import { minutesOf } from '../settings/time-of-day.ts'
import { type Weekday, weekdays } from '../settings/weekdays.ts'

const DAY_MIN = 1440

/** Whether people are served now. `timeZone` is an IANA name. Pure. */
export function isOpen({ days, from, to }: HoursSettings, nowMs: number, timeZone: string): boolean {
  const format = { timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  const parts = new Intl.DateTimeFormat('en-GB', format).formatToParts(nowMs)
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find(each => each.type === type)?.value ?? ''
  const today = weekdays.indexOf(part('weekday').toLowerCase() as Weekday)
  const now = minutesOf(`${part('hour')}:${part('minute')}`)
  const opens = minutesOf(from)
  const lengthMin = (minutesOf(to) - opens + DAY_MIN) % DAY_MIN || DAY_MIN
  // What began yesterday may go on past midnight.
  return [0, 1].some(daysAgo => {
    const day = weekdays[(today - daysAgo + weekdays.length) % weekdays.length]
    const sinceMin = now + daysAgo * DAY_MIN - opens
    return days.includes(day) && sinceMin >= 0 && sinceMin < lengthMin
  })
}
