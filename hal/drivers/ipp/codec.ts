/**
 * IPP messages as bytes (RFC 8010 § 3): version, operation or status, request id, groups of attributes. Of what a
 * printer sends only numbers, booleans and words are kept; collections, dates and ranges are stepped over.
 */
import { KioskError } from '../../../src/base/errors.ts'

export type IppValue = number | boolean | string

/** Value tags (RFC 8010 § 3.5.2), as far as we send them. */
const TAG = {
  integer: 0x21,
  boolean: 0x22,
  enum: 0x23,
  text: 0x41,
  name: 0x42,
  keyword: 0x44,
  uri: 0x45,
  charset: 0x47,
  language: 0x48,
  mimeType: 0x49,
} as const
export type IppTag = keyof typeof TAG

const GROUP = { operation: 0x01, job: 0x02, end: 0x03, printer: 0x04 } as const
const BEGIN_COLLECTION = 0x34
const END_COLLECTION = 0x37
/** Delimiter tags are below this, value tags from here on. */
const FIRST_VALUE_TAG = 0x10
const FIRST_WORD_TAG = 0x40
const LAST_WORD_TAG = 0x49
/** IPP 2.0: what every printer of IPP Everywhere speaks. */
const VERSION = { major: 2, minor: 0 } as const
const HEADER_BYTES = 8
const NESTING_MAX = 16

export interface IppAttribute {
  readonly name: string
  readonly tag: IppTag
  readonly values: readonly IppValue[]
}

export type IppGroup = 'operation' | 'job' | 'printer'

/** A request, or an answer to one. */
export interface IppMessage {
  /** The operation, or the status of an answer. */
  readonly code: number
  readonly requestId: number
  readonly groups: Readonly<Partial<Record<IppGroup, readonly IppAttribute[]>>>
}

export interface ReadIppMessage {
  readonly code: number
  readonly requestId: number
  /** Of all groups, by name; of a name that stands in several, the first. */
  readonly attributes: ReadonlyMap<string, readonly IppValue[]>
}

/** The bytes of a message; a document may follow them. */
export function encodeMessage({ code, requestId, groups }: IppMessage): Uint8Array {
  const head = Buffer.alloc(HEADER_BYTES)
  head.writeUInt8(VERSION.major, 0)
  head.writeUInt8(VERSION.minor, 1)
  head.writeUInt16BE(code, 2)
  head.writeInt32BE(requestId, 4)
  const parts: Uint8Array[] = [head]
  for (const group of ['operation', 'job', 'printer'] as const) {
    const attributes = groups[group]
    if (attributes !== undefined) parts.push(...groupBytes(GROUP[group], attributes))
  }
  return Buffer.concat([...parts, Buffer.of(GROUP.end)])
}

function groupBytes(group: number, attributes: readonly IppAttribute[]): Uint8Array[] {
  const parts: Uint8Array[] = [Buffer.of(group)]
  for (const { name, tag, values } of attributes)
    values.forEach((value, i) => {
      parts.push(Buffer.of(TAG[tag]), sized(Buffer.from(i === 0 ? name : '')), sized(valueBytes(tag, value)))
    })
  return parts
}

function valueBytes(tag: IppTag, value: IppValue): Buffer {
  if (tag === 'boolean') return Buffer.of(value ? 1 : 0)
  if (tag !== 'integer' && tag !== 'enum') return Buffer.from(String(value))
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(Number(value))
  return bytes
}

function sized(bytes: Uint8Array): Uint8Array {
  const size = Buffer.alloc(2)
  size.writeUInt16BE(bytes.length)
  return Buffer.concat([size, bytes])
}

/** Reads a message. Throws `hal/bad-answer` for what is no IPP message. */
export function decodeMessage(bytes: Uint8Array): ReadIppMessage {
  const reader = new Reader(bytes)
  const major = reader.uint8()
  reader.uint8()
  if (major < 1 || major > 2) throw badAnswer('its version is unknown')
  const code = reader.uint16()
  const requestId = reader.int32()
  const attributes = new Map<string, IppValue[]>()
  /** Those of the attribute that is being read; undefined where its values are not wanted. */
  let values: IppValue[] | undefined
  for (let tag = reader.uint8(); tag !== GROUP.end; tag = reader.uint8()) {
    if (tag < FIRST_VALUE_TAG) {
      values = undefined
      continue
    }
    const name = reader.text(reader.uint16())
    const value = reader.value(tag)
    if (tag === BEGIN_COLLECTION) skipCollection(reader)
    if (name !== '') {
      values = attributes.has(name) ? undefined : []
      if (values !== undefined) attributes.set(name, values)
    }
    if (value !== undefined) values?.push(value)
  }
  return { code, requestId, attributes }
}

/** Members of a collection are attributes without names of their own, until its end. */
function skipCollection(reader: Reader): void {
  for (let depth = 1; depth > 0; ) {
    const tag = reader.uint8()
    if (tag < FIRST_VALUE_TAG) throw badAnswer('a collection has no end')
    reader.text(reader.uint16())
    reader.value(tag)
    if (tag === BEGIN_COLLECTION) depth++
    if (tag === END_COLLECTION) depth--
    if (depth > NESTING_MAX) throw badAnswer('collections are nested too deep')
  }
}

class Reader {
  private at = 0
  private readonly bytes: Buffer

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  uint8(): number {
    return this.take(1).readUInt8()
  }

  uint16(): number {
    return this.take(2).readUInt16BE()
  }

  int32(): number {
    return this.take(4).readInt32BE()
  }

  text(length: number): string {
    return this.take(length).toString('utf8')
  }

  /** Undefined for what is no number, boolean or word. */
  value(tag: number): IppValue | undefined {
    const bytes = this.take(this.uint16())
    if (tag === TAG.integer || tag === TAG.enum) {
      if (bytes.length !== 4) throw badAnswer('a number is not of four bytes')
      return bytes.readInt32BE()
    }
    if (tag === TAG.boolean) {
      if (bytes.length !== 1) throw badAnswer('a boolean is not of one byte')
      return bytes[0] !== 0
    }
    return tag >= FIRST_WORD_TAG && tag <= LAST_WORD_TAG ? bytes.toString('utf8') : undefined
  }

  private take(length: number): Buffer {
    if (this.at + length > this.bytes.length) throw badAnswer('it ends too soon')
    this.at += length
    return this.bytes.subarray(this.at - length, this.at)
  }
}

export function badAnswer(why: string): KioskError {
  return new KioskError('hal/bad-answer', { why })
}
