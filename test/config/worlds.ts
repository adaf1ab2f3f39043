import { confirmed, type Held, nothingHeld, received, takenBack, tried } from '../../src/config/held.ts'
import { configError, type Desired } from '../../src/settings/desired.ts'
import { settingsSchema } from '../../src/settings/settings.ts'

export const base = settingsSchema.parse({
  kiosk: { id: 'kiosk-demo', site: 'Kantor Dukcapil Kendari' },
  broker: { url: 'mqtts://broker.example:8883' },
})
export const at = '2026-01-01T00:00:00.000Z'
export const now = { base, at, troubles: [] as readonly string[] }

/** A configuration that is known by its version. */
export function desired(version: number): Desired {
  return { version, settings: { capture: { qualityMin: version } } }
}

export function take(held: Held, wanted: Desired, troubles: readonly string[] = []): Held {
  const next = received(held, wanted, { ...now, troubles })
  if (next === undefined || next === 'stale') throw new Error(`version ${wanted.version} is not taken`)
  return next
}

/** Everything that a kiosk writes down in its life with configurations, in turn. */
export function life(): readonly Held[] {
  const steps: Held[] = [nothingHeld(at)]
  const step = (next: (held: Held) => Held) => steps.push(next(steps[steps.length - 1]))
  step(held => take(held, desired(1)))
  step(held => tried(held, at))
  step(confirmed)
  step(held => take(held, desired(2)))
  step(held => tried(held, at))
  step(held => takenBack(held, [configError('config/unwell', 'part printer', 'it was well before')], at))
  step(held => take(held, { version: 3, settings: { nothing: {} } }))
  step(held => take(held, desired(4), ['part printer']))
  step(held => tried(held, at))
  step(held => take(held, desired(5)))
  step(held => tried(held, at))
  step(confirmed)
  return steps
}
