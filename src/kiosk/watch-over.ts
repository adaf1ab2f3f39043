import type { OpenBoard } from '../../hal/board/open-board.ts'
import manifest from '../../package.json' with { type: 'json' }
import type { Clock } from '../base/clock.ts'
import { KioskError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { listenForHeadphones } from '../enrolment/headphones.ts'
import { showOnLamps } from '../enrolment/lamp.ts'
import { limitsOf } from '../enrolment/limits.ts'
import { isOpen } from '../enrolment/opening-hours.ts'
import type { VisitRunner } from '../enrolment/runner.ts'
import { Housing } from '../health/housing.ts'
import type { RecentSamples } from '../health/recent-samples.ts'
import type { ScreenWatch } from '../health/screen-watch.ts'
import { serveMetrics } from '../health/serve-metrics.ts'
import { Telemetry } from '../health/telemetry.ts'
import { eraseLocalKeys } from '../keys/file-key-store.ts'
import type { KioskKeys } from '../keys/key-store.ts'
import { keyFolder } from '../keys/layout.ts'
import type { Broker } from '../mqtt/broker.ts'
import type { KioskLimit } from '../record/visit-view.ts'
import type { SentGalleryState } from '../relay/gallery-follower.ts'
import type { Settings } from '../settings/settings.ts'
import type { KioskStore } from '../store/store.ts'
import type { Maintenance } from './maintenance.ts'

/** Free disk shrinks also without us, and opening hours end by themselves. */
const LOOK_INTERVAL_MS = 30_000

/** Tells screen, lamps and operations what the kiosk can do now, and guards its housing. Returns what ends that. */
export async function watchOver(kiosk: {
  readonly options: {
    readonly data: string
    readonly settings: Settings
    readonly clock: Clock
    readonly log: Log
  }
  readonly keys: Pick<KioskKeys, 'certificate'>
  readonly board: OpenBoard
  readonly visit: VisitRunner
  readonly samples: RecentSamples
  readonly store: KioskStore
  readonly broker: Broker
  readonly mustStop: AbortController
  readonly maintenance: Maintenance
  readonly screen?: Pick<ScreenWatch, 'isDark' | 'onChange'>
  sentGallery(): SentGalleryState | undefined
}): Promise<() => Promise<void>> {
  const { options, keys, board, visit, samples, store, broker, mustStop, maintenance, screen } = kiosk
  const { settings, clock, log, data } = options
  let housing: Housing | undefined
  let staffCalled = false
  let limits: readonly KioskLimit[] = []
  const telemetry = new Telemetry({
    kiosk: settings.kiosk.id,
    version: manifest.version,
    broker,
    store,
    clock,
    log,
    intervalMs: settings.health.telemetryIntervalMs,
    parts: () => board.parts,
    circumstances: () => ({
      limits,
      staffCalled,
      ...(screen?.isDark && { screenIsDark: true }),
      ...(housing?.openedAt && { housingOpenedAt: housing.openedAt }),
      certificateUntil: new Date(keys.certificate.validTo).toISOString(),
      samples: samples.statistics(),
      gallery: kiosk.sentGallery(),
    }),
  })
  housing = await Housing.guard({
    switches: board.partsOf('tamper-switch'),
    serviceKeys: board.partsOf('service-key'),
    store,
    clock,
    log,
    ...(settings.health.onTamper === 'erase' && { erase: () => eraseLocalKeys(keyFolder(data, 'kiosk')) }),
    onChange: () => telemetry.soon(),
    onErased: () => mustStop.abort(),
  })
  screen?.onChange(() => telemetry.soon())
  const look = async () => {
    const capacity = await store.capacity().catch(() => undefined)
    const { hours, kiosk } = settings
    limits = limitsOf({
      parts: board.parts,
      store: capacity?.level ?? 'fault',
      isInMaintenance: maintenance.isOn,
      isOpen: isOpen(hours, clock.nowMs(), kiosk.timeZone),
    })
    visit.setLimits(limits)
  }
  await look()
  const metrics =
    settings.health.metricsPort === 0
      ? undefined
      : await serveMetrics({ port: settings.health.metricsPort, read: () => telemetry.now() }).catch(
          error => {
            // People are served without it.
            log.warn('metrics', { code: error instanceof KioskError ? error.code : String(error) })
          },
        )
  const stopping = new AbortController()
  const looking = (async () => {
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_INTERVAL_MS, stopping.signal).catch(() => {})
      await look()
    }
  })()
  const lookAndTell = () => void look().then(() => telemetry.soon())
  const stopMaintenance = maintenance.onChange(lookAndTell)
  const stopView = visit.onView(({ helpCalled }) => {
    if (helpCalled !== staffCalled) telemetry.soon()
    staffCalled = helpCalled
  })
  listenForHeadphones(visit, board.partsOf('headphone-detect'))
  const lamps = showOnLamps(visit, board.partsOf('status-lamp'))
  const stopParts = board.onState(part => {
    log.warn('part', { part: part.name, up: part.state.up, ...(!part.state.up && { code: part.state.code }) })
    if (part.kind === 'status-lamp' && part.state.up) lamps.again()
    lookAndTell()
  })
  return async () => {
    stopping.abort()
    lamps.stop()
    stopView()
    stopMaintenance()
    stopParts()
    await metrics?.close()
    await looking
    await telemetry.stop()
  }
}
