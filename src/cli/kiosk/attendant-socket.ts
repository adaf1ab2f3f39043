/**
 * How `tunggal enrol` reaches a kiosk that runs: a socket in its data folder, for this user only.
 *
 *     client ── one line: Request ──▶ kiosk
 *     client ◀── lines: { line: StatusLine }…, then { end: exit code, error? } ── kiosk
 *
 * The kiosk alone opens its store, so a second process asks it instead.
 */
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type ErrorCode, KioskError } from '../../base/errors.ts'
import type { Frame } from '../../finger/image/frame.ts'
import { PIXELS_MAX } from '../../finger/image/limits.ts'
import type { Kiosk } from '../../kiosk.ts'
import { type FingerPosition, fingerPositions } from '../../record/finger-position.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../exit-code.ts'
import { exitCodeOfStatus, followRecord, type StatusLine } from './follow.ts'

const REQUEST_BYTES_MAX = 64 * 1024 * 1024
const REQUEST_TIMEOUT_MS = 30_000
const ANSWER_BYTES_MAX = 64 * 1024
/** Linux allows 108 bytes for the path of a socket. */
const PATH_BYTES_MAX = 100

const requestSchema = z.strictObject({
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
export type Request = z.infer<typeof requestSchema>

type Answer =
  | { readonly line: StatusLine }
  | { readonly end: ExitCode; readonly error?: { code: ErrorCode; details: KioskError['details'] } }

export function socketPath(data: string): string {
  const path = join(resolve(data), 'attendant.sock')
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return path
  const name = createHash('sha256').update(path).digest('hex').slice(0, 16)
  return join(tmpdir(), `tunggal-${name}.sock`)
}

export function requestOf(nik: string, frames: ReadonlyMap<FingerPosition, Frame>, waitMs: number): Request {
  const images = [...frames].map(([position, { widthPx, heightPx, resolutionDpi, pixels }]) => ({
    position,
    widthPx,
    heightPx,
    resolutionDpi,
    pixels: Buffer.from(pixels.buffer, pixels.byteOffset, pixels.byteLength).toString('base64'),
  }))
  return { nik, waitMs, images }
}

/** Throws `usage/bad-option` for what is no request. */
function framesOf({ images }: Request): Map<FingerPosition, Frame> {
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

/** Listens until the returned function is called. A socket that a killed kiosk left behind is replaced. */
export async function serveAttendants(
  kiosk: Kiosk,
  data: string,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const path = socketPath(data)
  // The store's lock says that no other kiosk runs on this folder.
  await rm(path, { force: true })
  const sockets = new Set<Socket>()
  // Whoever has asked may close their side: they still get the answer.
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    void serve(kiosk, socket, signal)
  })
  server.maxConnections = 8
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    // For this user only, from the moment that it is there.
    const umask = process.umask(0o177)
    server.listen(path, done)
    process.umask(umask)
  })
  return async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(done => server.close(done))
    await rm(path, { force: true })
  }
}

async function serve(kiosk: Kiosk, socket: Socket, signal: AbortSignal): Promise<void> {
  const say = (answer: Answer) => socket.writable && socket.write(`${JSON.stringify(answer)}\n`)
  try {
    const request = await readRequest(socket)
    const end = await enrolAndFollow(kiosk, {
      nik: request.nik,
      frames: framesOf(request),
      waitMs: request.waitMs,
      signal,
      print: line => say({ line }),
    })
    say({ end })
  } catch (error) {
    const known = error instanceof KioskError ? { code: error.code, details: error.details } : undefined
    say({ end: exitCodeOf(error), error: known })
  }
  socket.end()
}

async function readRequest(socket: Socket): Promise<Request> {
  const line = await readLine(socket, REQUEST_BYTES_MAX)
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw new KioskError('usage/bad-option', { problem: 'the request is not JSON' })
  }
  const parsed = requestSchema.safeParse(value)
  if (!parsed.success)
    throw new KioskError('usage/bad-option', { problem: 'the request is not as it must be' })
  return parsed.data
}

function readLine(socket: Socket, bytesMax: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let bytes = 0
    const refuse = (problem: string) => reject(new KioskError('usage/bad-option', { problem }))
    socket.setTimeout(REQUEST_TIMEOUT_MS, () => refuse('the request did not end in time'))
    socket.on('end', () => refuse('the request is cut off'))
    socket.on('data', part => {
      const newline = part.indexOf(10)
      bytes += newline < 0 ? part.length : newline
      if (bytes > bytesMax) return refuse('the request is too long')
      parts.push(newline < 0 ? part : part.subarray(0, newline))
      if (newline < 0) return
      socket.setTimeout(0)
      socket.removeAllListeners('data')
      resolve(Buffer.concat(parts).toString())
    })
  })
}

/**
 * Asks the kiosk that runs on `data`; undefined where none does. Rejects as the enrolment itself would, and
 * with `hal/no-answer` where the kiosk stops before it has answered.
 */
export async function askKiosk(
  data: string,
  request: Request,
  options: { print(line: StatusLine): void; signal: AbortSignal },
): Promise<ExitCode | undefined> {
  const socket = await dial(socketPath(data))
  if (socket === undefined) return undefined
  const stop = () => socket.destroy()
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    socket.write(`${JSON.stringify(request)}\n`)
    for await (const answer of answers(socket)) {
      if ('line' in answer) options.print(answer.line)
      else if (answer.error === undefined) return answer.end
      else throw new KioskError(answer.error.code, answer.error.details)
    }
    options.signal.throwIfAborted()
    throw new KioskError('hal/no-answer', { part: 'kiosk', problem: 'it stopped before the record was done' })
  } finally {
    options.signal.removeEventListener('abort', stop)
    socket.destroy()
  }
}

function dial(path: string): Promise<Socket | undefined> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => resolve(socket))
    socket.once('error', () => resolve(undefined))
  })
}

async function* answers(socket: Socket): AsyncGenerator<Answer> {
  let text = ''
  try {
    for await (const part of socket.setEncoding('utf8')) {
      text += part
      if (text.length > ANSWER_BYTES_MAX) return
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) yield JSON.parse(line) as Answer
    }
  } catch {
    // A connection that breaks is one that ends.
  }
}
