import { KioskError } from '../../base/errors.ts'
import { checkFrameSize } from './decode.ts'
import { COMPRESSION, type FirRepresentation, type FirView, readFir } from './fir.ts'
import { readJpeg2000 } from './jpeg2000.ts'
import type { Raster } from './limits.ts'
import { unreadable } from './limits.ts'
import { readPng } from './png.ts'
import { readWsq } from './wsq.ts'

/**
 * Every image of a finger image record (ISO/IEC 19794-4:2011) as a frame. Uncompressed, WSQ, JPEG 2000 and PNG;
 * JPEG is refused: its blocks cut through ridges, and the standard itself advises against it at 500 dpi.
 *
 * Rejects with `image/unreadable`, `image/too-large` or `image/too-small`. A promise, because JPEG 2000 has to load
 * its decoder first.
 */
export async function decodeFir(bytes: Uint8Array): Promise<readonly FirView[]> {
  const views: FirView[] = []
  for (const representation of readFir(bytes)) {
    const { position, impression, quality, resolutionDpi, widthPx, heightPx } = representation
    const raster = await readData(representation)
    if (raster.widthPx !== widthPx || raster.heightPx !== heightPx)
      throw unreadable('its image is of another size than the record says')
    const frame = { widthPx, heightPx, resolutionDpi, pixels: raster.pixels }
    checkFrameSize(frame)
    views.push({ position, impression, quality, frame })
  }
  return views
}

async function readData({ compression, data, widthPx, heightPx }: FirRepresentation): Promise<Raster> {
  switch (compression) {
    case COMPRESSION.none:
    case COMPRESSION.packed:
      if (data.length !== widthPx * heightPx)
        throw unreadable('its image has another length than its size needs')
      return { widthPx, heightPx, pixels: Uint8Array.from(data) }
    case COMPRESSION.jpeg2000Lossy:
    case COMPRESSION.jpeg2000:
      return readJpeg2000(data)
    case COMPRESSION.wsq:
      return readWsq(data)
    case COMPRESSION.png:
      return readPng(data)
    case COMPRESSION.jpeg:
      throw unreadable('its image is a JPEG, which is not good enough for ridges')
    default:
      throw new KioskError('image/unreadable', {
        why: 'its image is compressed in an unknown way',
        compression,
      })
  }
}
