import type { X509Certificate } from 'node:crypto'
import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { SbiClient, Wait } from './client.ts'
import { openJws } from './jws.ts'
import {
  type DeviceInfo,
  type DigitalId,
  type Environment,
  readDeviceInfo,
  readDigitalId,
  readDiscovery,
  readInfo,
} from './messages.ts'

/** A service on this machine answers at once; one that does not in this time is something else. */
const KNOCK_TIMEOUT_MS = 1500
/** Ports that are knocked at together. */
const KNOCKS = 10
const PORT_MAX = 65_535
const DISCOVERY_BYTES_MAX = 256 * 1024
const INFO_BYTES_MAX = 2 * 1024 * 1024

/** A scanner that is vouched for and fits the board. */
export interface Device {
  readonly port: number
  readonly info: DeviceInfo
  readonly digitalId: DigitalId
  /** When the first certificate behind its answers ends. */
  readonly validToMs: number
}

/** Which scanner a board means. */
export interface Wanted {
  readonly ports: { readonly min: number; readonly max: number }
  readonly env: Environment
  readonly serialNo?: string
  readonly anchors: readonly X509Certificate[]
}

/** The means of finding it, and how long it may take. */
export interface Search extends Wait {
  readonly client: SbiClient
  readonly clock: Clock
}

/**
 * The first scanner of fingers that a service on the wanted ports has, fits, and is vouched for. Rejects with what is
 * wrong with the first that is not, or with `hal/no-answer` where there is none.
 */
export async function findDevice(wanted: Wanted, search: Search): Promise<Device> {
  const { min, max } = wanted.ports
  const deadlineMs = search.clock.monotonicMs() + search.timeoutMs
  let fault: unknown
  for (let first = min; first <= max; first += KNOCKS) {
    const timeoutMs = deadlineMs - search.clock.monotonicMs()
    if (timeoutMs <= 0) break
    const ports = Array.from({ length: Math.min(KNOCKS, max - first + 1) }, (_, i) => first + i)
    const answers = await Promise.all(ports.map(port => knock(port, { ...search, timeoutMs })))
    for (const { port, deviceIds } of answers) {
      for (const deviceId of deviceIds) {
        try {
          const timeoutMs = Math.max(1, deadlineMs - search.clock.monotonicMs())
          const found = await identify(port, deviceId, wanted, { ...search, timeoutMs })
          return await calledBack(found, wanted, { ...search, timeoutMs })
        } catch (cause) {
          search.signal.throwIfAborted()
          if (!(cause instanceof KioskError)) throw cause
          fault ??= cause
        }
      }
    }
  }
  if (fault !== undefined) throw fault
  throw new KioskError('hal/no-answer', {
    why: `no device service with a scanner answers on ports ${min}-${max}: start it, and plug the scanner in`,
  })
}

/** The same scanner where it says that it wants to be spoken to, if it answers there as well. */
async function calledBack(found: Device, wanted: Wanted, search: Search): Promise<Device> {
  const { callbackId, deviceId } = found.info
  const [, digits] = /^http:\/\/127\.0\.0\.1:(\d{4,5})\/?$/i.exec(callbackId ?? '') ?? []
  const port = Number(digits ?? found.port)
  if (port === found.port || port > PORT_MAX) return found
  try {
    const timeoutMs = Math.min(KNOCK_TIMEOUT_MS, search.timeoutMs)
    const there = await identify(port, deviceId, wanted, { ...search, timeoutMs })
    return there.digitalId.serialNo === found.digitalId.serialNo ? there : found
  } catch (cause) {
    search.signal.throwIfAborted()
    if (!(cause instanceof KioskError)) throw cause
    return found
  }
}

async function knock(port: number, search: Search): Promise<{ port: number; deviceIds: readonly string[] }> {
  const { client, timeoutMs, signal } = search
  try {
    const body = await client.ask(
      { verb: 'MOSIPDISC', path: '/device', port, body: { type: 'Finger' } },
      { timeoutMs: Math.min(KNOCK_TIMEOUT_MS, timeoutMs), signal },
      DISCOVERY_BYTES_MAX,
    )
    return { port, deviceIds: readDiscovery(body).map(({ deviceId }) => deviceId) }
  } catch (cause) {
    signal.throwIfAborted()
    if (!(cause instanceof KioskError)) throw cause
    // Something else listens there, or nobody.
    return { port, deviceIds: [] }
  }
}

/** What a device says of itself now. Rejects where it is not vouched for, or does not fit. */
export async function identify(
  port: number,
  deviceId: string,
  wanted: Omit<Wanted, 'ports'>,
  { client, clock, timeoutMs, signal }: Search,
): Promise<Device> {
  const body = await client.ask(
    { verb: 'MOSIPDINFO', path: '/info', port },
    { timeoutMs, signal },
    INFO_BYTES_MAX,
  )
  const { anchors } = wanted
  let fault: unknown
  for (const text of readInfo(body)) {
    try {
      const signed = openJws(text, anchors, clock.nowMs())
      const info = readDeviceInfo(signed.payload)
      if (info.deviceId !== deviceId) continue
      const identity = openJws(info.digitalId, anchors, clock.nowMs())
      const digitalId = readDigitalId(identity.payload)
      requireFit(info, digitalId, wanted)
      return { port, info, digitalId, validToMs: Math.min(signed.validToMs, identity.validToMs) }
    } catch (cause) {
      fault ??= cause
    }
  }
  throw fault ?? new KioskError('hal/no-answer', { why: 'its service does not know the scanner any more' })
}

function requireFit(info: DeviceInfo, digitalId: DigitalId, wanted: Omit<Wanted, 'ports' | 'anchors'>): void {
  const { env, serialNo } = wanted
  const wrongPart = (why: string) => new KioskError('hal/wrong-part', { why })
  if (digitalId.type !== 'Finger') throw wrongPart('the device takes no fingers')
  if (serialNo !== undefined && digitalId.serialNo !== serialNo)
    throw wrongPart('it is another scanner than the board file’s "serialNo"')
  if (info.env !== env) throw wrongPart(`the scanner is for ${info.env}, the board file’s "env" is ${env}`)
  if (info.purpose !== 'Registration')
    throw new KioskError('hal/unsupported', {
      why: 'the scanner is registered for another purpose than Registration',
    })
  if (info.deviceStatus === 'Not Registered') throw new KioskError('hal/not-registered')
  if (info.deviceStatus === 'Not Ready') throw new KioskError('hal/not-ready')
}
