/** Every image of a set with its quality, and the scores of all pairs: what utility is measured on. */
import { KioskError } from '../../src/base/errors.ts'
import { comparePrepared, prepare } from '../../src/finger/compare/compare.ts'
import type { Quality } from '../../src/finger/engine.ts'
import { extract } from '../../src/finger/template/extract.ts'
import { type ImageReader, isSameFinger, type SetImage } from './dataset.ts'

export interface Pair {
  /** Indices of the two images. */
  readonly a: number
  readonly b: number
  readonly score: number
  readonly genuine: boolean
}

export interface Samples {
  /** Undefined where extraction refused the image: its pairs score 0. */
  readonly qualities: readonly (Quality | undefined)[]
  readonly pairs: readonly Pair[]
}

export function samplesOf(images: readonly SetImage[], reader: ImageReader): Samples {
  const samples = images.map(image => {
    try {
      const { template, quality } = extract(reader.read(image))
      return { quality, prepared: prepare(template) }
    } catch (error) {
      if (error instanceof KioskError) return undefined
      throw error
    }
  })
  const pairs: Pair[] = []
  for (let a = 0; a < images.length; a++) {
    for (let b = a + 1; b < images.length; b++) {
      const first = samples[a]
      const second = samples[b]
      const score = first && second ? comparePrepared(first.prepared, second.prepared).score : 0
      pairs.push({ a, b, score, genuine: isSameFinger(images[a], images[b]) })
    }
  }
  return { qualities: samples.map(sample => sample?.quality), pairs }
}
