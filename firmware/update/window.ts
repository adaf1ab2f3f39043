import { minutesOf } from '../../src/settings/time-of-day.ts'
import type { UpdateSettings } from '../../src/settings/update.ts'

const MINUTE_MS = 60_000

/**
 * Milliseconds until the window opens; 0 while it is open. `timeZone` is an IANA name. Where clocks are put forward or
 * back in between, it may be an hour wrong: asked again then, it is right.
 */
export function untilOpenMs(
  { windowFrom, windowTo }: Pick<UpdateSettings, 'windowFrom' | 'windowTo'>,
  nowMs: number,
  timeZone: string,
): number {
  const from = minutesOf(windowFrom)
  const lengthMin = (minutesOf(windowTo) - from + 1440) % 1440
  const since = (localMinutes(nowMs, timeZone) - from + 1440) % 1440
  if (lengthMin === 0 || since < lengthMin) return 0
  return (1440 - since) * MINUTE_MS - (nowMs % MINUTE_MS)
}

function localMinutes(nowMs: number, timeZone: string): number {
  const format = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  return minutesOf(new Intl.DateTimeFormat('en-GB', format).format(nowMs))
}
