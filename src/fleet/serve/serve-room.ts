/**
 * The server of the page of operations. It listens on the loopback interface; from elsewhere it is reached through
 * a proxy that speaks TLS, whose address is `origin`. Host and Origin are checked, so that a page from elsewhere can
 * neither read nor change anything; who asks has a session; who changes something has the role for it.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { KioskError } from '../../base/errors.ts'
import { readJsonBody } from '../../base/json-body.ts'
import { finish, isOwnPage, LOOPBACK, loopbackOrigins, pageHeaders, sendJson } from '../../base/page-http.ts'
import { METRICS_TYPE } from '../../base/prometheus.ts'
import type { Desks } from '../desks/desks.ts'
import { deskPaths } from '../desks/paths.ts'
import { answerAtDesks } from '../desks/serve-desks.ts'
import { mayAs, type Role } from '../room/roles.ts'
import type { Room } from '../room/room.ts'
import type { User } from '../room/users.ts'
import { actOnRollOut, commandKiosk, propose } from './acts.ts'
import { auditEntries, backlogRows, kioskPage, overview, rollOutPage, rollOutRows } from './answers.ts'
import { type Entry, Gate } from './gate.ts'
import { metricsText } from './metrics.ts'
import {
  backlogQuery,
  historyQuery,
  kioskQuery,
  kiosksQuery,
  loginSchema,
  noQuery,
  passwordSchema,
} from './protocol.ts'
import { paths } from './protocol-paths.ts'

const BODY_BYTES_MAX = 4096
const CONNECTIONS_MAX = 256
const REQUEST_TIMEOUT_MS = 10_000
const HOUR_MS = 3_600_000
const deskQuestions: ReadonlySet<string> = new Set(Object.values(deskPaths))

// Built beside the program; when run from source, what `npm run build` made last.
const ASSETS = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../../dist/fleet-page' : './fleet-page', import.meta.url),
)

const files: Readonly<Record<string, { name: string; type: string }>> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/tokens.css': { name: 'tokens.css', type: 'text/css; charset=utf-8' },
  '/page.css': { name: 'page.css', type: 'text/css; charset=utf-8' },
  '/page.js': { name: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/type-400.woff2': { name: 'type-400.woff2', type: 'font/woff2' },
  '/type-700.woff2': { name: 'type-700.woff2', type: 'font/woff2' },
}

export interface RoomPageOptions {
  readonly room: Room
  /** 0: any free one. */
  readonly port: number
  /** What people's browsers call it, where a proxy stands before it: `https://fleet.example`. */
  readonly origin?: string
  /** Folder with the built page. Left out: beside the built program. */
  readonly assets?: string
  /** Left out: there is nothing for people to decide on here. */
  readonly desks?: Desks
}

export interface RoomPage {
  readonly url: string
  close(): Promise<void>
}

/** A question of the page: who may ask, and what it is answered with; undefined is not found. */
interface Question<Query = unknown> {
  readonly role: Role
  readonly query: z.ZodType<Query>
  answer(query: Query): unknown
}
const question = <Query>(each: Question<Query>): Question => each as Question

/** Resolves once the page can be opened; rejects with `io/unreadable` where it was not built or the port is taken. */
export async function serveRoom(options: RoomPageOptions): Promise<RoomPage> {
  return new RoomServer(options).listen()
}

class RoomServer {
  private readonly contents = new Map<string, Buffer>()
  private readonly server = createServer((request, response) => void this.answer(request, response))
  private readonly gate: Gate
  private readonly questions: Readonly<Record<string, Question>>
  private origins: readonly string[] = []

  constructor(private readonly options: RoomPageOptions) {
    this.server.maxConnections = CONNECTIONS_MAX
    this.server.requestTimeout = REQUEST_TIMEOUT_MS
    this.server.headersTimeout = REQUEST_TIMEOUT_MS
    const { room, origin } = options
    this.gate = new Gate(room, room.clock, origin?.startsWith('https:') === true)
    this.questions = questionsOf(room)
  }

  async listen(): Promise<RoomPage> {
    const { port: wanted, origin, assets = ASSETS } = this.options
    try {
      for (const [path, { name }] of Object.entries(files))
        this.contents.set(path, await readFile(join(assets, name)))
      await new Promise<void>((resolve, reject) => {
        this.server.once('error', reject)
        this.server.listen(wanted, LOOPBACK, resolve)
      })
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
      throw new KioskError('io/unreadable', { what: 'fleet page', port: wanted, code }, { cause })
    }
    const { port } = this.server.address() as AddressInfo
    this.origins = [...loopbackOrigins(port), ...(origin === undefined ? [] : [origin])]
    return { url: `http://${LOOPBACK}:${port}/`, close: () => this.close() }
  }

