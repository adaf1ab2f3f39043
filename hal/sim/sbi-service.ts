import { sign } from 'node:crypto'
import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { FirView } from '../../src/finger/image/fir.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import { positionOf } from '../drivers/sbi/fingers.ts'
import { nextHash } from '../drivers/sbi/hash-chain.ts'
import { type Environment, isoSeconds } from '../drivers/sbi/messages.ts'
import type { Connection } from '../ports/loopback.ts'
import type { Citizen } from './citizen.ts'
import type { Certified, DeviceKeys } from './device-certificates.ts'
import { jpeg2000Record } from './finger-records.ts'
import { previewJpeg } from './preview-jpeg.ts'
import { type HeardRequest, readRequest } from './sbi-request.ts'

const LOOKING_MS = 50
const LIVE_IMAGE_MS = 200
const STREAM_TIMEOUT_MS = 5 * 60_000
const RIGHT_INDEX = 2
const BOUNDARY = 'BoundaryString'
const blank: Frame = {
  widthPx: 300,
  heightPx: 400,
  resolutionDpi: 500,
  pixels: new Uint8Array(300 * 400).fill(230),
}

export interface SbiServiceOptions {
  readonly clock: Clock
  readonly keys: DeviceKeys
  /** A four-finger scanner instead of one for single fingers. */
  readonly slap?: boolean
  /** L1: a chip of its own signs the digital id. */
  readonly certification?: 'L0' | 'L1'
  readonly env?: Environment
  readonly purpose?: 'Registration' | 'Auth'
  /** How the scanner packs an image; as MOSIP asks by default. */
  readonly record?: (view: FirView) => Promise<Uint8Array>
}

/** What a capture holds before it is signed. */
export type CaptureData = Record<string, unknown>

/**
 * A scanner with its device service (MOSIP SBI 1.0), as it is seen from its port: whoever `citizen` is places the
 * finger that is asked for. Every connection to its port goes to `serve`.
 */
export class SbiService {
  citizen: Citizen | undefined
  /** A fault: takes requests and answers none. */
  silent = false
  status: 'Ready' | 'Busy' | 'Not Ready' | 'Not Registered' = 'Ready'
  /** Faults of captures: the error that each ends with, and changes before and after the signature. */
  captureError = 0
  beforeSigning: (data: CaptureData) => void = () => {}
  afterSigning: (biometric: { data: string; hash: string }) => void = () => {}
  keys: DeviceKeys
  serialNo = 'SIM000000001'
  /** Where it wants to be spoken to; without a port, where it was found. */
  callbackId = 'http://127.0.0.1/'
  /** The requests that were understood, oldest first. */
  readonly heard: HeardRequest[] = []
  private readonly options: Required<Omit<SbiServiceOptions, 'keys'>>
  private placements = new Map<number, number>()
  private isCapturing = false
  private live: { readonly citizen: Citizen | undefined; readonly jpeg: Uint8Array } | undefined

  constructor({ keys, ...options }: SbiServiceOptions) {
    const { slap = false, certification = 'L1', env = 'Developer', purpose = 'Registration' } = options
    this.keys = keys
    this.options = { ...options, slap, certification, env, purpose, record: options.record ?? jpeg2000Record }
  }

  /** One request, and its answer. The connection is closed after it. */
  async serve(connection: Connection): Promise<void> {
    const gone = new AbortController()
    try {
      const request = await readRequest(connection, gone.signal)
      if (request === undefined) return
      this.heard.push(request)
      // Who hangs up does not want the finger any more.
      const hungUp = connection.read(gone.signal).then(
        () => gone.abort(new KioskError('hal/no-answer')),
        () => {},
      )
      await this.answer(request, connection, gone.signal)
      gone.abort()
      await hungUp
    } catch (cause) {
      if (!gone.signal.aborted && !(cause instanceof KioskError)) throw cause
    } finally {
      gone.abort()
      connection.close()
    }
  }

  private async answer(request: HeardRequest, connection: Connection, signal: AbortSignal): Promise<void> {
    if (this.silent) return this.options.clock.sleep(STREAM_TIMEOUT_MS, signal)
    const send = (body: unknown) => connection.write(jsonAnswer(body), signal)
    switch (`${request.verb} ${request.path}`) {
      case 'MOSIPDISC /device':
        return send(this.discovery(request.body.type))
      case 'MOSIPDINFO /info':
        return send([this.info()])
      case 'RCAPTURE /capture':
        return send({ biometrics: [await this.capture(request.body, signal)] })
      case 'STREAM /stream':
        return this.stream(request.body, connection, signal)
      default:
        return send([{ error: error(500) }])
    }
  }

