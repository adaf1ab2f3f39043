import { z } from 'zod'
import { KioskError } from '../base/errors.ts'
import { brokerSettings } from './broker.ts'
import { captureSettings } from './capture.ts'
import { consentSettings } from './consent.ts'
import { gallerySettings } from './gallery.ts'
import { healthSettings } from './health.ts'
import { hoursSettings } from './hours.ts'
import { kioskSettings } from './kiosk.ts'
import { probationSettings } from './probation.ts'
import { receiptSettings } from './receipt.ts'
import { relaySettings } from './relay.ts'
import { retentionSettings } from './retention.ts'
import { storeSettings } from './store.ts'
import { uiSettings } from './ui.ts'
import { updateSettings } from './update.ts'

/** Larger than any settings file: with every setting spelt out it is about 3 kB. */
export const SETTINGS_BYTES_MAX = 64 * 1024

/** Everything a kiosk can be told: type, checks, defaults and documentation in one place. */
export const settingsSchema = z.strictObject({
  kiosk: kioskSettings.prefault({}).meta({ doc: 'Who and where this kiosk is.' }),
  hours: hoursSettings.prefault({}).meta({ doc: 'When people are served.' }),
  capture: captureSettings.prefault({}).meta({ doc: 'Which fingers, how often, how good.' }),
  consent: consentSettings.prefault({}).meta({ doc: 'What citizens agree to.' }),
  receipt: receiptSettings.prefault({}).meta({ doc: 'The paper that citizens take home.' }),
  ui: uiSettings.prefault({}).meta({ doc: 'The page in front of the citizen.' }),
  broker: brokerSettings.prefault({}).meta({ doc: 'The way to the centre.' }),
  relay: relaySettings.prefault({}).meta({ doc: 'How the outbox is emptied.' }),
  retention: retentionSettings.prefault({}).meta({ doc: 'When fingers are erased.' }),
  gallery: gallerySettings.prefault({}).meta({ doc: 'Whom the pre-filter knows.' }),
  health: healthSettings
    .prefault({})
    .meta({ doc: 'What the kiosk tells of itself, and how it guards itself.' }),
  store: storeSettings.prefault({}).meta({ doc: 'How much is kept, and how long.' }),
  update: updateSettings.prefault({}).meta({ doc: 'When a new image is taken, and when it is kept.' }),
  probation: probationSettings
    .prefault({})
    .meta({ doc: 'When a configuration that operations sent is kept, and when it is taken back.' }),
})
export type Settings = z.infer<typeof settingsSchema>

export const defaultSettings: Settings = settingsSchema.parse({})

/**
 * Settings from the bytes of a JSON file; what it does not name keeps its default.
 *
 * Throws `config/bad-value` with the first wrong `path`, the `remedy`, and how many are wrong in all.
 */
export function parseSettings(bytes: Uint8Array): Settings {
  const checked = checkSettings(readSettingsJson(bytes))
  if ('settings' in checked) return checked.settings
  const { problems } = checked
  throw badValue(problems[0].path, problems[0].remedy, problems.length)
}

/** The value in a JSON file, not yet checked against the schema. Throws `config/bad-value`. */
export function readSettingsJson(bytes: Uint8Array): unknown {
  if (bytes.length > SETTINGS_BYTES_MAX)
    throw badValue('', `the file must be at most ${SETTINGS_BYTES_MAX} bytes long`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw badValue('', 'the file must be JSON in UTF-8: look for a missing comma or quote')
  }
}

/** One wrong setting. The wrong value itself is not repeated: it may be a secret. */
export interface SettingProblem {
  /** As in `relay.windowMax`; empty: all of it. */
  readonly path: string
  /** What must be there, in words. */
  readonly remedy: string
}

/** The settings that a value from outside means, or everything that is wrong with it. */
export function checkSettings(
  value: unknown,
): { readonly settings: Settings } | { readonly problems: readonly SettingProblem[] } {
  const parsed = settingsSchema.safeParse(value)
  if (parsed.success) return { settings: parsed.data }
  return {
    problems: parsed.error.issues.map(issue => ({ path: issue.path.join('.'), remedy: remedyOf(issue) })),
  }
}

/** Every setting by its path, and what is said of it. */
export const settingPaths: ReadonlyMap<string, z.core.GlobalMeta> = new Map(
  Object.entries(settingsSchema.shape).flatMap(([topic, schema]) =>
    Object.entries(schema.unwrap().shape).map(
      ([name, setting]) => [`${topic}.${name}`, setting.meta() ?? {}] as const,
    ),
  ),
)

/** JSON Schema (2020-12) of a settings file, for editors and for `tunggal config schema`. */
export function settingsJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(settingsSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (typeof jsonSchema.doc !== 'string') return
      jsonSchema.description = jsonSchema.doc
      delete jsonSchema.doc
    },
  })
}

function badValue(path: string, remedy: string, wrong = 1): KioskError {
  return new KioskError('config/bad-value', { path: path === '' ? '(whole file)' : path, remedy, wrong })
}

function remedyOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(objectAt(issue.path)?.shape ?? {})
    return `unknown: ${issue.keys.slice(0, 5).join(', ').slice(0, 100)}; known here: ${known.join(', ')}`
  }
  return issue.message
}

/** The object schema that a path of keys leads to, through defaults. */
function objectAt(path: readonly PropertyKey[]): z.ZodObject | undefined {
  let schema: unknown = settingsSchema
  for (const key of path) {
    if (!(schema instanceof z.ZodObject)) return undefined
    schema = schema.shape[key as string]
    while (schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault) schema = schema.unwrap()
  }
  return schema instanceof z.ZodObject ? schema : undefined
}
