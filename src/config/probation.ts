/** Whether a configuration on trial is kept. Pure; `runner.ts` looks at the kiosk and asks. */
import { type ConfigError, configError } from '../settings/desired.ts'
import type { ProbationSettings } from '../settings/probation.ts'

/** Among troubles: there is no connection to the broker. */
export const NO_BROKER = 'broker'

/** Monotonic milliseconds. */
export interface Probation {
  readonly sinceMs: number
  /** The kiosk has been well since; absent while it is not. */
  readonly goodSinceMs?: number
}

/** One look at the kiosk. */
export interface Look {
  readonly nowMs: number
  /** What is wrong with it, in words that stay the same while it is wrong. */
  readonly troubles: readonly string[]
}

export interface Trial {
  /** Those of the configuration before: none decides on itself. */
  readonly limits: ProbationSettings
  /** What was wrong before. */
  readonly troublesBefore: readonly string[]
  /** Whether it changes how the kiosk reaches its broker. */
  readonly changesBroker: boolean
}

export type Verdict =
  | { readonly name: 'wait'; readonly probation: Probation }
  | { readonly name: 'keep' }
  | { readonly name: 'take-back' /** What was not there before. */; readonly troubles: readonly string[] }

export function judge(probation: Probation, { nowMs, troubles }: Look, trial: Trial): Verdict {
  const { limits, troublesBefore, changesBroker } = trial
  const fresh = troubles.filter(trouble => !troublesBefore.includes(trouble))
  if (fresh.length === 0) {
    const goodSinceMs = probation.goodSinceMs ?? nowMs
    if (nowMs - goodSinceMs >= limits.goodMs) return { name: 'keep' }
    return { name: 'wait', probation: { ...probation, goodSinceMs } }
  }
  // A broker that is away is not the doing of a configuration that leaves it alone: the probation begins again.
  if (!changesBroker && fresh.every(trouble => trouble === NO_BROKER))
    return { name: 'wait', probation: { sinceMs: nowMs } }
  if (nowMs - probation.sinceMs < limits.limitMs)
    return { name: 'wait', probation: { sinceMs: probation.sinceMs } }
  return { name: 'take-back', troubles: fresh }
}

/** A trouble as operations are told of it. */
export function errorOf(trouble: string, { limitMs }: ProbationSettings): ConfigError {
  if (trouble !== NO_BROKER)
    return configError(
      'config/unwell',
      trouble,
      'it was well before: look at it, and at what this version changes',
    )
  const text = `no lasting connection within ${limitMs / 1000} s: look at broker.*, and at the network there`
  return configError('config/cut-off', 'broker.url', text)
}
