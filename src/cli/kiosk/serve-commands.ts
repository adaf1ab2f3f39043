import { rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { resolve } from 'node:path'
import { KioskError } from '../../base/errors.ts'
import type { Kiosk } from '../../kiosk.ts'
import type { Command, Context } from '../command.ts'
import { type ExitCode, exitCodeOf } from '../exit-code.ts'
import { registry } from '../registry.ts'
import { asLine, statusText } from './follow.ts'
import { enrolAndFollow, framesOf } from './image-enrolment.ts'
import { type Answer, type Question, questionSchema, socketPath } from './kiosk-socket.ts'

const REQUEST_BYTES_MAX = 64 * 1024 * 1024
const REQUEST_TIMEOUT_MS = 30_000

/** Listens until the returned function is called. A socket that a killed kiosk left behind is replaced. */
export async function serveCommands(
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
  const gone = new AbortController()
  socket.once('close', () => gone.abort())
  try {
    const question = await readQuestion(socket)
    // A record that was begun is brought to its end, whoever is still there to hear of it.
    const until = question.ask === 'enrol' ? signal : AbortSignal.any([signal, gone.signal])
    say({ end: await answer(kiosk, question, say, until) })
  } catch (error) {
    say({ end: exitCodeOf(error), error: failureOf(error) })
  }
  socket.end()
}

function failureOf(error: unknown) {
  return error instanceof KioskError ? { code: error.code, details: error.details } : undefined
}

async function answer(
  kiosk: Kiosk,
  question: Question,
  say: (answer: Answer) => unknown,
  signal: AbortSignal,
): Promise<ExitCode> {
  if (question.ask === 'enrol') {
    const { nik, waitMs } = question
    const print = (line: Parameters<typeof asLine>[0]) => say({ line: asLine(line), text: statusText(line) })
    return await enrolAndFollow(kiosk, { nik, frames: framesOf(question), waitMs, signal, print })
  }
  const { name, args, cwd } = question
  const command = Object.hasOwn(registry, name) ? await registry[name]() : undefined
  if (command?.inKiosk === undefined) throw badQuestion(`"${name}" is no command for a kiosk that runs`)
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
  return await command.inKiosk(context, kiosk, checked(command, question.options), args)
}

function checked(command: Command, options: unknown): Record<string, unknown> {
  const parsed = command.options.safeParse(options)
  if (parsed.success) return parsed.data
  throw badQuestion(`${parsed.error.issues[0].path.join('.')} ${parsed.error.issues[0].message}`)
}

function badQuestion(problem: string): KioskError {
  return new KioskError('usage/bad-option', { problem })
}

async function readQuestion(socket: Socket): Promise<Question> {
  const line = await readLine(socket, REQUEST_BYTES_MAX)
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    throw badQuestion('the request is not JSON')
  }
  const parsed = questionSchema.safeParse(value)
  if (!parsed.success) throw badQuestion('the request is not as it must be')
  return parsed.data
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
