/**
 * The claim desk's door: HTTPS (TLS 1.3) under a server certificate of the root that kiosks have pinned. It is the one
 * service that talks to machines without a certificate of ours, so it offers two paths and nothing else, reads little,
 * and lets nobody ask often.
 */
import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import { type ErrorCode, KioskError } from '../../base/errors.ts'
import { readJsonBody } from '../../base/json-body.ts'
import type { Log } from '../../base/log.ts'
import { RateLimit } from '../../base/rate-limit.ts'
import {
  CLAIM_REQUEST_BYTES_MAX,
  type ClaimAnswer,
  claimPaths,
  claimRequestSchema,
  renewRequestSchema,
} from '../../keys/claim/message.ts'
import type { ClaimDesk } from './claim-desk.ts'
import { type RenewalParts, renewal } from './renewal.ts'

const CONNECTIONS_MAX = 512
const REQUEST_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 15_000
/** A kiosk asks every few seconds at its quickest; several may share an address. */
const RATE = { burst: 30, perMinute: 60 }

const httpStatus: Partial<Record<ErrorCode, number>> = {
  'claims/unknown-token': 401,
  'claims/rejected': 403,
  'claims/token-used': 409,
  'claims/name-taken': 409,
  'claims/expired': 410,
  'claims/bad-request': 400,
  'keys/bad-request': 400,
  'keys/bad-name': 400,
  'claims/too-many': 503,
}

export interface ClaimServerOptions extends RenewalParts {
  readonly desk: ClaimDesk
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** PEM: the server's key and chain, and the authorities of clients. */
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string }
  readonly clock: Clock
  readonly log: Log
}

export interface ClaimServer {
  readonly port: number
  close(): Promise<void>
}

/** Resolves once kiosks can ask. Rejects with `io/unwritable` where it cannot listen. */
export async function serveClaims(options: ClaimServerOptions): Promise<ClaimServer> {
  const { host, port, tls, clock, log } = options
  const limit = new RateLimit({ ...RATE, clock })
  const answer = answerer(options)
  // Without a certificate one may claim; whose it is, is judged where it matters.
  const server = createServer(
    { ...tls, minVersion: 'TLSv1.3', requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const from = addressOf(request)
      const waitMs = limit.take(from)
      if (waitMs > 0) return refuse(response, 429, 'claims/too-many', Math.ceil(waitMs / 1000))
      answer(request, from).then(
        said => send(response, said.state === 'pending' ? 202 : said.state === 'rejected' ? 403 : 200, said),
        (error: unknown) => {
          const code = error instanceof KioskError ? error.code : undefined
          const status = (code && httpStatus[code]) ?? 500
          log.warn('claims/refused', { from, status, code: code ?? 'bug' })
          refuse(response, status, status === 500 ? 'claims/unavailable' : (code as ErrorCode))
        },
      )
    },
  )
  server.maxConnections = CONNECTIONS_MAX
  server.requestTimeout = REQUEST_TIMEOUT_MS
  server.headersTimeout = REQUEST_TIMEOUT_MS
  server.setTimeout(IDLE_TIMEOUT_MS)
  // A hand that shakes badly is no event: the world is full of scanners.
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new KioskError('io/unwritable', { host, port, code: cause.code ?? 'unknown' }, { cause })),
    )
    server.listen(port, host, resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

function answerer(options: ClaimServerOptions) {
  const { desk } = options
  const renew = renewal(options)
  return async (request: IncomingMessage, from: string): Promise<ClaimAnswer> => {
    const { method, url } = request
    if (method === 'POST' && url === claimPaths.claim) {
      const asked = await readJsonBody(request, claimRequestSchema, CLAIM_REQUEST_BYTES_MAX)
      if (asked === undefined) throw new KioskError('claims/bad-request', { reason: 'body' })
      return desk.ask(asked, from)
    }
    if (method === 'POST' && url === claimPaths.renew) {
      const asked = await readJsonBody(request, renewRequestSchema, CLAIM_REQUEST_BYTES_MAX)
      if (asked === undefined) throw new KioskError('claims/bad-request', { reason: 'body' })
      return renew(asked, clientOf(request))
    }
    throw new KioskError('claims/bad-request', { reason: 'path' })
  }
}

function clientOf({ socket }: IncomingMessage): X509Certificate | undefined {
  return (socket as TLSSocket).getPeerX509Certificate()
}

/** Of IPv6, the network: one customer has all of it. */
function addressOf({ socket }: IncomingMessage): string {
  const address = (socket.remoteAddress ?? 'unknown').replace(/^::ffff:(?=\d+\.)/, '')
  return address.includes(':') ? `${address.split(':').slice(0, 4).join(':')}::/64` : address
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  })
  response.end(text)
}

function refuse(response: ServerResponse, status: number, error: ErrorCode, retryAfterS?: number): void {
  if (retryAfterS !== undefined) response.setHeader('retry-after', retryAfterS)
  send(response, status, { error })
}
