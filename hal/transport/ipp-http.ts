import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { KioskError } from '../../src/base/errors.ts'
import { IPP_ANSWER_BYTES_MAX, type IppExchange } from '../ports/ipp-exchange.ts'

/** Where a printer listens that names no port (RFC 8010 § 4). */
const IPP_PORT = 631

/**
 * IPP over HTTP (RFC 8010 § 4), or over HTTPS for `ipps:`. A printer's certificate is one that it made itself, so it
 * says nothing of who it is: it is not checked, and `ipps:` only keeps those out who listen.
 */
export function httpIpp(address: string): IppExchange {
  const { protocol, hostname, port, pathname, search } = new URL(address)
  const send = protocol === 'ipps:' ? httpsRequest : httpRequest
  const options = {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? IPP_PORT : Number(port),
    path: `${pathname === '' ? '/' : pathname}${search}`,
    method: 'POST',
    agent: false as const,
    rejectUnauthorized: false,
  }
  return (message, { document, signal }) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const length = message.length + (document?.length ?? 0)
      const headers = { 'content-type': 'application/ipp', 'content-length': length }
      const fail = (cause: unknown) =>
        reject(signal.aborted ? signal.reason : new KioskError('hal/no-answer', { url: address }, { cause }))
      const request = send({ ...options, headers, signal }, response => {
        response.on('error', fail)
        if (response.statusCode !== 200 || response.headers['content-type'] !== 'application/ipp') {
          request.destroy()
          return reject(
            new KioskError('hal/no-answer', { url: address, httpStatus: response.statusCode ?? 0 }),
          )
        }
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes <= IPP_ANSWER_BYTES_MAX) return void chunks.push(chunk)
          request.destroy()
          reject(new KioskError('hal/bad-answer', { url: address, bytes }))
        })
        response.on('end', () => resolve(Buffer.concat(chunks)))
        response.on('close', () => fail(new Error('closed')))
      })
      request.on('error', fail)
      request.write(message)
      request.end(document)
    })
}
