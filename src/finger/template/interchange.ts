/**
 * Templates as other systems have them: finger minutiae records of ISO/IEC 19794-2 and ANSI/INCITS 378.
 *
 * The four formats share the first four bytes, and two by two the next four; `formatOf` tells them apart by
 * the lengths they declare. What follows a record (padding, other data) is ignored; a record that
 * is shorter than it says is refused, and so is one whose parts do not fit into it: minutiae may be missing.
 */
import { strict as assert } from 'node:assert'
import { ByteReader } from '../image/byte-reader.ts'
import { readAnsi2004, writeAnsi2004 } from './ansi2004.ts'
import { readAnsi2007 } from './ansi2007.ts'
import { readIso2005, writeIso2005 } from './iso2005.ts'
import { looksLikeIso2011, readIso2011 } from './iso2011.ts'
import { type InterchangeView, unreadable } from './minutiae-bytes.ts'

export type { InterchangeView } from './minutiae-bytes.ts'

const readers = {
  iso2005: readIso2005,
  iso2011: readIso2011,
  ansi2004: readAnsi2004,
  ansi2007: readAnsi2007,
} as const satisfies Record<string, (reader: ByteReader) => InterchangeView[]>
const writers = { iso2005: writeIso2005, ansi2004: writeAnsi2004 } as const

/** `ansi2007` is also what ANSI/INCITS 378-2009 looks like. */
export type InterchangeFormat = keyof typeof readers
export type WritableFormat = keyof typeof writers

export const writableFormats = ['iso2005', 'ansi2004'] as const satisfies readonly WritableFormat[]

export interface InterchangeRecord {
  readonly format: InterchangeFormat
  /** At least one. Templates are at 500 dpi, with at most `MINUTIAE_MAX` minutiae, and without orientation. */
  readonly views: readonly InterchangeView[]
}

const VIEWS_MAX = 255

/** Throws `template/unreadable`, and nothing else, whatever the bytes are. */
export function readInterchange(bytes: Uint8Array): InterchangeRecord {
  if (!isInterchange(bytes)) throw unreadable('it does not begin as a finger minutiae record does')
  const format = formatOf(bytes)
  if (format === undefined) throw unreadable('its version is unknown, or its length impossible')
  return { format, views: readers[format](new ByteReader(bytes, unreadable, 8)) }
}

/** Whether the bytes begin as a finger minutiae record does. */
export function isInterchange(bytes: Uint8Array): boolean {
  return bytes[0] === 0x46 && bytes[1] === 0x4d && bytes[2] === 0x52 && bytes[3] === 0
}

/**
 * A record of one finger or several. Positions are rounded to whole pixels at 500 dpi, directions to 1.4°
 * (ISO) or 2° (ANSI); orientation is not part of the formats. An impression that the format has no
 * number for becomes 0, live plain.
 */
export function writeInterchange(
  views: InterchangeView | readonly InterchangeView[],
  format: WritableFormat,
): Uint8Array {
  const list = 'template' in views ? [views] : views
  assert(list.length > 0 && list.length <= VIEWS_MAX)
  return writers[format](list)
}

function formatOf(bytes: Uint8Array): InterchangeFormat | undefined {
  if (bytes.length < 14) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = String.fromCharCode(...bytes.subarray(4, 7))
  if (version === '030') return looksLikeIso2011(bytes) ? 'iso2011' : 'ansi2007'
  if (version !== ' 20') return undefined
  // ANSI: length u16, or 0 and length u32. ISO: length u32, never above a few hundred thousand.
  const first = view.getUint16(8)
  if (first >= 26) return 'ansi2004'
  if (first > 0) return 'iso2005'
  return view.getUint16(10) >= 24 ? 'iso2005' : 'ansi2004'
}
