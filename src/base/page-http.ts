/** What the servers of our own pages have in common: what browsers may do, and who is ours. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Pages are for this machine alone. */
export const LOOPBACK = '127.0.0.1'

export const pageHeaders = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const

/** Something is there: of this answer alone, which has nothing in it, a page of another origin learns. */
export function sendPresence(response: ServerResponse): void {
  response.writeHead(204, { ...pageHeaders, 'cross-origin-resource-policy': 'cross-origin' })
  response.end()
}

/** As a browser on this machine calls a server on `port`. */
export function loopbackOrigins(port: number): readonly string[] {
  return [LOOPBACK, 'localhost'].map(host => `http://${host}:${port}`)
}

/**
 * The request was made by a page of ours, under one of `origins`: a page from elsewhere (DNS rebinding, a stray tab)
 * shows by Host or Origin.
 */
export function isOwnPage({ headers, method }: IncomingMessage, origins: readonly string[]): boolean {
  if (!origins.some(origin => new URL(origin).host === headers.host)) return false
  // Browsers send an Origin with every POST.
  if (headers.origin === undefined) return method === 'GET'
  return origins.includes(headers.origin)
}

/** What is not there is not found. */
export function sendJson(response: ServerResponse, body: unknown): void {
  if (!body) {
    finish(response, 404)
    return
  }
  response.writeHead(200, { ...pageHeaders, 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

export function finish(response: ServerResponse, status: number): void {
  response.writeHead(status, pageHeaders)
  response.end()
}
