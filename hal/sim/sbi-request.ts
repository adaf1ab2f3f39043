import type { Connection } from '../ports/loopback.ts'

/** Requests are small: no images go that way. */
const REQUEST_BYTES_MAX = 64 * 1024

/** A request as a device service reads it; its body is not judged. */
export interface HeardRequest {
  readonly verb: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** Undefined where the other end went, or sent what is no request. */
export async function readRequest(
  connection: Connection,
  signal: AbortSignal,
): Promise<HeardRequest | undefined> {
  let text = ''
  while (text.length < REQUEST_BYTES_MAX) {
    const bytes = await connection.read(signal)
    if (bytes === undefined) return undefined
    text += Buffer.from(bytes).toString('latin1')
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) continue
    const [, length = '0'] = /\r\nContent-Length: (\d{1,6})\r\n/.exec(text.slice(0, end + 2)) ?? []
    const body = text.slice(end + 4)
    if (body.length >= Number(length)) return parse(text.slice(0, end), body)
  }
  return undefined
}

function parse(head: string, body: string): HeardRequest | undefined {
  const [, verb, path] = /^([A-Z]{1,20}) (\/[a-z]{0,20}) HTTP\/1\.1\r\n/.exec(`${head}\r\n`) ?? []
  if (verb === undefined) return undefined
  try {
    const value: unknown = body === '' ? {} : JSON.parse(Buffer.from(body, 'latin1').toString())
    const isObject = typeof value === 'object' && value !== null
    return { verb, path, body: isObject ? (value as Record<string, unknown>) : {} }
  } catch {
    return undefined
  }
}
