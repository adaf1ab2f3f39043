import type { X509Certificate } from 'node:crypto'
import { KioskError } from '../../../src/base/errors.ts'
import { decodeFir } from '../../../src/finger/image/decode-fir.ts'
import type { Frame } from '../../../src/finger/image/frame.ts'
import { nextHash } from './hash-chain.ts'
import { badAnswer } from './http.ts'
import { openJws } from './jws.ts'
import {
  type CapturedFinger,
  type CaptureRequest,
  readCapture,
  readCaptured,
  readDigitalId,
} from './messages.ts'

/** By whom and in answer to what a capture has to be. */
export interface Expected {
  readonly request: CaptureRequest
  readonly serialNo: string
  readonly anchors: readonly X509Certificate[]
  readonly nowMs: number
}

/** A finger that is vouched for. */
export interface OpenedCapture {
  readonly frame: Frame
  /** For the next capture. */
  readonly hash: string
}

/**
 * The frame in an answer to RCAPTURE, once everything around it holds: who signed it, that it answers this request and
 * comes from this scanner, and that it is the next link of the chain. Wipes `body`.
 *
 * Rejects with the service's own error, `hal/untrusted`, `hal/bad-answer`, or `hal/not-registered` where nobody signed.
 */
export async function openCapture(body: Uint8Array, expected: Expected): Promise<OpenedCapture> {
  const wiped: Uint8Array[] = [body]
  try {
    const { data, hash } = readCapture(body)
    const { payload } = openJws(data, expected.anchors, expected.nowMs)
    wiped.push(payload)
    const captured = readCaptured(payload)
    wiped.push(captured.record)
    requireAnswer(captured, expected)
    if (hash.toUpperCase() !== nextHash(expected.request.previousHash, captured.record))
      throw untrusted('hash', 'the capture does not follow the one before')
    return { frame: await frameOf(captured.record), hash: hash.toUpperCase() }
  } finally {
    for (const bytes of wiped) bytes.fill(0)
  }
}

function requireAnswer(captured: CapturedFinger, { request, serialNo, anchors, nowMs }: Expected): void {
  if (captured.transactionId !== request.transactionId)
    throw untrusted('transaction', 'it answers another request: somebody plays an old capture')
  if (captured.env !== request.env || captured.purpose !== 'Registration')
    throw untrusted('environment', 'it was taken for another environment or purpose')
  const identity = openJws(captured.digitalId, anchors, nowMs)
  if (readDigitalId(identity.payload).serialNo !== serialNo)
    throw untrusted('serial-number', 'another scanner took it than the one that was asked')
  const { finger } = request.finger
  const given = captured.bioSubType || 'UNKNOWN'
  if (captured.bioType !== 'Finger' || (given !== finger && given !== 'UNKNOWN' && finger !== 'UNKNOWN'))
    throw badAnswer('it is another finger than was asked for')
}

async function frameOf(record: Uint8Array): Promise<Frame> {
  try {
    const [view, ...others] = await decodeFir(record)
    if (others.length === 0) return view.frame
    for (const { frame } of [view, ...others]) frame.pixels.fill(0)
  } catch (cause) {
    if (!(cause instanceof KioskError)) throw cause
    throw new KioskError('hal/bad-answer', { why: 'its image cannot be read', image: cause.message })
  }
  throw badAnswer('its record holds several images')
}

function untrusted(fault: string, why: string): KioskError {
  return new KioskError('hal/untrusted', { fault, why })
}
