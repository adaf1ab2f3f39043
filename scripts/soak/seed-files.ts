import { encode } from 'fast-png'
import { encodeJpeg2000, recordWith } from '../../hal/sim/finger-records.ts'
import { encodePng } from '../../src/finger/image/encode-png.ts'
import { type FirView, writeFir } from '../../src/finger/image/fir.ts'
import type { Frame } from '../../src/finger/image/frame.ts'
import { syntheticFinger } from '../../src/finger/synthetic/finger.ts'
import { impression } from '../../src/finger/synthetic/impression.ts'
import { packTemplate } from '../../src/finger/template/at-rest.ts'
import { extract } from '../../src/finger/template/extract.ts'
import { writeInterchange } from '../../src/finger/template/interchange.ts'
import { bmpFile } from '../../test/finger/image/bmp-file.ts'
import { writeWsq } from '../../test/finger/image/wsq-writer.ts'
import { iso2011Record } from '../../test/finger/template/iso2011-record.ts'

export type Kind =
  | 'template at rest'
  | 'template record'
  | 'image PNG'
  | 'image PGM'
  | 'image BMP'
  | 'image WSQ'
  | 'image record'
  | 'image record with JPEG 2000'

/** An undamaged file, and how often it is taken, of a thousand times. */
export interface SeedFile {
  readonly kind: Kind
  readonly share: number
  readonly bytes: Uint8Array
}

/** Small images: what breaks a decoder stands in headers and tables, not in the thousandth row. */
const SIDE_PX = 72

/** At least one file of every kind that we read. The first is a template at rest. */
export async function seedFiles(): Promise<readonly SeedFile[]> {
  const finger = impression(syntheticFinger(1), { seed: 1 })
  const { template, quality } = extract(finger)
  const patch = middleOf(finger)
  const view: FirView = { position: 2, impression: 0, quality: 60, frame: patch }
  const templateView = { position: 2, impression: 0, quality: quality.score, template }
  const jpeg2000 = await encodeJpeg2000(patch.pixels, { widthPx: SIDE_PX, heightPx: SIDE_PX, channels: 1 })
  const wsq = writeWsq(patch, { binWidth: 1000, ppi: 500 })
  const rgba = Uint8Array.from({ length: 4 * patch.pixels.length }, (_, i) => patch.pixels[i >> 2])
  const colour = { width: SIDE_PX, height: SIDE_PX, data: rgba, channels: 4 }
  const words = Uint16Array.from(patch.pixels, level => level * 257)
  const deep = { width: SIDE_PX, height: SIDE_PX, data: words, depth: 16 as const, channels: 1 }
  return [
    { kind: 'template at rest', share: 200, bytes: packTemplate(template) },
    { kind: 'template record', share: 100, bytes: writeInterchange(templateView, 'iso2005') },
    {
      kind: 'template record',
      share: 100,
      bytes: writeInterchange([templateView, templateView], 'ansi2004'),
    },
    { kind: 'template record', share: 100, bytes: iso2011Record(false, 6) },
    { kind: 'template record', share: 100, bytes: iso2011Record(true, 5) },
    { kind: 'image PNG', share: 60, bytes: encodePng(patch) },
    { kind: 'image PNG', share: 40, bytes: encode(colour, { interlace: 'Adam7' }) },
    { kind: 'image PNG', share: 40, bytes: encode(deep) },
    { kind: 'image PGM', share: 40, bytes: pgm(patch) },
    { kind: 'image BMP', share: 40, bytes: bmpFile(8, false) },
    { kind: 'image BMP', share: 40, bytes: bmpFile(32, true) },
    { kind: 'image WSQ', share: 20, bytes: wsq },
    { kind: 'image record', share: 60, bytes: writeFir([view, view], 'none') },
    { kind: 'image record', share: 30, bytes: writeFir([view, view], 'png') },
    { kind: 'image record', share: 10, bytes: recordWith(view, 'wsq', wsq) },
    { kind: 'image record with JPEG 2000', share: 20, bytes: recordWith(view, 'jpeg2000', jpeg2000) },
  ]
}

function middleOf(frame: Frame): Frame {
  const left = (frame.widthPx - SIDE_PX) >> 1
  const top = (frame.heightPx - SIDE_PX) >> 1
  const pixels = Uint8Array.from({ length: SIDE_PX * SIDE_PX }, (_, i) => {
    const [x, y] = [i % SIDE_PX, Math.floor(i / SIDE_PX)]
    return frame.pixels[(top + y) * frame.widthPx + left + x]
  })
  return { widthPx: SIDE_PX, heightPx: SIDE_PX, resolutionDpi: frame.resolutionDpi, pixels }
}

function pgm({ widthPx, heightPx, pixels }: Frame): Uint8Array {
  return new Uint8Array(Buffer.concat([Buffer.from(`P5\n${widthPx} ${heightPx}\n255\n`), pixels]))
}
