import type { X509Certificate } from 'node:crypto'
import type { BoardPart } from '../../hal/ports/part.ts'
import type { Settings } from '../settings/settings.ts'
import type { Store } from '../store/ports.ts'
import { brokerCheck, type Tls } from './broker-check.ts'
import type { Check } from './check.ts'
import { diskHealthCheck } from './disk-health.ts'
import { hasDisplay } from './display.ts'
import { certificateCheck } from './key-checks.ts'
import { clockCheck, kernelCheck, screenCheck, spaceCheck } from './machine-checks.ts'
import { networkCheck } from './network-check.ts'
import { partChecks, type WiringProblem } from './part-checks.ts'
import { slotChecks } from './slot-checks.ts'
import { storeChecks } from './store-checks.ts'

/** Of a kiosk, what there is of it: a doctor comes also where its keys or its store do not open. */
export interface Patient {
  readonly data: string
  readonly settings: Settings
  readonly nowMs: number
  readonly certificates: readonly { readonly whose: string; readonly certificate: X509Certificate }[]
  readonly tls?: Tls
  readonly store?: Store
  readonly parts?: readonly BoardPart[]
  /** Of a kiosk that runs; absent where nobody watches over a screen. */
  readonly screen?: { readonly isDark: boolean }
  readonly wiring?: readonly WiringProblem[]
  /** Whether the kiosk that runs is logged in at its broker; absent where none runs. */
  readonly isLoggedIn?: boolean
}

/** What a check is about, in the order in which they are made. */
export type CheckArea = 'machine' | 'slots' | 'certificates' | 'store' | 'network' | 'parts'
export type AreaCheck = Check & { readonly area: CheckArea }

/** Everything that can be said of a kiosk without moving or changing anything, as it is found out. */
export async function* examine(patient: Patient, signal: AbortSignal): AsyncGenerator<AreaCheck> {
  const { data, settings, nowMs, certificates, tls, store, parts, screen, wiring = [], isLoggedIn } = patient
  yield* of('machine', [
    kernelCheck(),
    clockCheck(nowMs),
    await spaceCheck(data, settings.store.freeBytesMin),
    await diskHealthCheck(data),
    ...(screen === undefined ? [] : [screenCheck(screen, await hasDisplay())]),
  ])
  yield* of('slots', await slotChecks())
  yield* of(
    'certificates',
    certificates.map(({ whose, certificate }) => certificateCheck(whose, certificate, nowMs)),
  )
  if (store !== undefined) yield* of('store', await storeChecks(store))
  const { url } = settings.broker
  const isNeeded = !/^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname)
  yield* of('network', [await networkCheck({ isNeeded }), await brokerCheck(url, { tls, isLoggedIn })])
  if (parts !== undefined) yield* of('parts', await partChecks(parts, wiring, signal))
}

function of(area: CheckArea, checks: readonly Check[]): readonly AreaCheck[] {
  return checks.map(check => ({ ...check, area }))
}
