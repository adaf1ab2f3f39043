/**
 * The entropy coding of WSQ (IAFIS-IC-0110 v3.1, Part 1, Annex A.4 and B): canonical Huffman codes for symbols
 *
 *     1-100     that many zeros                 101, 102  a value in the next 8 bits, positive, negative
 *     105, 106  as many zeros as the next        103, 104  the same in 16 bits
 *               8 or 16 bits say                 107-254   the value symbol − 180
 *
 * in bytes where FF is followed by 00; FF and anything else is the next marker, before which the last byte is
 * filled with ones.
 */
import { unreadable } from './limits.ts'

/** For every 16 bits that may come next: length of the code << 8 | symbol; 0 where no code is. */
export type HuffmanTable = Uint16Array

const CODE_BITS_MAX = 16

/** `counts`: how many codes of 1, 2, … 16 bits. `symbols` in the order of their codes. */
export function huffmanTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable {
  const table = new Uint16Array(1 << CODE_BITS_MAX)
  let at = 0
  let next = 0
  for (let length = 1; length <= CODE_BITS_MAX; length++) {
    const share = 1 << (CODE_BITS_MAX - length)
    for (let i = 0; i < counts[length - 1]; i++) {
      if (at + share > table.length) throw unreadable('a code table in the WSQ image is impossible')
      table.fill((length << 8) | symbols[next++], at, at + share)
      at += share
    }
  }
  return table
}

/** Reads bits up to the next marker; after it, ones. */
class BitReader {
  private window = 0
  private bits = 0
  private padding = 0

  constructor(
    private readonly bytes: Uint8Array,
    public at: number,
  ) {}

  /** Makes 16 bits ready. */
  private fill(): void {
    while (this.bits < 16) {
      let byte = 0xff
      if (this.at >= this.bytes.length) throw unreadable('the WSQ image ends too early')
      if (this.bytes[this.at] !== 0xff) byte = this.bytes[this.at++]
      else if (this.bytes[this.at + 1] === 0) this.at += 2
      else this.padding += 8
      this.window = ((this.window & 0xffff) << 8) | byte
      this.bits += 8
    }
  }

  /** Nothing but the filling of the last byte is left. */
  isAtEnd(): boolean {
    this.fill()
    if (this.padding === 0 || this.bits - this.padding >= 8) return false
    const rest = (1 << this.bits) - 1
    return (this.window & rest) === rest
  }

  symbol(table: HuffmanTable): number {
    this.fill()
    const entry = table[(this.window >> (this.bits - 16)) & 0xffff]
    this.take(entry >> 8)
    return entry & 0xff
  }

  /** The next `count` bits, 8 or 16, as a number. */
  number(count: number): number {
    this.fill()
    const value = (this.window >> (this.bits - count)) & ((1 << count) - 1)
    this.take(count)
    return value
  }

  private take(count: number): void {
    this.bits -= count
    if (count === 0 || this.bits < this.padding)
      throw unreadable('the coefficients of the WSQ image are damaged')
  }
}

/**
 * Reads one block of coefficients from `at` up to the next marker into `coefficients`, from index `next` on.
 * Where the marker stands, and the next index.
 */
export function readBlock(
  bytes: Uint8Array,
  at: number,
  table: HuffmanTable,
  coefficients: Int32Array,
  next: number,
): { at: number; next: number } {
  const reader = new BitReader(bytes, at)
  let index = next
  while (!reader.isAtEnd()) {
    const symbol = reader.symbol(table)
    if (symbol >= 107 && symbol <= 254) put(symbol - 180)
    else if (symbol >= 1 && symbol <= 100) skip(symbol)
    else if (symbol === 101) put(reader.number(8))
    else if (symbol === 102) put(-reader.number(8))
    else if (symbol === 103) put(reader.number(16))
    else if (symbol === 104) put(-reader.number(16))
    else if (symbol === 105) skip(reader.number(8))
    else if (symbol === 106) skip(reader.number(16))
    else throw unreadable('the coefficients of the WSQ image are damaged')
  }
  return { at: reader.at, next: index }

  function put(value: number): void {
    skip(1)
    coefficients[index - 1] = value
  }
  function skip(zeros: number): void {
    index += zeros
    if (index > coefficients.length) throw unreadable('the WSQ image holds more than its size says')
  }
}
