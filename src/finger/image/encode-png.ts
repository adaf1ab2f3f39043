import { strict as assert } from 'node:assert'
import { deflateSync } from 'node:zlib'
import { crc32 } from './crc32.ts'
import { PNG_SIGNATURE } from './png.ts'

export interface PngPixels {
  readonly widthPx: number
  readonly heightPx: number
  /** One byte a pixel (grey) or three (red, green, blue), row by row from the top left. */
  readonly pixels: Uint8Array
  /** Written into the file where given, in whole dots a metre (500 dpi reads back as 500). */
  readonly resolutionDpi?: number
}

/** A PNG file: 8-bit grey or RGB, by how many bytes there are. A `Frame` fits. Lossless. */
export function encodePng(image: PngPixels): Uint8Array {
  const { widthPx, heightPx, pixels, resolutionDpi } = image
  const channels = pixels.length / (widthPx * heightPx)
  assert(channels === 1 || channels === 3)
  const header = new DataView(new ArrayBuffer(13))
  header.setUint32(0, widthPx)
  header.setUint32(4, heightPx)
  header.setUint8(8, 8)
  header.setUint8(9, channels === 1 ? 0 : 2)

  const rowBytes = widthPx * channels
  const rows = new Uint8Array(heightPx * (rowBytes + 1))
  for (let y = 0; y < heightPx; y++) {
    const above = y === 0 ? undefined : pixels.subarray((y - 1) * rowBytes, y * rowBytes)
    filterUp(pixels.subarray(y * rowBytes, (y + 1) * rowBytes), above, rows, y * (rowBytes + 1))
  }
  const parts = [Uint8Array.from(PNG_SIGNATURE), chunk('IHDR', new Uint8Array(header.buffer))]
  if (resolutionDpi !== undefined) parts.push(chunk('pHYs', physicalSize(resolutionDpi)))
  parts.push(chunk('IDAT', deflateSync(rows)), chunk('IEND', new Uint8Array(0)))
  return new Uint8Array(Buffer.concat(parts))
}

/** Filter 2, "less the row above": ridges change slowly downwards, and no choice has to be made. */
function filterUp(row: Uint8Array, above: Uint8Array | undefined, out: Uint8Array, at: number): void {
  out[at] = 2
  for (let i = 0; i < row.length; i++) out[at + 1 + i] = row[i] - (above?.[i] ?? 0)
}

function physicalSize(resolutionDpi: number): Uint8Array {
  const body = new DataView(new ArrayBuffer(9))
  const dotsPerMetre = Math.round(resolutionDpi / 0.0254)
  body.setUint32(0, dotsPerMetre)
  body.setUint32(4, dotsPerMetre)
  body.setUint8(8, 1)
  return new Uint8Array(body.buffer)
}

/** length | type | data | CRC-32 of type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, data.length)
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i)
  bytes.set(data, 8)
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)))
  return bytes
}
