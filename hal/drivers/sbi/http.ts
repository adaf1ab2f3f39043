/**
 * As much HTTP/1.1 (RFC 9112) as device services speak: one request a connection, with verbs of their own.
 *
 *     RCAPTURE /capture HTTP/1.1␍␊  header: value␍␊ …  ␍␊  body            there
 *     HTTP/1.1 200 OK␍␊             header: value␍␊ …  ␍␊  body            back
 *
 * The body of an answer is as long as its `Content-Length`, or comes in chunks (`length in hexadecimal␍␊ bytes ␍␊`,
 * the last one of length 0), or goes on until the connection ends. Services in the field send some line ends after
 * the body: what follows the end is not looked at.
 */
import assert from 'node:assert'
import { KioskError } from '../../../src/base/errors.ts'

/** Status line and headers together; services send a few hundred. */
const HEAD_BYTES_MAX = 16 * 1024
/** The length of a chunk in hexadecimal, and extensions that nobody uses. */
const LINE_BYTES_MAX = 128
/** Lines after the last chunk. */
const TRAILERS_MAX = 16
const [LF, CR] = [0x0a, 0x0d]

export interface Request {
  readonly verb: 'MOSIPDISC' | 'MOSIPDINFO' | 'RCAPTURE' | 'STREAM'
  readonly path: '/device' | '/info' | '/capture' | '/stream'
  readonly port: number
  /** Nothing for verbs that ask without a body. */
  readonly body?: object
}

/** `Content-Length` is spelt as here: there are services that look for these letters. */
export function encodeRequest({ verb, path, port, body }: Request): Uint8Array {
  const text = body === undefined ? '' : JSON.stringify(body)
  const head = [
    `${verb} ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'EXT: tunggal',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Connection: close',
  ]
  return new Uint8Array(Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`))
}

export interface ResponseHead {
  readonly status: number
  /** In lower case, without parameters; empty where there is none. */
  readonly contentType: string
}

type Part = 'head' | 'bytes' | 'chunk-length' | 'chunk-end' | 'trailer' | 'until-end' | 'done'

/**
 * Takes an answer apart as it arrives. Holds one line, or the head, at most: the body is handed on.
 *
 * `push` throws `hal/bad-answer` for what is no answer, or one whose body is longer than `bodyBytesMax`; the reader
 * is of no use afterwards.
 */
export class ResponseReader {
  head: ResponseHead | undefined
  private part: Part = 'head'
  private readonly line: number[] = []
  /** Left of the body, or of its chunk. */
  private leftBytes = 0
  private isChunked = false
  private bodyBytes = 0
  private trailers = 0

  constructor(private readonly bodyBytesMax: number) {}

  /** The whole answer has arrived. */
  get isDone(): boolean {
    return this.part === 'done'
  }

  /** What of these bytes belongs to the body. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    const body: Uint8Array[] = []
    let at = 0
    while (at < bytes.length && this.part !== 'done') {
      if (this.part === 'bytes' || this.part === 'until-end') {
        const end = this.part === 'bytes' ? Math.min(bytes.length, at + this.leftBytes) : bytes.length
        body.push(this.take(bytes.subarray(at, end)))
        at = end
      } else this.step(bytes[at++])
    }
    return body
  }

  /** The connection has ended; whether the answer was whole. */
  end(): boolean {
    if (this.part === 'until-end') this.part = 'done'
    return this.isDone
  }

  private take(piece: Uint8Array): Uint8Array {
    this.bodyBytes += piece.length
    if (this.bodyBytes > this.bodyBytesMax) throw tooLong(this.bodyBytesMax)
    if (this.part === 'bytes') {
      this.leftBytes -= piece.length
      if (this.leftBytes === 0) this.part = this.isChunked ? 'chunk-end' : 'done'
    }
    return piece
  }

  /** One byte of a line, or of the head. */
  private step(byte: number): void {
    this.line.push(byte)
    if (this.part === 'head') {
      if (this.line.length > HEAD_BYTES_MAX) throw badAnswer('its head has no end')
      if (byte === LF && endsWithEmptyLine(this.line)) this.begin(this.takeLine())
      return
    }
    if (this.line.length > LINE_BYTES_MAX) throw badAnswer('a line between its chunks has no end')
    if (byte === LF) this.between(this.takeLine().trim())
  }

  private takeLine(): string {
    return Buffer.from(this.line.splice(0)).toString('latin1')
  }

  private begin(text: string): void {
    const { head, framing } = readHead(text)
    this.head = head
    if (framing === 'until-end') this.part = 'until-end'
    else if (framing === 'chunked') {
      this.isChunked = true
      this.part = 'chunk-length'
    } else {
      if (framing > this.bodyBytesMax) throw tooLong(this.bodyBytesMax)
      this.leftBytes = framing
      this.part = framing === 0 ? 'done' : 'bytes'
    }
  }

  private between(line: string): void {
    assert(this.part === 'chunk-length' || this.part === 'chunk-end' || this.part === 'trailer')
    if (this.part === 'chunk-length') {
      const [, digits] = /^([0-9a-fA-F]{1,8})\s*(?:;.*)?$/.exec(line) ?? []
      if (digits === undefined) throw badAnswer('a chunk has no length')
      this.leftBytes = Number.parseInt(digits, 16)
      this.part = this.leftBytes === 0 ? 'trailer' : 'bytes'
    } else if (this.part === 'chunk-end') {
      if (line !== '') throw badAnswer('a chunk is longer than it says')
      this.part = 'chunk-length'
    } else if (line === '') this.part = 'done'
    else if (++this.trailers > TRAILERS_MAX) throw badAnswer('there is no end of trailers')
  }
}

function endsWithEmptyLine(bytes: readonly number[]): boolean {
  const before = bytes.at(-2) === CR ? bytes.at(-3) : bytes.at(-2)
  return before === LF
}

function readHead(text: string): { head: ResponseHead; framing: number | 'chunked' | 'until-end' } {
  const [statusLine, ...lines] = text.split(/\r?\n/)
  const [, status] = /^HTTP\/1\.[01] ([2-5]\d\d)(?: .*)?$/.exec(statusLine) ?? []
  if (status === undefined) throw badAnswer('it is no HTTP')
  const headers = new Map<string, string>()
  for (const line of lines.filter(line => line !== '')) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (name === undefined) throw badAnswer('a header has no name')
    const key = name.toLowerCase()
    if (key === 'content-length' && headers.has(key) && headers.get(key) !== value)
      throw badAnswer('it has two lengths')
    headers.set(key, value)
  }
  const contentType = (headers.get('content-type') ?? '').split(';')[0].trim().toLowerCase()
  const head = { status: Number(status), contentType }
  const encoding = headers.get('transfer-encoding')?.toLowerCase()
  if (encoding !== undefined && encoding !== 'chunked') throw badAnswer('its body is encoded')
  if (encoding === 'chunked') return { head, framing: 'chunked' }
  const length = headers.get('content-length')
  if (length === undefined) return { head, framing: status === '204' ? 0 : 'until-end' }
  if (!/^\d{1,12}$/.test(length)) throw badAnswer('its length is no number')
  return { head, framing: Number(length) }
}

function tooLong(bytesMax: number): KioskError {
  return new KioskError('hal/bad-answer', { why: 'the answer is longer than any can be', bytesMax })
}

/** `why` completes "The answer cannot be read: …". Never holds bytes of it. */
export function badAnswer(why: string): KioskError {
  return new KioskError('hal/bad-answer', { why: `the answer of the device service: ${why}` })
}
