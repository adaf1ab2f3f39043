import type { X509Certificate } from 'node:crypto'
import { type SbiOptions, SbiSensor } from '../../hal/drivers/sbi/sbi.ts'
import { anchorsOf } from '../../hal/drivers/sbi/trust.ts'
import type { Citizen } from '../../hal/sim/citizen.ts'
import { type Certified, type DeviceKeys, makeDeviceKeys, pemOf } from '../../hal/sim/device-certificates.ts'
import { SimulatedLoopback } from '../../hal/sim/loopback.ts'
import { SbiService, type SbiServiceOptions } from '../../hal/sim/sbi-service.ts'
import { type FirView, writeFir } from '../../src/finger/image/fir.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import { ManualClock } from './manual-clock.ts'

/** The time of every manual clock at its start. */
const NOW_MS = new ManualClock().nowMs()

/** A slope in both directions, so that a shifted or turned image shows. */
export const finger: Frame = {
  widthPx: 120,
  heightPx: 150,
  resolutionDpi: 500,
  pixels: Uint8Array.from({ length: 120 * 150 }, (_, i) => ((i % 120) + Math.floor(i / 120)) & 0xff),
}
/** Places that finger, whichever is asked for. */
export const somebody: Citizen = { place: () => finger }

let made: Promise<DeviceKeys> | undefined
/** Keys of a scanner, once a process. */
export function deviceKeys(): Promise<DeviceKeys> {
  made ??= makeDeviceKeys(NOW_MS)
  return made
}

export function anchors(roots: readonly Certified[]): readonly X509Certificate[] {
  return anchorsOf(pemOf(roots), 'trust.pem')
}

export const PORT = 4503

export type BenchOptions = Partial<Omit<SbiOptions, 'clock'>> &
  Partial<Omit<SbiServiceOptions, 'clock' | 'env'>> & { readonly clock?: ManualClock }

/** JPEG 2000, as scanners have it, loads its decoder, which takes time that no manual clock knows. */
const record = async (view: FirView) => writeFir([view], 'png')

/** A driver and a simulated service on the same ports inside the process, nothing opened. */
export async function sbiBench({ clock = new ManualClock(), ...options }: BenchOptions = {}) {
  const keys = await deviceKeys()
  const loopback = new SimulatedLoopback()
  const service = new SbiService({ clock, record, ...options, env: 'Developer', keys })
  const listen = () => loopback.listen(PORT, connection => void service.serve(connection))
  listen()
  let transactions = 0
  const sensor = new SbiSensor({
    loopback,
    clock,
    ports: { min: 4501, max: 4600 },
    anchors: async () => anchors(keys.roots),
    newTransactionId: () => `transaction-${++transactions}`,
    env: 'Developer',
    ...options,
  })
  return { clock, loopback, service, sensor, keys, listen }
}

/** The same, opened, with somebody there. */
export async function openedBench(options: BenchOptions = {}) {
  const parts = await sbiBench(options)
  await parts.clock.finish(parts.sensor.open())
  parts.service.citizen = somebody
  return parts
}

export const request = (timeoutMs = 10_000, position?: number) => ({
  timeoutMs,
  position,
  signal: new AbortController().signal,
})

export const isFinger = (frame: Frame) => Buffer.from(frame.pixels).equals(Buffer.from(finger.pixels))
