/** Numbers, times and spans, as people of a language write them. */
import { spanText } from '../age.ts'
import type { FleetTexts } from './texts/texts.ts'

export function numberText({ locale }: FleetTexts, value: number): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value)
}

export function timeText({ locale }: FleetTexts, at: string | undefined): string {
  if (at === undefined) return '–'
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at))
}

export function dateText({ locale }: FleetTexts, at: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(at))
}

export function ageWords({ units }: FleetTexts, at: string | undefined): string {
  return at === undefined ? '–' : spanText((Date.now() - Date.parse(at)) / 1000, units)
}
