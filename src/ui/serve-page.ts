/**
 * The page's server. It listens on the loopback interface only, and answers only a browser that shows our
 * own page: Host and Origin are checked, so that a page from elsewhere (DNS rebinding, a stray tab) can
 * neither read a view nor send a command.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { KioskError } from '../base/errors.ts'
import { readJsonBody } from '../base/json-body.ts'
import type { Log } from '../base/log.ts'
import {
  finish,
  isOwnPage,
  LOOPBACK,
  loopbackOrigins,
  pageHeaders,
  sendJson,
  sendPresence,
} from '../base/page-http.ts'
import { parseReceiptCode } from '../record/receipt-code.ts'
import type { StatusFinding } from '../record/record-status.ts'
import type { VisitView } from '../record/visit-view.ts'
import type { FingerFinding, FirstScreen, Operations } from './operations.ts'
import { PAGE_ASSETS } from './page-assets.ts'
import { PRESENCE_PATH } from './presence.ts'
import {
  commandSchema,
  fingerQuestionSchema,
  leaveSchema,
  paintedSchema,
  paths,
  phraseSchema,
  pinSchema,
  printSchema,
  serviceSchema,
  statusQuestionSchema,
  taskSchema,
} from './protocol.ts'
import type { Speech } from './speech/speech.ts'

const BODY_BYTES_MAX = 4096
const STREAMS_MAX = 8
/** Of live images, the one that comes late is left out. */
const PREVIEW_BACKLOG_BYTES_MAX = 64 * 1024
const PREVIEW_BOUNDARY = 'image'
/** A page that takes nothing for that long is not there any more; it connects again if it is. */
const STREAM_BACKLOG_BYTES_MAX = 256 * 1024
const CONNECTIONS_MAX = 64
const REQUEST_TIMEOUT_MS = 10_000

/** Stands in index.html for a `FirstScreen`. */
const NO_FIRST_SCREEN = '>null</script>'

const files: Readonly<Record<string, { name: string; type: string }>> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/tokens.css': { name: 'tokens.css', type: 'text/css; charset=utf-8' },
  '/page.css': { name: 'page.css', type: 'text/css; charset=utf-8' },
  '/page.js': { name: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/type-400.woff2': { name: 'type-400.woff2', type: 'font/woff2' },
  '/type-700.woff2': { name: 'type-700.woff2', type: 'font/woff2' },
}

export interface PageOptions {
  readonly operations: Operations
  /** 0: any free one. */
  readonly port: number
  /** Folder with the built page. Left out: beside the built program. */
  readonly assets?: string
  /** Left out: the page is silent. */
  readonly speech?: Speech
  readonly log: Log
}

export interface Page {
  readonly url: string
  close(): Promise<void>
}

/** Resolves once the page can be opened; rejects with `io/unreadable` where it was not built or the port is taken. */
export async function servePage(options: PageOptions): Promise<Page> {
  const page = new PageServer(options)
  return page.listen()
}

class PageServer {
  private readonly contents = new Map<string, Buffer>()
  private readonly streams = new Set<ServerResponse>()
  private readonly server = createServer((request, response) => void this.answer(request, response))
  private origins: readonly string[] = []

  constructor(private readonly options: PageOptions) {
    this.server.maxConnections = CONNECTIONS_MAX
    this.server.requestTimeout = REQUEST_TIMEOUT_MS
    this.server.headersTimeout = REQUEST_TIMEOUT_MS
  }

  async listen(): Promise<Page> {
    const folder = this.options.assets ?? PAGE_ASSETS
    try {
      for (const [path, { name }] of Object.entries(files))
        this.contents.set(path, await readFile(join(folder, name)))
      await new Promise<void>((resolve, reject) => {
        this.server.once('error', reject)
        this.server.listen(this.options.port, LOOPBACK, resolve)
      })
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
      throw new KioskError('io/unreadable', { what: 'page', port: this.options.port, code }, { cause })
    }
    const { port } = this.server.address() as AddressInfo
    this.origins = loopbackOrigins(port)
    return { url: `http://${LOOPBACK}:${port}/`, close: () => this.close() }
  }

