import type { X509Certificate } from 'node:crypto'
import type { BoardPart } from '../../hal/ports/part.ts'
import type { Settings } from '../settings/settings.ts'
import type { Store } from '../store/ports.ts'
import { brokerCheck, type Tls } from './broker-check.ts'
import type { Check } from './check.ts'
import { diskHealthCheck } from './disk-health.ts'
import { certificateCheck } from './key-checks.ts'
import { clockCheck, kernelCheck, spaceCheck } from './machine-checks.ts'
import { partChecks, type WiringProblem } from './part-checks.ts'
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
  readonly wiring?: readonly WiringProblem[]
  /** Whether the kiosk that runs is logged in at its broker; absent where none runs. */
  readonly isLoggedIn?: boolean
}

/** Everything that can be said of a kiosk without moving or changing anything, as it is found out. */
export async function* examine(patient: Patient, signal: AbortSignal): AsyncGenerator<Check> {
  const { data, settings, nowMs, certificates, tls, store, parts, wiring = [], isLoggedIn } = patient
  yield kernelCheck()
  yield clockCheck(nowMs)
  yield await spaceCheck(data, settings.store.freeBytesMin)
  yield await diskHealthCheck(data)
  for (const { whose, certificate } of certificates) yield certificateCheck(whose, certificate, nowMs)
  if (store !== undefined) yield* await storeChecks(store)
  yield await brokerCheck(settings.broker.url, { tls, isLoggedIn })
  if (parts !== undefined) yield* await partChecks(parts, wiring, signal)
}
