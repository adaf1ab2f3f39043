/** What the kiosk's page may do, made of the parts of the kiosk. */
import { join } from 'node:path'
import type { OpenBoard } from '../../hal/board/open-board.ts'
import manifest from '../../package.json' with { type: 'json' }
import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { VisitRunner } from '../enrolment/runner.ts'
import type { Check } from '../health/check.ts'
import { PinGuard } from '../health/pin-guard.ts'
import { recordStatusOf } from '../record/record-status.ts'
import type { Relay } from '../relay/relay.ts'
import type { Settings } from '../settings/settings.ts'
import type { KioskStore } from '../store/store.ts'
import type { Operations, ServiceView } from '../ui/operations.ts'
import { Service } from './service.ts'

export interface OperationsParts {
  readonly visit: VisitRunner
  readonly store: KioskStore
  readonly relay: Relay
  readonly board: OpenBoard
  readonly options: {
    readonly settings: Settings
    readonly data: string
    readonly clock: Clock
    readonly log: Log
  }
  examine(signal: AbortSignal): AsyncIterable<Check>
}

export function operationsOf(parts: OperationsParts): Operations {
  const { visit, store, relay } = parts
  const { kiosk, consent, ui } = parts.options.settings
  const hasStaff = ui.officerPin !== undefined || ui.technicianPin !== undefined
  return {
    facts: {
      kiosk: kiosk.id,
      site: kiosk.site,
      languages: kiosk.languages,
      timeZone: kiosk.timeZone,
      controller: consent.controller,
      consentVersion: consent.version,
      hasStaff,
    },
    onView: listener => visit.onView(listener),
    onPreview: listener => visit.onPreview(listener),
    command: command => visit.dispatch(command),
    async recordStatus(recordId) {
      const record = await store.record(recordId)
      const { waiting, oldestMs, online } = relay.state()
      return record && recordStatusOf(record, { waiting, oldestAt: isoTime(oldestMs), isOnline: online })
    },
    staff: hasStaff ? serviceOf(parts) : undefined,
  }
}

function serviceOf(parts: OperationsParts): Service {
  const { visit, board } = parts
  const { settings, data, clock, log } = parts.options
  const { officerPin, technicianPin, pinTriesMax, pinLockMs } = settings.ui
  const keys = board.partsOf('service-key')
  return new Service({
    pins: new PinGuard({
      hashes: { officer: officerPin, technician: technicianPin },
      file: join(data, 'pin-tries'),
      clock,
      triesMax: pinTriesMax,
      lockMs: pinLockMs,
    }),
    isKeyTurned: () => (keys.length === 0 ? undefined : keys.some(({ device }) => device.active === true)),
    attend: () => visit.attend(),
    look: (signal, options) => look(parts, signal, options),
    clock,
    log,
  })
}

async function look(
  { store, relay, board, options, examine }: OperationsParts,
  signal: AbortSignal,
  { thoroughly }: { readonly thoroughly: boolean },
): Promise<ServiceView> {
  const { waiting, oldestMs, lastReceiptMs, online } = relay.state()
  const checks: Check[] = []
  if (thoroughly) for await (const check of examine(signal)) checks.push(check)
  return {
    version: manifest.version,
    kiosk: options.settings.kiosk.id,
    parts: board.parts.map(({ name, kind, driver, state }) => ({
      name,
      kind,
      up: state.up,
      detail: state.up ? driver : `${state.code}: ${state.detail}`,
    })),
    outbox: {
      waiting,
      events: store.events.count,
      oldestAt: isoTime(oldestMs),
      lastReceiptAt: isoTime(lastReceiptMs),
      isOnline: online,
    },
    setAside: await store.outbox.setAsideList(),
    ...(thoroughly && { checks }),
  }
}

function isoTime(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString()
}
