import { deflateSync, inflateSync } from 'node:zlib'
import { crc32 } from '../../src/finger/image/crc32.ts'
import type { Random } from '../../src/finger/synthetic/random.ts'
import type { Kind } from './seed-files.ts'

/** Numbers that length fields go wrong at. */
const EXTREMES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff] as const
const CHANGES_MAX = 3

/** A damaged copy: bits, bytes and numbers changed, pieces cut, doubled, or taken from `other`. */
export function damage(bytes: Uint8Array, other: Uint8Array, kind: Kind, random: Random): Uint8Array {
  if (kind !== 'image PNG') return change(bytes, other, random)
  // Behind wrong checksums nothing would ever be tried: change what they protect, then set them right.
  if (random.below(2) === 0) return mendChecksums(change(bytes, other, random))
  return withRows(bytes, rows => change(rows, other, random))
}

function change(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const below = (limit: number) => random.below(limit)
  let copy: Uint8Array = Uint8Array.from(bytes)
  const changes = 1 + below(CHANGES_MAX)
  for (let i = 0; i < changes && copy.length > 8; i++) {
    // Headers decide the most: half of the changes go there.
    const at = below(random.uniform() < 0.5 ? Math.min(copy.length, 100) : copy.length)
    switch (below(8)) {
      case 0:
        copy[at] ^= 1 << below(8)
        break
      case 1:
      case 2:
        copy[at] = below(256)
        break
      case 3:
        new DataView(copy.buffer).setUint16(Math.min(at, copy.length - 2), EXTREMES[below(EXTREMES.length)])
        break
      case 4:
        new DataView(copy.buffer).setUint32(Math.min(at, copy.length - 4), EXTREMES[below(EXTREMES.length)])
        break
      case 5:
        copy = copy.slice(0, copy.length - below(Math.min(copy.length, 40)))
        break
      case 6: {
        const piece = copy.subarray(at, at + below(64))
        copy = new Uint8Array(Buffer.concat([copy.subarray(0, at), piece, copy.subarray(at)]))
        break
      }
      default: {
        const from = below(other.length)
        const piece = other.subarray(from, from + Math.min(below(64), copy.length - at))
        copy.set(piece, at)
      }
    }
  }
  return copy
}

/** The PNG with its unpacked rows changed and packed again; it has one IDAT chunk. */
function withRows(png: Uint8Array, edit: (rows: Uint8Array) => Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  let at = 8
  while (String.fromCharCode(...png.subarray(at + 4, at + 8)) !== 'IDAT') at += 12 + view.getUint32(at)
  const end = at + 8 + view.getUint32(at)
  const packed = deflateSync(edit(inflateSync(png.subarray(at + 8, end))))
  const mended = new Uint8Array(Buffer.concat([png.subarray(0, at + 8), packed, png.subarray(end)]))
  new DataView(mended.buffer).setUint32(at, packed.length)
  return mendChecksums(mended)
}

function mendChecksums(png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  for (let at = 8; at + 12 <= png.length; ) {
    const end = at + 8 + view.getUint32(at)
    if (end + 4 > png.length) return png
    view.setUint32(end, crc32(png.subarray(at + 4, end)))
    at = end + 4
  }
  return png
}
