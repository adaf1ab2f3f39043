import { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import type { Frame } from '../../finger/image/frame.ts'
import { PIXELS_MAX } from '../../finger/image/limits.ts'
import type { Kiosk } from '../../kiosk.ts'
import { type FingerPosition, fingerPositions } from '../../record/finger-position.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { exitCodeOfStatus, followRecord, type StatusLine } from './follow.ts'

/** What `tunggal enrol` asks of a kiosk that runs. */
export const imageEnrolmentSchema = z.strictObject({
  ask: z.literal('enrol'),
  nik: z.string().max(64),
  waitMs: z.int().min(0).max(86_400_000),
  images: z
    .array(
      z.strictObject({
        position: z.int().min(1).max(10),
        widthPx: z.int().min(1).max(10_000),
        heightPx: z.int().min(1).max(10_000),
        resolutionDpi: z.number().min(50).max(5_000),
        pixels: z.base64(),
      }),
    )
    .min(1)
    .max(10),
})
export type ImageEnrolmentRequest = z.infer<typeof imageEnrolmentSchema>

export function requestOf(
  nik: string,
  frames: ReadonlyMap<FingerPosition, Frame>,
  waitMs: number,
): ImageEnrolmentRequest {
  const images = [...frames].map(([position, { widthPx, heightPx, resolutionDpi, pixels }]) => ({
    position,
    widthPx,
    heightPx,
    resolutionDpi,
    pixels: Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength).toString('base64'),
  }))
  return { ask: 'enrol', nik, waitMs, images }
}

/** Throws `usage/bad-option` for what is no request. */
export function framesOf({ images }: ImageEnrolmentRequest): Map<FingerPosition, Frame> {
  const frames = new Map<FingerPosition, Frame>()
  for (const { position, pixels: base64, ...size } of images) {
    const pixels = new Uint8Array(Buffer.from(base64, 'base64'))
    if (pixels.length !== size.widthPx * size.heightPx || pixels.length > PIXELS_MAX)
      throw new KioskError('usage/bad-option', { problem: 'an image is not of the size it names' })
    frames.set(position as FingerPosition, { ...size, pixels })
  }
  return frames
}

/** One enrolment from images, with every status of its record, as a command does it: alone or for a client. */
export async function enrolAndFollow(
  kiosk: Kiosk,
  options: {
    nik: string
    frames: ReadonlyMap<FingerPosition, Frame>
    waitMs: number
    signal: AbortSignal
    print(line: StatusLine): void
  },
): Promise<ExitCode> {
  const { nik, frames, waitMs, signal, print } = options
  // What is not in the folder is not there: nobody waits for it at a platen.
  const exceptions = new Map(
    fingerPositions.filter(position => !frames.has(position)).map(position => [position, 'missing'] as const),
  )
  const { recordId } = await kiosk.enrolImages({ nik, frames, exceptions, signal })
  const waiting = AbortSignal.any([signal, AbortSignal.timeout(waitMs)])
  const status = await followRecord(kiosk.store, recordId, { print, signal: waiting })
  return waitMs === 0 ? EXIT.ok : exitCodeOfStatus(status)
}
