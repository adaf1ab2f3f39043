/**
 * What a kiosk holds of its configurations, and how that changes. Pure: `runner.ts` writes it down and acts on it.
 *
 *     desired ─▶ waiting ─▶ on trial ─▶ good
 *        └▶ rejected    taken back └▶ the good one before it
 *
 * Always true:
 * - There is something to run: the one on trial, else the good one, else the kiosk's own file.
 * - A version is decided on once. What is not above `highest` is refused, whoever signed it, so that nothing
 *   rejected or taken back comes again, and nothing old is replayed.
 * - Only what was good for a whole probation replaces the good one.
 */
import {
  type ConfigError,
  configError,
  type Desired,
  ERRORS_MAX,
  type Reported,
} from '../settings/desired.ts'
import { overlaid, type PartialSettings } from '../settings/overlay.ts'
import type { SettingProblem, Settings } from '../settings/settings.ts'

/**
 * A configuration on trial may start the kiosk this often: where it takes the kiosk down before it can be judged,
 * whoever starts the kiosk again ends up with the one before it. Power cuts count too, and cost no more than that.
 */
export const TRIAL_STARTS_MAX = 3

export interface Version {
  /** 0: the kiosk's own file. */
  readonly version: number
  /** What lies over the kiosk's own file. */
  readonly settings: PartialSettings
}

export interface Held {
  /** The highest version ever decided on. */
  readonly highest: number
  /** The last one that passed its probation. */
  readonly good: Version
  readonly trial?: Version & {
    /** How often the kiosk was started with it. */
    readonly starts: number
    /** What was wrong with the kiosk before, and is not this one's doing. */
    readonly troubles: readonly string[]
  }
  /** Accepted; it is put to trial as soon as nobody is at the kiosk. */
  readonly waiting?: Version & { readonly troubles: readonly string[] }
  readonly report: Pick<Reported, 'version' | 'state' | 'errors' | 'at'>
}

export const OWN_FILE: Version = { version: 0, settings: {} }

/** A kiosk that was never sent anything. `at`: ISO 8601, as everywhere here. */
export function nothingHeld(at: string): Held {
  return {
    highest: 0,
    good: OWN_FILE,
    report: { version: 0, state: 'applied', errors: [], at },
  }
}

export function running({ trial, good }: Held): Version {
  return trial ?? good
}

/** Undefined: it is what was decided on last, sent again. */
export function received(
  held: Held,
  desired: Desired,
  now: { readonly base: Settings; readonly troubles: readonly string[]; readonly at: string },
): Held | 'stale' | undefined {
  const { version, settings } = desired
  if (version === held.highest) return undefined
  if (version < held.highest) return 'stale'
  const result = overlaid(now.base, settings)
  if ('problems' in result) return rejected({ ...held, highest: version }, version, result.problems, now.at)
  // What is on trial may have brought troubles that are its own: those before it count.
  const troubles = held.trial?.troubles ?? now.troubles
  return { ...held, highest: version, waiting: { version, settings, troubles } }
}

/** The one that waited is the one to run from now on. */
export function tried(held: Held, at: string): Held {
  const { waiting, ...rest } = held
  if (waiting === undefined) return held
  return {
    ...rest,
    trial: { ...waiting, starts: 0 },
    report: { version: waiting.version, state: 'applied', errors: [], at },
  }
}

export function confirmed(held: Held): Held {
  const { trial, ...rest } = held
  if (trial === undefined) return held
  return { ...rest, good: { version: trial.version, settings: trial.settings } }
}

export function takenBack(held: Held, errors: readonly ConfigError[], at: string): Held {
  const { trial, ...rest } = held
  if (trial === undefined) return held
  const { version } = trial
  return { ...rest, report: { version, state: 'rolled-back', errors: errors.slice(0, ERRORS_MAX), at } }
}

/**
 * The kiosk starts, by its own file `base`: counts it, and answers with what it has to run. `held` is what has to be
 * written down before it does.
 */
export function started(held: Held, base: Settings, at: string): { held: Held; settings: Settings } {
  const { trial } = tried(held, at)
  if (trial === undefined) return { held, settings: settingsOf(held, base) }
  const next: Held = { ...tried(held, at), trial: { ...trial, starts: trial.starts + 1 } }
  const result = overlaid(base, trial.settings)
  if ('problems' in result) {
    const back = takenBack(next, errorsOf(result.problems), at)
    return { held: back, settings: settingsOf(back, base) }
  }
  if (trial.starts < TRIAL_STARTS_MAX) return { held: next, settings: result.settings }
  const text = `it was started ${trial.starts} times and never got through its probation: look at the kiosk's log`
  const back = takenBack(next, [configError('config/not-starting', '', text)], at)
  return { held: back, settings: settingsOf(back, base) }
}

/**
 * What runs, by the kiosk's own file `base`. A good one that this software cannot read (another software put it
 * there) is left as it is, for the software that can; until then the kiosk runs by its own file.
 */
export function settingsOf(held: Held, base: Settings): Settings {
  const result = overlaid(base, running(held).settings)
  return 'settings' in result ? result.settings : base
}

/** Why what runs is not what is good; empty where it is. */
export function unreadable(held: Held, base: Settings): readonly ConfigError[] {
  const result = overlaid(base, held.good.settings)
  return 'problems' in result ? errorsOf(result.problems) : []
}

/** The newest word counts: what waited is not wanted any more. */
function rejected(
  { waiting: _, ...held }: Held,
  version: number,
  problems: readonly SettingProblem[],
  at: string,
): Held {
  return { ...held, report: { version, state: 'rejected', errors: errorsOf(problems), at } }
}

function errorsOf(problems: readonly SettingProblem[]): ConfigError[] {
  return problems
    .slice(0, ERRORS_MAX)
    .map(({ path, remedy }) => configError('config/bad-value', path, remedy))
}
