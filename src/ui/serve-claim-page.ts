import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { KioskError } from '../base/errors.ts'
import {
  finish,
  isOwnPage,
  LOOPBACK,
  loopbackOrigins,
  pageHeaders,
  sendJson,
  sendPresence,
} from '../base/page-http.ts'
import type { WaitingView } from './claim-view.ts'
import { PAGE_ASSETS } from './page-assets.ts'
import { PRESENCE_PATH } from './presence.ts'

const VIEW_PATH = '/claim-view'
const CONNECTIONS_MAX = 16
const REQUEST_TIMEOUT_MS = 10_000

const files: Readonly<Record<string, { name: string; type: string }>> = {
  '/': { name: 'claim.html', type: 'text/html; charset=utf-8' },
  '/tokens.css': { name: 'tokens.css', type: 'text/css; charset=utf-8' },
  '/page.css': { name: 'page.css', type: 'text/css; charset=utf-8' },
  '/claim.js': { name: 'claim.js', type: 'text/javascript; charset=utf-8' },
  '/type-400.woff2': { name: 'type-400.woff2', type: 'font/woff2' },
  '/type-700.woff2': { name: 'type-700.woff2', type: 'font/woff2' },
}

export interface ClaimPage {
  readonly url: string
  close(): Promise<void>
}

/**
 * The page of a kiosk without a certificate, or that cannot begin, in the place of the kiosk's own. Nothing can be done on it. Rejects with
 * `io/unreadable` where it was not built or the port is taken.
 */
export async function serveClaimPage(options: {
  /** 0: any free one. */
  readonly port: number
  /** Folder with the built page. Left out: beside the built program. */
  readonly assets?: string
  /** Undefined while there is nothing to say yet. */
  view(): WaitingView | undefined
}): Promise<ClaimPage> {
  const { port, assets = PAGE_ASSETS, view } = options
  const contents = new Map<string, Buffer>()
  let origins: readonly string[] = []
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const { method, url = '' } = request
    if (!isOwnPage(request, origins) || method !== 'GET') return finish(response, 403)
    if (url === PRESENCE_PATH) return sendPresence(response)
    if (url === VIEW_PATH) return view() === undefined ? finish(response, 503) : sendJson(response, view())
    const content = contents.get(url)
    if (content === undefined) return finish(response, url === '/favicon.ico' ? 204 : 404)
    response.writeHead(200, { ...pageHeaders, 'content-type': files[url].type })
    response.end(content)
  }
  const server = createServer(answer)
  server.maxConnections = CONNECTIONS_MAX
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.headersTimeout = REQUEST_TIMEOUT_MS
  try {
    for (const [path, { name }] of Object.entries(files))
      contents.set(path, await readFile(join(assets, name)))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, LOOPBACK, resolve)
    })
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown'
    throw new KioskError('io/unreadable', { what: 'page', port, code }, { cause })
  }
  const bound = (server.address() as AddressInfo).port
  origins = loopbackOrigins(bound)
  return {
    url: `http://${LOOPBACK}:${bound}/`,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}
