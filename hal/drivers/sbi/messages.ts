/**
 * What goes to a device service and what comes back (MOSIP SBI 1.0, also called MDS; § Device Service - Communication
 * Interfaces). Every value that goes there is text, numbers too, as MOSIP's compliance kit wants it; what comes back
 * may be either.
 */
import { z } from 'zod'
import { KioskError } from '../../../src/base/errors.ts'
import type { FingerRequest } from './fingers.ts'
import { badAnswer } from './http.ts'
import { decodeBase64Url, parseJson } from './jws.ts'
import { serviceError } from './service-errors.ts'

const DEVICES_MAX = 32
const BIOMETRICS_MAX = 10
const NAME_CHARS_MAX = 200
/** A signed body of device information: two signatures, each with its certificates. */
const INFO_CHARS_MAX = 512 * 1024

export const environments = ['Production', 'Pre-Production', 'Staging', 'Developer'] as const
export type Environment = (typeof environments)[number]

const name = z.string().min(1).max(NAME_CHARS_MAX)
/** Services leave out or empty what they have nothing to say in. */
const optionalName = z.string().max(NAME_CHARS_MAX).nullish()
const number = z.union([z.number(), z.string().max(20).regex(/^\d+$/).transform(Number)])
const error = z.object({ errorCode: number }).nullish()

const discoverySchema = z.array(z.object({ deviceId: optionalName, error })).max(DEVICES_MAX)

/** A device that a service has found; nobody vouches for it. */
export interface FoundDevice {
  readonly deviceId: string
}

/** The answer to MOSIPDISC. Throws `hal/bad-answer`. Devices without an id are none: services report errors so. */
export function readDiscovery(body: Uint8Array): readonly FoundDevice[] {
  const devices = parsed(discoverySchema, parseJson(body), 'device discovery')
  return devices.flatMap(({ deviceId }) => (deviceId ? [{ deviceId }] : []))
}

const infoSchema = z
  .array(z.object({ deviceInfo: z.string().max(INFO_CHARS_MAX).nullish(), error }))
  .min(1)
  .max(DEVICES_MAX)

/**
 * The signed device information in an answer to MOSIPDINFO, one text a device, in its order. Throws the error of the
 * first device that has one where none has information.
 */
export function readInfo(body: Uint8Array): readonly string[] {
  const devices = parsed(infoSchema, parseJson(body), 'device information')
  const infos = devices.flatMap(({ deviceInfo }) => (deviceInfo ? [deviceInfo] : []))
  if (infos.length > 0) return infos
  throw firstError(devices) ?? badAnswer('it informs of no device')
}

const deviceInfoSchema = z.object({
  deviceId: name,
  deviceStatus: z.string().max(NAME_CHARS_MAX),
  firmware: optionalName,
  certification: optionalName,
  serviceVersion: optionalName,
  deviceSubId: z.array(number).max(10),
  callbackId: optionalName,
  digitalId: z.string().max(INFO_CHARS_MAX),
  env: z.string().max(NAME_CHARS_MAX),
  purpose: z.string().max(NAME_CHARS_MAX),
  specVersion: z.array(name).min(1).max(10),
})
export type DeviceInfo = z.output<typeof deviceInfoSchema>

/** The payload of signed device information. */
export function readDeviceInfo(payload: Uint8Array): DeviceInfo {
  return parsed(deviceInfoSchema, parseJson(payload), 'device information')
}

const digitalIdSchema = z.object({
  serialNo: name,
  make: name,
  model: name,
  type: name,
  deviceSubType: name,
  deviceProvider: optionalName,
})
export type DigitalId = z.output<typeof digitalIdSchema>

/** The payload of a signed digital id: which device it is. */
export function readDigitalId(payload: Uint8Array): DigitalId {
  return parsed(digitalIdSchema, parseJson(payload), 'digital id')
}

