import { KioskError } from '../../base/errors.ts'
import type { Quality } from '../../finger/engine.ts'
import { decodeImage, isImage } from '../../finger/image/decode.ts'
import { decodeFir } from '../../finger/image/decode-fir.ts'
import { isFir } from '../../finger/image/fir.ts'
import type { Frame } from '../../finger/image/frame.ts'
import { IMAGE_BYTES_MAX } from '../../finger/image/limits.ts'
import { extract } from '../../finger/template/extract.ts'
import { isInterchange, readInterchange } from '../../finger/template/interchange.ts'
import type { Template } from '../../finger/template/template.ts'
import { readInput } from '../files.ts'
import type { ImageOptions } from './image-options.ts'

/** An image file as a frame: PNG, PGM, BMP, raw, or the first image of a finger image record. Errors name the file. */
export async function readFrame(file: string, options: ImageOptions): Promise<Frame> {
  const bytes = await readInput(file, IMAGE_BYTES_MAX)
  return named(file, () => frameOf(bytes, options))
}

/** The template in a file, or of the image in it: told apart by content. Of a record, its first finger. */
export async function readTemplate(file: string, options: ImageOptions): Promise<Template> {
  const bytes = await readInput(file, IMAGE_BYTES_MAX)
  return named(file, () => templateOf(bytes, options))
}

/** As `readTemplate`; undefined for a file that is neither image nor template. */
export async function readIfFinger(file: string, options: ImageOptions): Promise<Template | undefined> {
  const bytes = await readInput(file, IMAGE_BYTES_MAX)
  const isFinger = isInterchange(bytes) || isImage(bytes) || isFir(bytes) || options.raw !== undefined
  return isFinger ? named(file, () => templateOf(bytes, options)) : undefined
}

async function templateOf(bytes: Uint8Array, options: ImageOptions): Promise<Template> {
  if (isInterchange(bytes)) return readInterchange(bytes).views[0].template
  return extract(await frameOf(bytes, options)).template
}

async function frameOf(bytes: Uint8Array, options: ImageOptions): Promise<Frame> {
  return isFir(bytes) ? (await decodeFir(bytes))[0].frame : decodeImage(bytes, options)
}

/** Template and quality of the image in a file, and the milliseconds from its bytes to them. */
export async function extractFile(
  file: string,
  options: ImageOptions,
): Promise<{ template: Template; quality: Quality; elapsedMs: number }> {
  const bytes = await readInput(file, IMAGE_BYTES_MAX)
  return named(file, async () => {
    const startMs = performance.now()
    const result = extract(await frameOf(bytes, options))
    return { ...result, elapsedMs: elapsedSince(startMs) }
  })
}

/** In tenths. */
export function elapsedSince(startMs: number): number {
  return Math.round((performance.now() - startMs) * 10) / 10
}

/** What is thrown about these bytes says which file they came from. */
export async function named<Result>(file: string, run: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof KioskError)) throw error
    throw new KioskError(error.code, { file, ...error.details }, { cause: error })
  }
}
