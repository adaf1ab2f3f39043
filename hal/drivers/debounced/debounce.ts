/** How long a contact must stay as it is before it is believed, by the state it goes to. */
export interface SettleTimes {
  readonly activeMs: number
  readonly inactiveMs: number
}

export interface Debounce {
  /** What is believed; undefined while nothing can be read. */
  readonly settled: boolean | undefined
  /** When the line left the settled state, if it has not come back. */
  readonly leftAtMs: number | undefined
}

export const unknown: Debounce = { settled: undefined, leftAtMs: undefined }

/** What is believed once the line was seen at `level`. The first level after none is believed at once. */
export function observe(
  state: Debounce,
  level: boolean | undefined,
  nowMs: number,
  times: SettleTimes,
): Debounce {
  if (level === undefined) return unknown
  if (state.settled === undefined || level === state.settled) return { settled: level, leftAtMs: undefined }
  const leftAtMs = state.leftAtMs ?? nowMs
  const settled = nowMs - leftAtMs >= settleMs(level, times)
  return settled ? { settled: level, leftAtMs: undefined } : { settled: state.settled, leftAtMs }
}

/** When the line should be looked at again, if it stays as it is; undefined where it is settled. */
export function settlesAtMs({ settled, leftAtMs }: Debounce, times: SettleTimes): number | undefined {
  return leftAtMs === undefined ? undefined : leftAtMs + settleMs(!settled, times)
}

function settleMs(level: boolean, { activeMs, inactiveMs }: SettleTimes): number {
  return level ? activeMs : inactiveMs
}
