/** What the kiosk's page may do, made of the parts of the kiosk. */
import { join } from 'node:path'
import type { OpenBoard } from '../../hal/board/open-board.ts'
import manifest from '../../package.json' with { type: 'json' }
import type { Clock } from '../base/clock.ts'
import type { RecentLog } from '../base/recent-log.ts'
import type { VisitGallery, VisitRunner } from '../enrolment/runner.ts'
import type { Engine } from '../finger/engine.ts'
import type { AreaCheck } from '../health/examine.ts'
import { PinGuard } from '../health/pin-guard.ts'
import type { ScreenWatch } from '../health/screen-watch.ts'
import type { CentreStatus } from '../relay/centre-status.ts'
import type { Relay } from '../relay/relay.ts'
import type { KioskSeal } from '../seal/seal.ts'
import type { Settings } from '../settings/settings.ts'
import type { KioskStore } from '../store/store.ts'
import type { Operations, ServiceView, StaffOperations } from '../ui/operations.ts'
import { diagnosticsName, diagnosticsText } from './diagnostics.ts'
import { askMachine } from './machine-requests.ts'
import { PrintDesk } from './print-desk.ts'
import { removableDrives } from './removable-drives.ts'
import { Service } from './service.ts'
import { ServiceTasks, type TaskParts } from './service-tasks.ts'
import { StatusDesk } from './status-desk.ts'

export interface OperationsParts {
  readonly visit: VisitRunner
  readonly store: KioskStore
  readonly relay: Relay
  readonly centre: CentreStatus
  readonly seal: KioskSeal
  readonly board: OpenBoard
  readonly engine: Engine
  readonly gallery: VisitGallery
  readonly options: {
    readonly settings: Settings
    /** Also where operations changed them without a new beginning. */
    inForce(): Settings
    readonly data: string
    readonly clock: Clock
    /** The file that asks for a restart of the machine; absent: nobody watches for one. */
    readonly rebootRequest?: string
  }
  readonly log: RecentLog
  /** Absent: nobody watches over the screen. */
  readonly screen?: Pick<ScreenWatch, 'painted'>
  examine(signal: AbortSignal): AsyncIterable<AreaCheck>
  /** Nothing of the fingers stays in memory. */
  forget(): void
}

export function operationsOf(parts: OperationsParts): Operations {
  const { visit, screen } = parts
  const { settings } = parts.options
  const prints = new PrintDesk(parts)
  const statuses = new StatusDesk({ ...parts, prints })
  const { officerPin, technicianPin } = settings.ui
  const hasStaff = officerPin !== undefined || technicianPin !== undefined
  return {
    ...visitOperations(visit, settings, hasStaff ? serviceOf(parts) : undefined),
    ...(screen !== undefined && { painted: (shown: number) => screen.painted(shown) }),
    recordStatus: (recordId, signal) => statuses.byReceipt(recordId, signal),
    print: (recordId, job, language) => prints.print(recordId, job, language),
    recordStatusByFinger: (nik, options) => statuses.byFinger(nik, options),
  }
}

/** What needs the visit alone. */
export function visitOperations(
  visit: VisitRunner,
  { kiosk, hours, consent, ui }: Settings,
  staff: StaffOperations | undefined,
): Omit<Operations, 'recordStatus' | 'recordStatusByFinger' | 'print'> {
  return {
    facts: {
      kiosk: kiosk.id,
      site: kiosk.site,
      languages: kiosk.languages,
      timeZone: kiosk.timeZone,
      hours,
      controller: consent.controller,
      consentVersion: consent.version,
      hasStaff: staff !== undefined,
      idleAfterMs: ui.idleAfterMs,
      countDownMs: ui.countDownMs,
      sameKeyAfterMs: ui.sameKeyAfterMs,
    },
    onView: listener => visit.onView(listener),
    onPreview: listener => visit.onPreview(listener),
    command: command => visit.dispatch(command),
    staff,
  }
}

function serviceOf(parts: OperationsParts): Service {
  const { visit, board, log } = parts
  const { settings, data, clock } = parts.options
  const tasks = new ServiceTasks(taskPartsOf(parts))
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
    perform: (task, signal) => tasks.perform(task, signal),
    clock,
    log,
  })
}

/** For those who have the kiosk do something: its technician here, operations from afar. */
export function taskPartsOf(parts: OperationsParts): TaskParts {
  const { visit, board, engine, options, log, forget } = parts
  const { inForce, clock, rebootRequest } = options
  const now = () => new Date(clock.nowMs()).toISOString()
  return {
    board,
    engine,
    clock,
    forget,
    isIdle: () => visit.view.step === 'idle',
    drives: removableDrives,
    reboot: async () => rebootRequest !== undefined && (await askMachine(rebootRequest, now())),
    diagnostics: async signal => {
      const madeAt = now()
      const settings = inForce()
      const text = diagnosticsText({
        madeAt,
        view: await look(parts, signal, { thoroughly: true }),
        settings,
        log: log.lines(),
        uptimeSeconds: Math.floor(process.uptime()),
        memoryBytes: process.memoryUsage.rss(),
      })
      return { name: diagnosticsName(settings.kiosk.id, madeAt), text }
    },
  }
}

async function look(
  { store, relay, board, options, examine }: OperationsParts,
  signal: AbortSignal,
  { thoroughly }: { readonly thoroughly: boolean },
): Promise<ServiceView> {
  const { waiting, oldestMs, lastReceiptMs, online } = relay.state()
  const checks: AreaCheck[] = []
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
