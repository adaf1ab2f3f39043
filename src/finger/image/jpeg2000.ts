/**
 * JPEG 2000 (ISO/IEC 15444-1), a bare codestream or in a JP2 file: 8-bit grey or colour, to grey. Decoded by
 * OpenJPEG in WebAssembly; sizes are read and judged here first.
 *
 *     JP2:        boxes { length u32 (1: u64 follows; 0: to the end) | type 4 chars | … }; 'jp2c' holds the codestream
 *     codestream: FF4F | FF51 length u16, capabilities u16, size X u32, Y u32, origin X u32, Y u32,
 *                 tile size X u32, Y u32, tile origin X u32, Y u32, components u16,
 *                 per component { bits − 1 u8, step X u8, Y u8 } | …
 */
import type { OpenJpeg } from '@cornerstonejs/codec-openjpeg/decodewasmjs'
import { ByteReader } from './byte-reader.ts'
import { checkSize, type Raster, unreadable } from './limits.ts'
import { luminance } from './png.ts'

/** An honest scan has one tile; each costs the decoder memory before it has seen any. */
const TILES_MAX = 64
const BOXES_MAX = 100

/** Rejects with `image/unreadable`, `image/too-large` or `image/too-small`. */
export async function readJpeg2000(bytes: Uint8Array): Promise<Raster> {
  const channels = checkHeader(codestreamIn(bytes))
  const openJpeg = await loadOpenJpeg()
  const decoder = new openJpeg.J2KDecoder()
  try {
    decoder.getEncodedBuffer(bytes.length).set(bytes)
    decoder.decode()
    const { width, height, bitsPerSample, componentCount } = decoder.getFrameInfo()
    const samples = decoder.getDecodedBuffer()
    if (bitsPerSample !== 8 || componentCount !== channels || samples.length !== width * height * channels)
      throw unreadable('the JPEG 2000 image is damaged')
    const pixels = new Uint8Array(width * height)
    for (let i = 0; i < pixels.length; i++)
      pixels[i] =
        channels === 1 ? samples[i] : luminance(samples[3 * i], samples[3 * i + 1], samples[3 * i + 2])
    return { widthPx: width, heightPx: height, pixels }
  } finally {
    decoder.delete()
  }
}

/**
 * A module for one image. WebAssembly gives memory back only as a whole, and what was once in it stays in it: a large
 * image its room, and a finger its ridges.
 */
async function loadOpenJpeg(): Promise<OpenJpeg> {
  const { default: load } = await import('@cornerstonejs/codec-openjpeg/decodewasmjs')
  // What OpenJPEG has to say about an image is for its developers; the result says whether it worked.
  return await load({ print() {}, printErr() {} })
}

/** A reader that stands after the codestream's first marker. */
function codestreamIn(bytes: Uint8Array): ByteReader {
  const reader = new ByteReader(bytes, why => unreadable(`the JPEG 2000 image: ${why}`))
  if (bytes[0] === 0xff && bytes[1] === 0x4f) {
    reader.skip(2)
    return reader
  }
  for (let box = 0; box < BOXES_MAX; box++) {
    const start = reader.at
    let length = reader.u32()
    const type = String.fromCharCode(...reader.slice(4))
    if (length === 1) {
      if (reader.u32() !== 0) break
      length = reader.u32()
    }
    if (type === 'jp2c') {
      if (reader.u16() !== 0xff4f) break
      return reader
    }
    if (length < 8) break
    reader.at = start
    reader.skip(length)
  }
  throw unreadable('it holds no JPEG 2000 image')
}

/** How many channels the image has; refuses what is too large or of another kind. */
function checkHeader(reader: ByteReader): number {
  if (reader.u16() !== 0xff51) throw unreadable('the JPEG 2000 image has no size')
  reader.skip(4)
  const [sizeX, sizeY, originX, originY] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()]
  const [tileX, tileY] = [reader.u32(), reader.u32()]
  reader.skip(8)
  checkSize(sizeX - originX, sizeY - originY)
  // The origin counts too: the decoder's grid begins at zero.
  checkSize(sizeX, sizeY)
  if (tileX === 0 || tileY === 0 || Math.ceil(sizeX / tileX) * Math.ceil(sizeY / tileY) > TILES_MAX)
    throw unreadable('the JPEG 2000 image has too many tiles')
  const channels = reader.u16()
  if (channels !== 1 && channels !== 3) throw unreadable('the JPEG 2000 image is neither grey nor RGB')
  for (let channel = 0; channel < channels; channel++)
    if (reader.u8() !== 7 || reader.u8() !== 1 || reader.u8() !== 1)
      throw unreadable('the JPEG 2000 image does not have 8 bits a pixel')
  return channels
}