  private discovery(type: unknown): unknown {
    if (type !== 'Finger' && type !== 'Biometric Device') return [{ error: error(502) }]
    const { digitalId, ...facts } = this.facts()
    return [{ ...facts, digitalId: base64Url(JSON.stringify(digitalId)), error: this.statusError() }]
  }

  private info(): unknown {
    const { digitalId, ...facts } = this.facts()
    const { certification, env } = this.options
    const isRegistered = this.status !== 'Not Registered'
    const info = { ...facts, firmware: '1.0.0', env: isRegistered ? env : 'None' }
    if (!isRegistered) {
      const unsigned = base64Url(JSON.stringify({ ...info, digitalId: base64Url(JSON.stringify(digitalId)) }))
      return { deviceInfo: unsigned, error: error(100) }
    }
    const { chip, device, provider } = this.keys
    const signedId = certification === 'L1' ? jws(digitalId, chip) : jws(digitalId, device, provider)
    return { deviceInfo: jws({ ...info, digitalId: signedId }, device, provider), error: this.statusError() }
  }

  private facts() {
    const { slap, certification, purpose, clock } = this.options
    return {
      deviceId: 'sim-1',
      deviceStatus: this.status,
      certification,
      serviceVersion: '1.0.0',
      deviceSubId: slap ? ['1', '2', '3'] : ['0'],
      callbackId: this.callbackId,
      deviceCode: this.serialNo,
      specVersion: ['1.0.0'],
      purpose,
      digitalId: {
        serialNo: this.serialNo,
        make: 'Tunggal',
        model: slap ? 'SIM-4' : 'SIM-1',
        type: 'Finger',
        deviceSubType: slap ? 'Slap' : 'Single',
        deviceProvider: 'Tunggal simulation',
        deviceProviderId: 'SIMULATION',
        dateTime: isoSeconds(clock.nowMs()),
      },
    }
  }

  private statusError() {
    const codes = { Ready: 0, 'Not Registered': 100, 'Not Ready': 110, Busy: 111 } as const
    return error(codes[this.status])
  }

  private async capture(body: HeardRequest['body'], signal: AbortSignal): Promise<unknown> {
    const request = captureRequest(body)
    const status = this.statusError()
    if (status.errorCode !== '0') return failure(status)
    if (request === undefined || request.count !== 1) return failure(error(109))
    if (this.options.slap && request.exceptions + 1 !== (request.deviceSubId === 3 ? 2 : 4))
      return failure(error(109))
    if (!/^[A-Za-z0-9-]{4,50}$/.test(request.transactionId)) return failure(error(112))
    if (this.isCapturing) return failure(error(111))
    this.isCapturing = true
    try {
      const frame = await this.lookForFinger(request, signal)
      if (this.captureError !== 0) return failure(error(this.captureError))
      return frame === undefined ? failure(error(101)) : await this.signed(frame, request)
    } finally {
      this.isCapturing = false
    }
  }

  /** The finger, as soon as it is placed; undefined once the time is over. */
  private async lookForFinger(
    { position, timeoutMs }: CaptureRequestHeard,
    signal: AbortSignal,
  ): Promise<Frame | undefined> {
    const { clock } = this.options
    const endMs = clock.monotonicMs() + timeoutMs
    const asked = position === 0 ? RIGHT_INDEX : position
    const placement = this.placements.get(asked) ?? 0
    for (;;) {
      const frame = this.citizen?.place(asked, placement)
      if (frame !== undefined) {
        this.placements.set(asked, placement + 1)
        return frame
      }
      const leftMs = endMs - clock.monotonicMs()
      if (leftMs <= 0) return undefined
      await clock.sleep(Math.min(LOOKING_MS, leftMs), signal)
    }
  }

