/** What operations should look at in a kiosk. Pure. */
import { lapseLevelOf } from '../base/lapse.ts'
import { defaultSettings } from '../settings/settings.ts'
import type { SeenKiosk } from './seen-kiosk.ts'
import { type TroubleName, troubleNames } from './trouble-names.ts'

/** A kiosk that tells nothing for so many of its own intervals is silent, whatever its connection says. */
const INTERVALS_MISSED = 3
const SAMPLES_MIN = 50
/** Less than that, and the platen is dirty, or people are not told how to place a finger. */
const GOOD_FRACTION_MIN = 0.4
/** What waits longer is not only waiting for its turn. */
const OUTBOX_OLD_MS = 24 * 3_600_000

export interface Trouble {
  readonly name: TroubleName
  /** Which part, since when, how many. */
  readonly about: string
}

/** In the order of `troubleNames`: what keeps citizens away first. */
export function troublesOf(seen: SeenKiosk, nowMs: number): readonly Trouble[] {
  const { state, telemetry, desired, reported } = seen
  const troubles: Trouble[] = []
  const add = (is: boolean | undefined, name: TroubleName, about = '') => {
    if (is) troubles.push({ name, about })
  }
  add(state?.state !== 'online' && state?.state !== 'maintenance', 'offline', state?.since)
  add(state?.state === 'maintenance', 'maintenance', state?.since)
  add(state?.state === 'online' && isSilent(seen, nowMs), 'silent', telemetry?.at ?? state?.since)
  for (const { name, code } of telemetry?.parts.filter(({ up }) => !up) ?? [])
    add(true, 'part-down', code === undefined ? name : `${name} (${code})`)
  if (telemetry !== undefined) {
    const { store, outbox, samples, gallery } = telemetry
    add(telemetry.screenIsDark, 'screen-dark')
    add(store.level !== 'ok', 'store-filling', `${store.level}: ${store.limitedBy}`)
    add(store.findings > 0, 'store-findings', String(store.findings))
    add(outbox.setAside > 0, 'set-aside', String(outbox.setAside))
    const isOld = outbox.oldestAt !== undefined && nowMs - Date.parse(outbox.oldestAt) > OUTBOX_OLD_MS
    add(isOld, 'outbox-old', outbox.oldestAt)
    add(telemetry.staffCalled, 'staff-called')
    add(telemetry.housingOpenedAt !== undefined, 'housing-open', telemetry.housingOpenedAt)
    const lapse = telemetry.certificateUntil && lapseLevelOf(Date.parse(telemetry.certificateUntil), nowMs)
    add(Boolean(lapse), 'certificate-lapses', telemetry.certificateUntil)
    const isPoor =
      samples !== undefined && samples.count >= SAMPLES_MIN && samples.goodFraction < GOOD_FRACTION_MIN
    const inScope = gallery?.inScope ?? 0
    add(inScope > galleryFingersMaxOf(seen), 'gallery-too-large', String(inScope))
    add(isPoor, 'poor-samples', `${Math.round(100 * (samples?.goodFraction ?? 0))} %`)
  }
  const isDecided = reported !== undefined && reported.version === desired?.version
  add(isDecided && reported.state !== 'applied', 'config-not-running', reported?.state)
  add(reported?.refused !== undefined, 'config-refused', reported?.refused?.code)
  return troubles.sort((a, b) => troubleNames.indexOf(a.name) - troubleNames.indexOf(b.name))
}

/** What the kiosk takes of its scope. */
function galleryFingersMaxOf({ reported }: SeenKiosk): number {
  const set = reported?.settings.gallery?.fingersMax
  return typeof set === 'number' ? set : defaultSettings.gallery.fingersMax
}

function isSilent({ state, telemetry, reported }: SeenKiosk, nowMs: number): boolean {
  const set = reported?.settings.health?.telemetryIntervalMs
  const intervalMs = typeof set === 'number' ? set : defaultSettings.health.telemetryIntervalMs
  const lastMs = Math.max(Date.parse(telemetry?.at ?? '') || 0, Date.parse(state?.since ?? '') || 0)
  return nowMs - lastMs > INTERVALS_MISSED * intervalMs
}
