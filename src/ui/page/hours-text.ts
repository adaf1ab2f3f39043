import type { VisitLanguage } from '../../record/visit-view.ts'
import { weekdays } from '../../settings/weekdays.ts'
import type { PageFacts } from '../operations.ts'
import { pageTexts } from '../texts/texts.ts'

/** A Monday. */
const MONDAY_MS = Date.UTC(2024, 0, 1)
const DAY_MS = 86_400_000
const WHOLE_DAY = '00:00–24:00'

/** On which days the kiosk serves people, and from when until when, in words. */
export function hoursText({ hours: { days, from, to } }: PageFacts, language: VisitLanguage): string {
  const weekday = new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' })
  const names = weekdays.flatMap((day, number) =>
    days.includes(day) ? [weekday.format(MONDAY_MS + number * DAY_MS)] : [],
  )
  const { hours } = pageTexts[language]
  return hours(new Intl.ListFormat(language).format(names), from === to ? WHOLE_DAY : `${from}–${to}`)
}
