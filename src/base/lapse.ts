const DAY_MS = 86_400_000

/** How near an end is: from 90 days on, from 30, from 7, and past. */
export const lapseLevels = ['notice', 'warning', 'urgent', 'lapsed'] as const
export type LapseLevel = (typeof lapseLevels)[number]

/** Whole days until `untilMs`; negative once it is past. */
export function daysUntil(untilMs: number, nowMs: number): number {
  return Math.floor((untilMs - nowMs) / DAY_MS)
}

/** Undefined while there is no reason to think of it. Times are milliseconds since 1970. */
export function lapseLevelOf(untilMs: number, nowMs: number): LapseLevel | undefined {
  if (nowMs >= untilMs) return 'lapsed'
  const days = daysUntil(untilMs, nowMs)
  if (days < 7) return 'urgent'
  if (days < 30) return 'warning'
  return days < 90 ? 'notice' : undefined
}