  private async close(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise(resolve => this.server.close(resolve))
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!isOwnPage(request, this.origins)) return finish(response, 403)
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fleet')
      if (request.method === 'GET' && files[pathname] !== undefined) return this.file(pathname, response)
      // Browsers ask for it by themselves; a missing one would stand in the log as a fault.
      if (pathname === '/favicon.ico') return finish(response, 204)
      if (request.method === 'GET' && pathname === paths.metrics) return this.metrics(request, response)
      if (request.method === 'POST' && pathname === paths.login) return await this.login(request, response)
      const user = this.gate.userOf(request)
      if (user === undefined) return finish(response, 401)
      if (deskQuestions.has(pathname)) return await this.atDesks(request, response, user)
      if (request.method === 'GET') return await this.read(pathname, searchParams, user, response)
      if (request.method === 'POST') return await this.write(pathname, request, user, response)
      finish(response, 405)
    } catch (error) {
      const code = error instanceof KioskError ? error.code : 'unexpected'
      this.options.room.log.warn('fleet-request-failed', { code })
      if (!response.headersSent) finish(response, 500)
    }
  }

  /** What people decide is for approvers: to see, too. */
  private async atDesks(request: IncomingMessage, response: ServerResponse, user: User): Promise<void> {
    if (!mayAs(user.role, 'approver')) return finish(response, 403)
    const { desks } = this.options
    const url = new URL(request.url ?? '/', 'http://fleet')
    const isAnswered = desks && (await answerAtDesks(desks, { request, response, url, by: user.name }))
    if (!isAnswered) finish(response, 404)
  }

  private file(path: string, response: ServerResponse): void {
    response.writeHead(200, { ...pageHeaders, 'content-type': files[path].type })
    response.end(this.contents.get(path))
  }

  /** For a Prometheus on this machine: counts alone, and nobody who comes through the proxy. */
  private metrics({ headers }: IncomingMessage, response: ServerResponse): void {
    const host = (headers.host ?? '').split(':')[0]
    if (host !== LOOPBACK && host !== 'localhost') {
      finish(response, 404)
      return
    }
    response.writeHead(200, { ...pageHeaders, 'content-type': METRICS_TYPE })
    response.end(metricsText(this.options.room))
  }

  private async read(
    path: string,
    parameters: URLSearchParams,
    user: User,
    response: ServerResponse,
  ): Promise<void> {
    if (path === paths.me) return sendJson(response, { name: user.name, role: user.role })
    const asked = Object.hasOwn(this.questions, path) ? this.questions[path] : undefined
    if (asked === undefined) return finish(response, 404)
    if (!mayAs(user.role, asked.role)) return finish(response, 403)
    const query = asked.query.safeParse(Object.fromEntries(parameters))
    if (!query.success) return finish(response, 400)
    sendJson(response, await asked.answer(query.data))
  }

  private async write(
    path: string,
    request: IncomingMessage,
    user: User,
    response: ServerResponse,
  ): Promise<void> {
    if (path === paths.logout) {
      response.setHeader('set-cookie', await this.gate.leave(request))
      return finish(response, 204)
    }
    if (path === paths.password) {
      const change = await readJsonBody(request, passwordSchema, BODY_BYTES_MAX)
      if (change === undefined) return finish(response, 400)
      return entered(response, await this.gate.changePassword(user, change))
    }
    const { room } = this.options
    if (path === paths.rollOuts) return await propose(room, user, request, response)
    if (path === paths.act) return await actOnRollOut(room, user, request, response)
    if (path === paths.command) return await commandKiosk(room, user, request, response)
    finish(response, 404)
  }

  private async login(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await readJsonBody(request, loginSchema, BODY_BYTES_MAX)
    if (asked === undefined) return finish(response, 401)
    entered(response, await this.gate.enter(asked))
  }
}

function entered(response: ServerResponse, entry: Entry): void {
  if (entry.kind === 'in') response.setHeader('set-cookie', entry.cookie)
  finish(response, { in: 204, wrong: 401, 'too-often': 429 }[entry.kind])
}

/** As the kiosk told it: JSON, which is not read here. */
function diagnosticsOf({ commands }: Room, kiosk: string): unknown {
  const text = commands.diagnostics(kiosk)
  return text === undefined ? undefined : JSON.parse(text)
}

function questionsOf(room: Room): Readonly<Record<string, Question>> {
  return {
    [paths.overview]: question({ role: 'viewer', query: noQuery, answer: () => overview(room) }),
    [paths.backlog]: question({
      role: 'viewer',
      query: backlogQuery,
      answer: ({ by }) => backlogRows(room, by),
    }),
    [paths.history]: question({
      role: 'viewer',
      query: historyQuery,
      answer: async ({ hours }) => ({ points: await room.history.points(hours * HOUR_MS) }),
    }),
    [paths.kiosks]: question({
      role: 'viewer',
      query: kiosksQuery,
      answer: query => room.index.find(query),
    }),
    [paths.kiosk]: question({ role: 'viewer', query: kioskQuery, answer: ({ id }) => kioskPage(room, id) }),
    [paths.diagnostics]: question({
      role: 'operator',
      query: kioskQuery,
      answer: ({ id }) => diagnosticsOf(room, id),
    }),
    [paths.rollOuts]: question({ role: 'viewer', query: noQuery, answer: () => rollOutRows(room) }),
    [paths.rollOut]: question({
      role: 'viewer',
      query: kioskQuery,
      answer: ({ id }) => rollOutPage(room, id),
    }),
    [paths.audit]: question({ role: 'approver', query: noQuery, answer: () => auditEntries(room) }),
  }
}