  private async signed(frame: Frame, request: CaptureRequestHeard): Promise<unknown> {
    const { certification, clock, env, purpose, record } = this.options
    const { device, provider, chip } = this.keys
    const bytes = await record({ position: request.position, impression: 0, quality: 80, frame })
    const { digitalId } = this.facts()
    const data: CaptureData = {
      digitalId: certification === 'L1' ? jws(digitalId, chip) : jws(digitalId, device, provider),
      deviceCode: this.serialNo,
      deviceServiceVersion: '1.0.0',
      bioType: 'Finger',
      bioSubType: request.finger,
      purpose,
      env,
      bioValue: Buffer.from(bytes).toString('base64url'),
      transactionId: request.transactionId,
      timestamp: isoSeconds(clock.nowMs()),
      requestedScore: request.requestedScore,
      qualityScore: '80',
    }
    this.beforeSigning(data)
    const biometric = { data: jws(data, device, provider), hash: nextHash(request.previousHash, bytes) }
    this.afterSigning(biometric)
    return { specVersion: '1.0.0', ...biometric, error: error(0) }
  }

  private async stream(
    body: HeardRequest['body'],
    connection: Connection,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock } = this.options
    if (this.status !== 'Ready') return connection.write(jsonAnswer({ error: this.statusError() }), signal)
    const endMs = clock.monotonicMs() + (Number(body.timeout) || STREAM_TIMEOUT_MS)
    const type = `multipart/x-mixed-replace; boundary=--${BOUNDARY}`
    const head = [
      'HTTP/1.1 200 OK',
      `Content-Type: ${type}`,
      'Transfer-Encoding: chunked',
      'Connection: close',
    ]
    await connection.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n`), signal)
    while (clock.monotonicMs() < endMs) {
      const jpeg = this.liveImage()
      const part = `--${BOUNDARY}\r\nContent-type: image/jpg\r\nContent-Length: ${jpeg.length}\r\n\r\n`
      await connection.write(chunk(Buffer.concat([Buffer.from(part), jpeg, Buffer.from('\r\n')])), signal)
      await clock.sleep(LIVE_IMAGE_MS, signal)
    }
    await connection.write(chunk(Buffer.alloc(0)), signal)
  }

  private liveImage(): Uint8Array {
    const { citizen } = this
    if (this.live === undefined || this.live.citizen !== citizen)
      this.live = { citizen, jpeg: previewJpeg(citizen?.place(RIGHT_INDEX, 0) ?? blank) }
    return this.live.jpeg
  }
}

interface CaptureRequestHeard {
  readonly transactionId: string
  readonly timeoutMs: number
  readonly count: number
  readonly finger: string
  readonly position: number
  readonly exceptions: number
  readonly deviceSubId: number
  readonly requestedScore: string
  readonly previousHash: string
}

/** Undefined where it asks for no finger. */
function captureRequest(body: HeardRequest['body']): CaptureRequestHeard | undefined {
  const [bio] = Array.isArray(body.bio) ? (body.bio as Record<string, unknown>[]) : []
  const [finger] = Array.isArray(bio?.bioSubType) ? (bio.bioSubType as unknown[]) : []
  const position = positionOf(String(finger))
  if (bio?.type !== 'Finger' || position === undefined) return undefined
  return {
    transactionId: String(body.transactionId),
    timeoutMs: Number(body.timeout),
    count: Number(bio.count),
    finger: String(finger),
    position,
    exceptions: Array.isArray(bio.exception) ? bio.exception.length : 0,
    deviceSubId: Number(bio.deviceSubId),
    requestedScore: String(bio.requestedScore),
    previousHash: String(bio.previousHash),
  }
}

function error(code: number): { errorCode: string; errorInfo: string } {
  return { errorCode: String(code), errorInfo: code === 0 ? 'Success' : `Simulated error ${code}` }
}

function failure(failed: ReturnType<typeof error>): unknown {
  return { specVersion: '1.0.0', data: '', hash: '', error: failed }
}

/** Services in the field count no line ends at the end, and send some. */
function jsonAnswer(body: unknown): Uint8Array {
  const text = JSON.stringify(body)
  const head = [
    'HTTP/1.1 200 OK',
    'CACHE-CONTROL:no-store',
    'LOCATION:http://127.0.0.1',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Content-Type: application/json',
    'Connection: Closed',
  ]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}\r\n\r\n`)
}

function chunk(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

/** Signed by the first, whose certificate the others vouch for. */
export function jws(payload: unknown, signer: Certified, ...issuers: readonly Certified[]): string {
  const x5c = [signer, ...issuers].map(({ certificate }) => Buffer.from(certificate).toString('base64'))
  const signed = `${base64Url(JSON.stringify({ alg: 'RS256', typ: 'JWT', x5c }))}.${base64Url(JSON.stringify(payload))}`
  return `${signed}.${sign('sha256', Buffer.from(signed), signer.key).toString('base64url')}`
}

function base64Url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
