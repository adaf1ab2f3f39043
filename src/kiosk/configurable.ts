import type { BoardPart } from '../../hal/ports/part.ts'
import type { Clock } from '../base/clock.ts'
import type { ErrorCode } from '../base/errors.ts'
import { NO_BROKER } from '../config/probation.ts'
import type { ConfigurableKiosk } from '../config/runner.ts'
import type { VisitRunner } from '../enrolment/runner.ts'
import type { Broker, Message } from '../mqtt/broker.ts'
import type { ExchangeableBroker } from '../mqtt/exchangeable-broker.ts'
import type { Effect } from '../settings/overlay.ts'
import type { Settings } from '../settings/settings.ts'
import type { Capacity } from '../store/ports.ts'
import type { Attendant } from './attendant.ts'

const FAREWELL_MS = 2_000
/** What people use up and mend, not configurations. */
const NOBODYS_FAULT: readonly ErrorCode[] = ['hal/paper-out', 'hal/cover-open']

export interface KioskParts {
  readonly broker: ExchangeableBroker
  readonly store: { capacity(): Promise<Capacity> }
  readonly clock: Clock
  readonly attendant: Pick<Attendant, 'isIdle' | 'onIdle' | 'setSettings'>
  readonly visit?: VisitRunner
  readonly board?: { readonly parts: readonly BoardPart[] }
  /** Absent: nobody watches over one. */
  readonly screen?: { readonly isDark: boolean }
  /** A new connection by these settings. */
  connect(settings: Settings): Broker
  /** For those who watch the broker that is left. */
  farewell(): Message
  /** These are in force. */
  onSettings(settings: Settings): void
  /** The kiosk has to be closed and opened again. */
  restart(): void
}

/** The parts of a kiosk as one thing that a configuration can be brought into. */
export function configurableKiosk(parts: KioskParts): ConfigurableKiosk {
  const { broker, store, attendant, visit, board, screen } = parts
  const visitIsIdle = () => visit === undefined || visit.view.step === 'idle'
  return {
    async troubles() {
      const level = await store.capacity().then(
        capacity => capacity.level,
        () => 'fault' as const,
      )
      const down = (board?.parts ?? []).filter(
        ({ state }) => !state.up && !NOBODYS_FAULT.includes(state.code),
      )
      return [
        ...(broker.connection === undefined ? [NO_BROKER] : []),
        ...(level === 'full' || level === 'fault' ? [`store ${level}`] : []),
        ...(screen?.isDark ? ['screen'] : []),
        ...down.map(({ name }) => `part ${name}`),
      ]
    },
    get isIdle() {
      return visitIsIdle() && attendant.isIdle
    },
    onIdle(listener) {
      let isFirst = true
      const stops = [
        attendant.onIdle(listener),
        visit?.onView(({ step }) => {
          if (step === 'idle' && !isFirst) listener()
        }),
      ]
      isFirst = false
      return () => {
        for (const stop of stops) stop?.()
      }
    },
    async use(settings: Settings, effect: Effect) {
      if (effect === 'runtime') {
        // Nobody begins a visit that the restart would end.
        visit?.close()
        parts.restart()
        return
      }
      visit?.setSettings(settings)
      attendant.setSettings(settings)
      parts.onSettings(settings)
      if (effect !== 'part') return
      await sayFarewell(parts)
      await broker.exchange(() => parts.connect(settings))
    },
  }
}

/** Closes and opens a kiosk again, as soon as nobody is at it. */
export function restartWhenIdle(
  kiosk: Pick<ConfigurableKiosk, 'isIdle' | 'onIdle' | 'use'>,
  settings: () => Settings,
): void {
  const restart = () => void kiosk.use(settings(), 'runtime')
  if (kiosk.isIdle) {
    restart()
    return
  }
  const stop = kiosk.onIdle(() => {
    if (!kiosk.isIdle) return
    stop()
    restart()
  })
}

async function sayFarewell({ broker, clock, farewell }: KioskParts): Promise<void> {
  if (broker.connection === undefined) return
  const limit = new AbortController()
  const said = broker.publish(farewell()).catch(() => {})
  await Promise.race([said, clock.sleep(FAREWELL_MS, limit.signal).catch(() => {})])
  limit.abort()
}
