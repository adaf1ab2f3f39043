import assert from 'node:assert'
import {
  PICTURE_HEIGHT_DOTS_MAX,
  type Picture,
  type Receipt,
  type ReceiptLine,
} from '../../ports/receipt-printer.ts'
import { wrapText } from '../../ports/wrap-text.ts'

/** ESC/POS as thermal receipt printers speak it (Epson's ESC/POS command reference, names as there). */
const ESC = 0x1b
const GS = 0x1d
const DLE = 0x10
const LF = 0x0a

const CODE_PAGE_437 = 0
const HORIZONTAL_LINE_437 = 0xc4
const DOUBLE_WIDTH_AND_HEIGHT = 0x11
const QR_MODULE_DOTS = 6
const QR_BYTES_MAX = 512
const FEED_LINES_MAX = 255
/** Printers with little memory print a high picture in stripes. */
const BAND_DOTS = 64

/**
 * A receipt as bytes, from ESC @ to the cut. Letters that code page 437's ASCII part has not lose their
 * accents; what remains unknown becomes a question mark.
 */
export function encodeReceipt(receipt: Receipt, columns: number): Uint8Array {
  return Uint8Array.from([
    ...[ESC, 0x40, ESC, 0x74, CODE_PAGE_437],
    ...receipt.flatMap(line => encodeLine(line, columns)),
    ...[GS, 0x56, 66, 0], // feeds to the cutter, and cuts
  ])
}

function encodeLine(line: ReceiptLine, columns: number): number[] {
  if ('qr' in line) return encodeQr(line.qr)
  if ('picture' in line) return encodePicture(line.picture)
  if ('rule' in line) return [...Array<number>(columns).fill(HORIZONTAL_LINE_437), LF]
  if ('feedLines' in line) {
    assert(line.feedLines >= 0 && line.feedLines <= FEED_LINES_MAX, 'a receipt feeds a few lines')
    return [ESC, 0x64, line.feedLines]
  }
  const style = [
    ...[ESC, 0x61, line.align === 'centre' ? 1 : 0],
    ...[ESC, 0x45, line.bold ? 1 : 0],
    ...[GS, 0x21, line.large ? DOUBLE_WIDTH_AND_HEIGHT : 0],
  ]
  const rows = wrapText(line.text, line.large ? Math.floor(columns / 2) : columns)
  const plain = [ESC, 0x61, 0, ESC, 0x45, 0, GS, 0x21, 0]
  return [...style, ...rows.flatMap(row => [...asciiOf(row), LF]), ...plain]
}

function asciiOf(text: string): number[] {
  const bare = text.normalize('NFD').replace(/\p{Mark}/gu, '')
  return [...bare].map(character => (/^[ -~]$/.test(character) ? character.charCodeAt(0) : 0x3f))
}

/** GS ( k with functions 165 (model 2), 167 (module size), 169 (correction M), 180 (store) and 181 (print). */
function encodeQr(text: string): number[] {
  const data = [...new TextEncoder().encode(text)]
  assert(data.length <= QR_BYTES_MAX, 'a receipt carries short codes only')
  const symbol = (...parameters: number[]) => {
    const length = parameters.length + 1
    return [GS, 0x28, 0x6b, length & 0xff, length >> 8, 0x31, ...parameters]
  }
  return [
    ...[ESC, 0x61, 1],
    ...symbol(0x41, 0x32, 0),
    ...symbol(0x43, QR_MODULE_DOTS),
    ...symbol(0x45, 0x31),
    ...symbol(0x50, 0x30, ...data),
    ...symbol(0x51, 0x30),
    ...[ESC, 0x61, 0],
  ]
}

/** GS v 0, band by band: eight dots a byte, the leftmost in its highest bit. */
function encodePicture({ widthDots, dots }: Picture): number[] {
  const heightDots = dots.length / widthDots
  assert(
    Number.isInteger(heightDots) && heightDots <= PICTURE_HEIGHT_DOTS_MAX,
    'a picture is whole and not high',
  )
  const rowBytes = Math.ceil(widthDots / 8)
  const bytes = [ESC, 0x61, 1]
  for (let top = 0; top < heightDots; top += BAND_DOTS) {
    const rows = Math.min(BAND_DOTS, heightDots - top)
    bytes.push(GS, 0x76, 0x30, 0, rowBytes & 0xff, rowBytes >> 8, rows & 0xff, rows >> 8)
    for (let y = top; y < top + rows; y++) {
      for (let column = 0; column < rowBytes; column++)
        bytes.push(eightDots(dots, y * widthDots, column * 8, widthDots))
    }
  }
  return [...bytes, ESC, 0x61, 0]
}

function eightDots(dots: Uint8Array, row: number, left: number, widthDots: number): number {
  let byte = 0
  for (let bit = 0; bit < 8 && left + bit < widthDots; bit++)
    if (dots[row + left + bit] !== 0) byte |= 0x80 >> bit
  return byte
}

/** What DLE EOT asks for: the printer as a whole, why it is offline, which error it has, how its paper is. */
const statusSubjects = { printer: 1, offline: 2, error: 3, paper: 4 } as const
export type StatusSubject = keyof typeof statusSubjects

/** DLE EOT n: answered at once, whatever the printer is doing. */
export function askStatus(subject: StatusSubject): Uint8Array {
  return Uint8Array.of(DLE, 0x04, statusSubjects[subject])
}

/** GS r 1: answered when everything sent before has been printed. */
export const ASK_WHEN_PRINTED = Uint8Array.of(GS, 0x72, 1)

/** DLE DC4 8: throws away what is not yet printed, at once. */
export const CLEAR_BUFFERS = Uint8Array.of(DLE, 0x14, 8, 1, 3, 20, 1, 6, 2, 8)

/** What a byte from the printer is. Its fixed bits tell; other bytes (XON, noise) are `other`. */
export function kindOfReply(byte: number): 'status' | 'printed' | 'other' {
  if ((byte & 0x93) === 0x12) return 'status'
  if ((byte & 0x90) === 0x00) return 'printed'
  return 'other'
}

/** Of the answer to `printer`. */
export function isOffline(printerStatus: number): boolean {
  return (printerStatus & 0x08) !== 0
}

/** Of the answer to `offline`, as the next two. */
export function hasPaperStopped(offlineStatus: number): boolean {
  return (offlineStatus & 0x20) !== 0
}

export function hasError(offlineStatus: number): boolean {
  return (offlineStatus & 0x40) !== 0
}

/** Of the answer to `error`: what a person can look for. */
export function faultsOf(errorStatus: number) {
  return {
    cutter: (errorStatus & 0x08) !== 0,
    unrecoverable: (errorStatus & 0x20) !== 0,
    tooHot: (errorStatus & 0x40) !== 0,
  }
}

export function isCoverOpen(offlineStatus: number): boolean {
  return (offlineStatus & 0x04) !== 0
}

export function paperOf(paperStatus: number): 'ok' | 'low' | 'out' {
  if ((paperStatus & 0x60) !== 0) return 'out'
  return (paperStatus & 0x0c) !== 0 ? 'low' : 'ok'
}
