/** Finger image records with compressed images inside, as scanners deliver them; the kiosk itself only reads such. */
import loadOpenJpeg from '@cornerstonejs/codec-openjpeg/wasmjs'
import { COMPRESSION, type FirView, writeFir } from '../../src/finger/image/fir.ts'

/** A record of one image, `compressed` in the place of its pixels. */
export function recordWith(
  view: FirView,
  compression: keyof typeof COMPRESSION,
  compressed: Uint8Array,
): Uint8Array {
  const plain = writeFir([view], 'none')
  const headBytes = plain.length - view.frame.pixels.length
  const record = new Uint8Array(headBytes + compressed.length)
  record.set(plain.subarray(0, headBytes))
  record.set(compressed, headBytes)
  const fields = new DataView(record.buffer)
  fields.setUint32(8, record.length)
  fields.setUint32(16, record.length - 16)
  fields.setUint8(headBytes - 10, COMPRESSION[compression])
  fields.setUint32(headBytes - 4, compressed.length)
  return record
}

/** What MOSIP asks of scanners for registration: lossless JPEG 2000. */
export async function jpeg2000Record(view: FirView): Promise<Uint8Array> {
  const { widthPx, heightPx, pixels } = view.frame
  return recordWith(view, 'jpeg2000', await encodeJpeg2000(pixels, { widthPx, heightPx, channels: 1 }))
}

let loading: ReturnType<typeof loadOpenJpeg> | undefined

/** Lossless, a bare codestream. `channels` 3: red, green, blue for every pixel. */
export async function encodeJpeg2000(
  pixels: Uint8Array,
  size: { widthPx: number; heightPx: number; channels: number },
): Promise<Uint8Array> {
  loading ??= loadOpenJpeg({ print() {}, printErr() {} })
  const { J2KEncoder } = await loading
  const encoder = new J2KEncoder()
  try {
    encoder
      .getDecodedBuffer({
        width: size.widthPx,
        height: size.heightPx,
        bitsPerSample: 8,
        componentCount: size.channels,
        isSigned: false,
      })
      .set(pixels)
    encoder.setQuality(true, 0)
    encoder.encode()
    return Uint8Array.from(encoder.getEncodedBuffer())
  } finally {
    encoder.delete()
  }
}