export interface CaptureRequest {
  readonly env: Environment
  readonly specVersion: string
  readonly timeoutMs: number
  readonly atMs: number
  /** 4 to 50 of A-Z, a-z, 0-9 and -; never used twice. */
  readonly transactionId: string
  readonly deviceId: string
  /** 0-100, on the scale of NFIQ 2: good enough not to wait for a better one. */
  readonly requestedScore: number
  readonly finger: FingerRequest
  readonly previousHash: string
}

/** The body of RCAPTURE: one finger. */
export function captureBody(request: CaptureRequest): object {
  const { env, specVersion, transactionId, deviceId, previousHash, finger } = request
  return {
    env,
    purpose: 'Registration',
    specVersion,
    timeout: String(Math.floor(request.timeoutMs)),
    captureTime: isoSeconds(request.atMs),
    transactionId,
    bio: [
      {
        type: 'Finger',
        count: '1',
        bioSubType: [finger.finger],
        exception: finger.exceptions,
        requestedScore: String(request.requestedScore),
        deviceId,
        deviceSubId: String(finger.deviceSubId),
        previousHash,
      },
    ],
    customOpts: null,
  }
}

/** `2026-11-25T10:00:00Z`: the specification's format has no milliseconds. */
export function isoSeconds(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`
}

const captureSchema = z.object({
  biometrics: z
    .array(
      z.object({
        data: z.string().nullish(),
        hash: z.string().max(NAME_CHARS_MAX).nullish(),
        error,
      }),
    )
    .min(1)
    .max(BIOMETRICS_MAX),
})
/** A body without biometrics: what a service answers where it understood nothing. */
const errorSchema = z.union([
  z.object({ error: z.object({ errorCode: number }) }),
  z.array(z.object({ error })),
])

/** The one finger of an answer to RCAPTURE: its signed data, and its hash as it came. */
export function readCapture(body: Uint8Array): { readonly data: string; readonly hash: string } {
  const json = parseJson(body)
  const result = captureSchema.safeParse(json)
  if (!result.success) {
    const failure = errorSchema.safeParse(json)
    const errors = failure.success ? [failure.data].flat() : []
    throw firstError(errors) ?? badAnswer('it is no capture')
  }
  const { biometrics } = result.data
  const failed = firstError(biometrics)
  if (failed !== undefined) throw failed
  const [{ data, hash }, ...others] = biometrics
  if (others.length > 0) throw badAnswer('it holds more fingers than were asked for')
  if (!data || !hash) throw badAnswer('it holds no finger')
  return { data, hash }
}

const dataSchema = z.object({
  digitalId: z.string().max(INFO_CHARS_MAX),
  bioType: name,
  bioSubType: optionalName,
  purpose: name,
  env: name,
  bioValue: z.string().min(1),
  transactionId: name,
})
export interface CapturedFinger extends Omit<z.output<typeof dataSchema>, 'bioValue'> {
  /** A finger image record (ISO/IEC 19794-4). */
  readonly record: Uint8Array
}

/** The payload of signed capture data. */
export function readCaptured(payload: Uint8Array): CapturedFinger {
  const { bioValue, ...data } = parsed(dataSchema, parseJson(payload), 'captured finger')
  return { ...data, record: decodeBase64Url(bioValue) }
}

/** The error in an answer to STREAM that is no stream; undefined where it says that all is well. */
export function readStreamError(body: Uint8Array): KioskError | undefined {
  const failure = z
    .union([z.object({ error: z.object({ errorCode: number }) }), z.object({ errorCode: number })])
    .safeParse(parseJson(body))
  if (!failure.success) throw badAnswer('it is no stream')
  const found = 'errorCode' in failure.data ? failure.data : failure.data.error
  return serviceError((found as { errorCode: number }).errorCode)
}

function firstError(items: readonly { error?: { errorCode: number } | null }[]): KioskError | undefined {
  return items
    .map(({ error }) => error && serviceError(error.errorCode))
    .find(found => found instanceof KioskError)
}

function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw badAnswer(`the ${what} is not as specified: ${issue.path.join('.')}: ${issue.code}`)
}
