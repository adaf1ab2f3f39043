/** What became of a configuration at a kiosk, and how far what is wanted differs from what runs. Pure. */
import { overlaid, type PartialSettings, valueAt } from '../settings/overlay.ts'
import { defaultSettings, type SettingProblem, settingPaths } from '../settings/settings.ts'
import type { SeenKiosk } from './seen-kiosk.ts'

/** `waiting`: the kiosk has not said anything of it. `superseded`: it has gone on to a later one. */
export type Outcome = 'waiting' | 'on-trial' | 'kept' | 'rejected' | 'rolled-back' | 'superseded'

export function outcomeOf({ reported }: SeenKiosk, version: number): Outcome {
  if (reported === undefined || reported.version < version) return 'waiting'
  if (reported.version > version) return 'superseded'
  if (reported.state !== 'applied') return reported.state
  return reported.confirmed ? 'kept' : 'on-trial'
}

/** As `outcomeOf`, of an image. Until it is kept or left again it is `on-trial`, from its download on. */
export function updateOutcomeOf({ update }: SeenKiosk, version: number): Outcome {
  const { reported } = update ?? {}
  if (reported === undefined) return 'waiting'
  if (reported.pending?.version === version) return 'on-trial'
  if (reported.version < version) return 'waiting'
  if (reported.version > version) return 'superseded'
  return reported.state === 'applied' ? 'kept' : reported.state
}

export function isDecided(outcome: Outcome): boolean {
  return outcome !== 'waiting' && outcome !== 'on-trial'
}

/** A setting that is wanted and does not run. */
export interface Difference {
  readonly path: string
  readonly wanted: unknown
  readonly runs: unknown
}

export function differences({ desired, reported }: SeenKiosk): readonly Difference[] {
  if (desired === undefined) return []
  return [...settingPaths.keys()].flatMap(path => {
    const wanted = valueAt(desired.settings, path)
    const runs = reported && (valueAt(reported.settings, path) ?? valueAt(defaultSettings, path))
    return wanted === undefined || JSON.stringify(wanted) === JSON.stringify(runs)
      ? []
      : [{ path, wanted, runs }]
  })
}

/** What a file for many kiosks must not name, or has wrong; what only one kiosk can tell is found out there. */
export function problemsForMany(settings: PartialSettings): readonly SettingProblem[] {
  if (valueAt(settings, 'kiosk.id') !== undefined)
    return [{ path: 'kiosk.id', remedy: 'leave it out: every kiosk has its own' }]
  const checked = overlaid(defaultSettings, settings)
  return 'problems' in checked ? checked.problems : []
}
