/**
 * How a command reaches a service that runs on its data folder: a socket in there, for this user only.
 *
 *     client ── one line: a question ──▶ service
 *     client ◀── lines: { line?, text? } or { failed }…, then { end: exit code, error? } ── service
 *
 * The service alone opens its store, so a second process asks it instead.
 */
import { createHash } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { type ErrorCode, KioskError } from '../../base/errors.ts'
import type { Context, Line } from '../command.ts'
import type { ExitCode } from '../exit-code.ts'

const ANSWER_BYTES_MAX = 64 * 1024
/** Linux allows 108 bytes for the path of a socket. */
const PATH_BYTES_MAX = 100
const TEXT_MAX = 4096

/** Whom a command can reach, and how its socket is called. */
export const services = {
  kiosk: 'attendant.sock',
  claims: 'claims.sock',
  fleet: 'fleet.sock',
  abis: 'abis.sock',
} as const
export type ServiceName = keyof typeof services

/** A command of the registry, to be done inside the service. */
export const commandSchema = z.strictObject({
  ask: z.literal('command'),
  name: z.string().max(64),
  options: z.record(z.string().max(64), z.unknown()),
  args: z.array(z.string().max(TEXT_MAX)).max(64),
  /** What relative paths are relative to. */
  cwd: z.string().max(TEXT_MAX),
})
export type CommandQuestion = z.infer<typeof commandSchema>

export interface Failure {
  readonly code: ErrorCode
  readonly details: KioskError['details']
}

export type Answer =
  | { readonly line?: Line; readonly text?: string }
  | { readonly failed: Failure }
  | { readonly end: ExitCode; readonly error?: Failure }

export function socketPath(data: string, service: ServiceName): string {
  const path = join(resolve(data), services[service])
  if (Buffer.byteLength(path) <= PATH_BYTES_MAX) return path
  const name = createHash('sha256').update(path).digest('hex').slice(0, 16)
  return join(tmpdir(), `tunggal-${name}.sock`)
}

/**
 * Asks the service that runs on `data`; undefined where none does. Rejects as the command itself would, and
 * with `hal/no-answer` where the service stops before it has answered.
 */
export async function askLocal(
  data: string,
  service: ServiceName,
  question: unknown,
  { print, failed, signal }: Pick<Context, 'print' | 'failed' | 'signal'>,
): Promise<ExitCode | undefined> {
  const socket = await dial(socketPath(data, service))
  if (socket === undefined) return undefined
  const stop = () => socket.destroy()
  signal.addEventListener('abort', stop, { once: true })
  // Ctrl-C may have come while we were dialling.
  if (signal.aborted) stop()
  try {
    socket.write(`${JSON.stringify(question)}\n`)
    for await (const answer of answers(socket)) {
      if ('failed' in answer) failed(new KioskError(answer.failed.code, answer.failed.details))
      else if (!('end' in answer)) say(answer, print)
      else if (answer.error === undefined) return answer.end
      else throw new KioskError(answer.error.code, answer.error.details)
    }
    signal.throwIfAborted()
    throw new KioskError('hal/no-answer', { part: service, problem: 'it stopped before it had answered' })
  } finally {
    signal.removeEventListener('abort', stop)
    socket.destroy()
  }
}

function say({ line, text }: { line?: Line; text?: string }, print: Context['print']): void {
  if (line !== undefined) print(line, text)
  else if (text !== undefined) print(text)
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
      const lines = (text + part).split('\n')
      text = lines.pop() ?? ''
      if (text.length > ANSWER_BYTES_MAX) return
      for (const line of lines) yield JSON.parse(line) as Answer
    }
  } catch {
    // A connection that breaks is one that ends.
  }
}
