/** How long to wait between tries: full jitter under a ceiling that doubles. */
export interface Backoff {
  readonly backoffMsMin: number
  readonly backoffMsMax: number
}

/**
 * The wait before try number `attempt` (1 is the first retry), in milliseconds.
 *
 * Full jitter: anywhere between 0 and the ceiling, so that ten thousand kiosks whose broker
 * came back do not come back in the same second. `random` is uniform in [0, 1).
 */
export function backoffMs(backoff: Backoff, attempt: number, random: () => number): number {
  const doublings = Math.min(attempt - 1, 30)
  const ceilingMs = Math.min(backoff.backoffMsMax, backoff.backoffMsMin * 2 ** doublings)
  return random() * ceilingMs
}
