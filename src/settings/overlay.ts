/**
 * What operations want lies over the kiosk's own file, setting by setting: a configuration for a province names
 * what it is about, and leaves every kiosk its name, its site and its broker.
 */
import {
  checkSettings,
  defaultSettings,
  type SettingProblem,
  type Settings,
  settingPaths,
} from './settings.ts'

/** Settings by topic and name, as far as somebody named them. */
export type PartialSettings = Readonly<Record<string, unknown>>

/** `over` on top of `base`; lists are replaced as a whole. */
export function overlaid(
  base: Settings,
  over: PartialSettings,
): { readonly settings: Settings } | { readonly problems: readonly SettingProblem[] } {
  const secrets = secretsIn(over)
  if (secrets.length > 0) return { problems: secrets }
  const checked = checkSettings(merged(base, over))
  if ('problems' in checked || checked.settings.kiosk.id === base.kiosk.id) return checked
  return {
    problems: [{ path: 'kiosk.id', remedy: `must stay ${base.kiosk.id}: it is in the kiosk's certificate` }],
  }
}

/** How much of a running kiosk has to start again, the more the later. */
export const effects = ['none', 'at-once', 'part', 'runtime'] as const
export type Effect = (typeof effects)[number]

export interface SettingChange {
  readonly path: string
  readonly before: unknown
  readonly after: unknown
  readonly effect: Effect
}

/** The settings in which two differ. */
export function changesBetween(before: Settings, after: Settings): readonly SettingChange[] {
  const changes: SettingChange[] = []
  for (const [path, { restart }] of settingPaths) {
    const [was, is] = [valueAt(before, path), valueAt(after, path)]
    if (JSON.stringify(was) === JSON.stringify(is)) continue
    changes.push({ path, before: was, after: is, effect: restart ?? 'at-once' })
  }
  return changes
}

/** What all of them need together. */
export function effectOf(changes: readonly SettingChange[]): Effect {
  return changes.reduce<Effect>(
    (most, { effect }) => (effects.indexOf(effect) > effects.indexOf(most) ? effect : most),
    'none',
  )
}

/** What of some settings is not the default, and not secret: short enough to be told with every report. */
export function overDefaults(settings: Settings): Record<string, Record<string, unknown>> {
  const topics: Record<string, Record<string, unknown>> = {}
  for (const { path, after } of changesBetween(defaultSettings, settings)) {
    if (settingPaths.get(path)?.secret) continue
    const [topic, name] = path.split('.')
    topics[topic] ??= {}
    topics[topic][name] = after
  }
  return topics
}

/** The value of a setting in what may have it or not. */
export function valueAt(settings: unknown, path: string): unknown {
  const [topic, name] = path.split('.')
  const section = isPlain(settings) ? settings[topic] : undefined
  return isPlain(section) ? section[name] : undefined
}

function secretsIn(over: unknown): SettingProblem[] {
  const remedy = "is secret: it belongs into the kiosk's own file, and travels through no broker"
  return [...settingPaths]
    .filter(([path, { secret }]) => secret && valueAt(over, path) !== undefined)
    .map(([path]) => ({ path, remedy }))
}

function merged(base: unknown, over: unknown): unknown {
  if (!isPlain(base) || !isPlain(over)) return over
  // From entries, so that not even a name like `__proto__` is more than a name.
  return Object.fromEntries([
    ...Object.entries(base).filter(([name]) => !Object.hasOwn(over, name)),
    ...Object.entries(over).map(([name, value]) => [
      name,
      Object.hasOwn(base, name) ? merged(base[name], value) : value,
    ]),
  ])
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
