import { readFile, stat } from 'node:fs/promises'
import { KioskError } from '../../../src/base/errors.ts'
import { decodeImage } from '../../../src/finger/image/decode.ts'
import { PICTURE_HEIGHT_DOTS_MAX, type Picture } from '../../ports/receipt-printer.ts'

const FILE_BYTES_MAX = 1 << 20
/** Darker than this is ink. */
const INK_GREY_MAX = 127

/** A picture file (PNG, PGM, BMP) as dots, one a pixel. Rejects with `config/bad-value` for one that is none or too large. */
export async function readLogo(file: string, widthDotsMax: number): Promise<Picture> {
  const bad = (problem: string, cause?: unknown) =>
    new KioskError('config/bad-value', { where: 'logo', file, problem }, { cause })
  const bytes = await stat(file)
    .then(({ size }) => (size <= FILE_BYTES_MAX ? readFile(file) : Promise.reject(new Error('too large'))))
    .catch((cause: unknown) => {
      throw bad('cannot be read', cause)
    })
  let picture: Picture
  try {
    const { widthPx, pixels } = decodeImage(bytes)
    picture = { widthDots: widthPx, dots: pixels.map(grey => (grey <= INK_GREY_MAX ? 1 : 0)) }
  } catch (cause) {
    if (cause instanceof KioskError) throw bad(cause.message, cause)
    throw cause
  }
  if (picture.widthDots > widthDotsMax || picture.dots.length / picture.widthDots > PICTURE_HEIGHT_DOTS_MAX)
    throw bad(`must be at most ${widthDotsMax} × ${PICTURE_HEIGHT_DOTS_MAX} dots`)
  return picture
}
