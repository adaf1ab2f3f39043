import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { KioskError } from '../../base/errors.ts'
import type { Command, Context } from '../command.ts'
import { type ExitCode, exitCodeOf } from '../exit-code.ts'
import { registry } from '../registry.ts'
import {
  type Answer,
  type CommandQuestion,
  commandSchema,
  type Failure,
  type ServiceName,
  socketPath,
} from './ask-local.ts'

const REQUEST_BYTES_MAX = 64 * 1024 * 1024
const REQUEST_TIMEOUT_MS = 30_000
/** How long a service that ends waits for answers under way. */
const GRACE_MS = 1_000

export type Say = (answer: Answer) => unknown
/** `gone` is aborted once whoever asked is there no more. */
export type Answerer = (question: unknown, say: Say, gone: AbortSignal) => Promise<ExitCode>

/** Listens until the returned function is called. A socket that a killed service left behind is replaced. */
export async function serveLocal(
  data: string,
  service: ServiceName,
  answer: Answerer,
): Promise<() => Promise<void>> {
  const path = socketPath(data, service)
  // The store's lock says that no other such service runs on this folder.
  await rm(path, { force: true })
  const sockets = new Set<Socket>()
  // Whoever has asked may close their side: they still get the answer.
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    void serve(socket, answer)
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
    // What ends the service may be what somebody asked for: they hear that it was done.
    const grace = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, GRACE_MS)
    await new Promise(done => server.close(done))
    clearTimeout(grace)
    await rm(path, { force: true })
  }
}

/** What a command is when it is done inside a service. */
export type Within<Service> = (
  context: Context,
  service: Service,
  options: Record<string, unknown>,
  args: readonly string[],
) => Promise<ExitCode>

/** Serves the commands that `methodOf` finds to work within `service`, and nothing else. */
export function serveCommandsOf<Service>(
  data: string,
  name: ServiceName,
  {
    service,
    methodOf,
    signal,
  }: {
    readonly service: Service
    readonly methodOf: (command: Command) => Within<Service> | undefined
    readonly signal: AbortSignal
  },
): Promise<() => Promise<void>> {
  return serveLocal(data, name, (question, say, gone) => {
    const parsed = commandSchema.safeParse(question)
    if (!parsed.success) throw badQuestion('the request is not as it must be')
    return answerCommand(parsed.data, { service, methodOf, say, signal: AbortSignal.any([signal, gone]) })
  })
}

/** Rejects with `usage/bad-option` for a command that does not work within the service. */
export async function answerCommand<Service>(
  { name, args, cwd, options }: CommandQuestion,
  {
    service,
    methodOf,
    say,
    signal,
  }: {
    readonly service: Service
    readonly methodOf: (command: Command) => Within<Service> | undefined
    readonly say: Say
    readonly signal: AbortSignal
  },
): Promise<ExitCode> {
  const command = Object.hasOwn(registry, name) ? await registry[name]() : undefined
  const method = command && methodOf(command)
  if (command === undefined || method === undefined)
    throw badQuestion(`"${name}" is no command for a service that runs`)
  const context: Context = {
    signal,
    isTerminal: false,
    print: (line: unknown, text?: string) =>
      say(typeof line === 'string' ? { text: line } : { line: line as Record<string, unknown>, text }),
    progress() {},
    failed(error) {
      say({ failed: failureOf(error) ?? { code: 'usage/bad-option', details: { why: String(error) } } })
      return exitCodeOf(error)
    },
    resolve: path => resolve(cwd, path),
  }
  return await method(context, service, checked(command, options), args)
}

export function badQuestion(problem: string): KioskError {
  return new KioskError('usage/bad-option', { problem })
}

async function serve(socket: Socket, answer: Answerer): Promise<void> {
  const say = (answer: Answer) => socket.writable && socket.write(`${JSON.stringify(answer)}\n`)
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  try {
    const question = await readQuestion(socket)
    say({ end: await answer(question, say, gone.signal) })
  } catch (error) {
    say({ end: exitCodeOf(error), error: failureOf(error) })
  }
  socket.end()
}

function failureOf(error: unknown): Failure | undefined {
  return error instanceof KioskError ? { code: error.code, details: error.details } : undefined
}

function checked(command: Command, options: unknown): Record<string, unknown> {
  const parsed = command.options.safeParse(options)
  if (parsed.success) return parsed.data
  throw badQuestion(`${parsed.error.issues[0].path.join('.')} ${parsed.error.issues[0].message}`)
}

async function readQuestion(socket: Socket): Promise<unknown> {
  const line = await readLine(socket, REQUEST_BYTES_MAX)
  try {
    return JSON.parse(line)
  } catch {
    throw badQuestion('the request is not JSON')
  }
}

function readLine(socket: Socket, bytesMax: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let bytes = 0
    const refuse = (problem: string) => reject(badQuestion(problem))
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