  private async close(): Promise<void> {
    for (const stream of this.streams) stream.end()
    this.server.closeAllConnections()
    await new Promise(resolve => this.server.close(resolve))
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!isOwnPage(request, this.origins)) return finish(response, 403)
      const { method, url = '' } = request
      if (method === 'GET' && url === paths.events) return this.stream(response)
      if (method === 'GET' && url === paths.preview) return this.preview(response)
      if (method === 'GET' && url === PRESENCE_PATH) return sendPresence(response)
      if (method === 'GET' && url === '/') return this.document(response)
      if (method === 'GET' && files[url] !== undefined) return this.file(url, response)
      // Browsers ask for it by themselves; a missing one would stand in the log as a fault.
      if (url === '/favicon.ico') return finish(response, 204)
      if (method !== 'POST') return finish(response, 404)
      if (url === paths.command) return await this.command(request, response)
      if (url === paths.status) return await this.status(request, response)
      if (url === paths.print) return await this.print(request, response)
      if (url === paths.staff) return await this.staff(request, response)
      if (url === paths.service) return await this.service(request, response)
      if (url === paths.task) return await this.task(request, response)
      if (url === paths.leave) return await this.leave(request, response)
      if (url === paths.painted) return await this.painted(request, response)
      if (url === paths.statusByFinger) return await this.statusByFinger(request, response)
      if (url === paths.speech) return await this.speak(request, response)
      finish(response, 404)
    } catch (error) {
      const code = error instanceof KioskError ? error.code : 'unexpected'
      this.options.log.warn('page-request-failed', { code })
      if (response.headersSent) response.end()
      else finish(response, 500)
    }
  }

  /** With the first screen, which is nobody's; what a visit shows never stands in a document. */
  private document(response: ServerResponse): void {
    const html = String(this.contents.get('/'))
    const { facts } = this.options.operations
    const view = this.viewNow()
    const first: FirstScreen | null = view?.step === 'idle' ? { facts, view } : null
    const json = JSON.stringify(first).replaceAll('<', '\\u003c')
    response.writeHead(200, { ...pageHeaders, 'content-type': files['/'].type })
    response.end(html.replace(NO_FIRST_SCREEN, () => `>${json}</script>`))
  }

  private file(path: string, response: ServerResponse): void {
    response.writeHead(200, { ...pageHeaders, 'content-type': files[path].type })
    response.end(this.contents.get(path))
  }

  private stream(response: ServerResponse): void {
    if (this.streams.size >= STREAMS_MAX) {
      finish(response, 503)
      return
    }
    this.streams.add(response)
    response.writeHead(200, { ...pageHeaders, 'content-type': 'text/event-stream; charset=utf-8' })
    const send = (event: string, data: unknown) => {
      // The page is being closed: its listener goes a moment later.
      if (response.writableEnded) return
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
      if (response.writableLength > STREAM_BACKLOG_BYTES_MAX) response.destroy()
    }
    send('facts', this.options.operations.facts)
    const stop = this.options.operations.onView(view => send('view', view))
    response.on('close', () => {
      stop()
      this.streams.delete(response)
    })
  }

  /** A picture that changes: each image takes the place of the one before. */
  private preview(response: ServerResponse): void {
    if (this.streams.size >= STREAMS_MAX) {
      finish(response, 503)
      return
    }
    this.streams.add(response)
    const type = `multipart/x-mixed-replace; boundary=${PREVIEW_BOUNDARY}`
    response.writeHead(200, { ...pageHeaders, 'content-type': type })
    response.write(`--${PREVIEW_BOUNDARY}\r\n`)
    const stop = this.options.operations.onPreview(jpeg => {
      if (response.writableEnded || response.writableLength > PREVIEW_BACKLOG_BYTES_MAX) return
      response.write(`content-type: image/jpeg\r\ncontent-length: ${jpeg.length}\r\n\r\n`)
      response.write(jpeg)
      // The boundary at once: a browser shows an image when it sees its end.
      response.write(`\r\n--${PREVIEW_BOUNDARY}\r\n`)
    })
    response.on('close', () => {
      stop()
      this.streams.delete(response)
    })
  }

  private async command(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const command = await readJsonBody(request, commandSchema, BODY_BYTES_MAX)
    if (command === undefined) return finish(response, 400)
    this.options.operations.command(command)
    finish(response, 204)
  }

  private async status(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const question = await readJsonBody(request, statusQuestionSchema, BODY_BYTES_MAX)
    if (question === undefined) return finish(response, 400)
    const id = parseReceiptCode(question.code)
    const { recordStatus } = this.options.operations
    const unknown: StatusFinding = { kind: 'unknown' }
    sendJson(response, id === undefined ? unknown : await recordStatus(id, untilGone(response)))
  }

  /** Two lines, the first of them as soon as the finger is felt. */
  private async statusByFinger(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const question = await readJsonBody(request, fingerQuestionSchema, BODY_BYTES_MAX)
    if (question === undefined) return finish(response, 400)
    response.writeHead(200, { ...pageHeaders, 'content-type': 'application/x-ndjson' })
    response.flushHeaders()
    const say = (line: { kind: 'contact' } | FingerFinding) => {
      if (!response.destroyed) response.write(`${JSON.stringify(line)}\n`)
    }
    const onContact = () => say({ kind: 'contact' })
    const signal = untilGone(response)
    say(await this.options.operations.recordStatusByFinger(question.nik, { signal, onContact }))
    response.end()
  }

  private async print(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const question = await readJsonBody(request, printSchema, BODY_BYTES_MAX)
    if (question === undefined) return finish(response, 400)
    const { code, job, language } = question
    const id = parseReceiptCode(code)
    sendJson(response, id && (await this.options.operations.print(id, job, language)))
  }

  private async staff(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const question = await readJsonBody(request, pinSchema, BODY_BYTES_MAX)
    if (question === undefined) return finish(response, 400)
    sendJson(response, await this.options.operations.staff?.enter(question.pin))
  }

  private async service(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const question = await readJsonBody(request, serviceSchema, BODY_BYTES_MAX)
    if (question === undefined) return finish(response, 400)
    const { session, thoroughly } = question
    const signal = untilGone(response)
    sendJson(response, await this.options.operations.staff?.look(session, { thoroughly }, signal))
  }

  private async task(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const question = await readJsonBody(request, taskSchema, BODY_BYTES_MAX)
    if (question === undefined) return finish(response, 400)
    const { session, task } = question
    sendJson(response, await this.options.operations.staff?.perform(session, task, untilGone(response)))
  }

  private async leave(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const question = await readJsonBody(request, leaveSchema, BODY_BYTES_MAX)
    if (question === undefined) return finish(response, 400)
    this.options.operations.staff?.leave(question.session)
    finish(response, 204)
  }

  private async painted(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const said = await readJsonBody(request, paintedSchema, BODY_BYTES_MAX)
    if (said === undefined) return finish(response, 400)
    this.options.operations.painted?.(said.visit)
    finish(response, 204)
  }

  /** Whoever stops listening closes the connection, and nothing more is made for them. */
  private async speak(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const phrase = await readJsonBody(request, phraseSchema, BODY_BYTES_MAX)
    if (phrase === undefined) return finish(response, 400)
    if (phrase.isPrivate && !this.listensAlone()) return finish(response, 409)
    const wav = await this.options.speech?.say(phrase, untilGone(response))
    // The headphones may have been pulled out while it was made.
    if (phrase.isPrivate && !this.listensAlone()) return finish(response, 409)
    if (wav === undefined) return finish(response, 503)
    response.writeHead(200, { ...pageHeaders, 'content-type': 'audio/wav', 'content-length': wav.length })
    response.end(wav, () => {
      if (phrase.isPrivate) wav.fill(0)
    })
  }

  private listensAlone(): boolean {
    return this.viewNow()?.listensAlone === true
  }

  private viewNow(): VisitView | undefined {
    let now: VisitView | undefined
    this.options.operations.onView(view => {
      now = view
    })()
    return now
  }
}

/** Aborted once whoever asked does not wait any more. */
function untilGone(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  return gone.signal
}
