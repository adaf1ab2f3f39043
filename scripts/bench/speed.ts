/**
 * `npm run -s bench -- speed`: how fast extraction, comparison and search are on one thread, over all fvc
 * sets (DESIGN § 4.6). Extraction judges the quality in the same pass, so its time includes that.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { KioskError } from '../../src/base/errors.ts'
import { comparePrepared, type Prepared, prepare } from '../../src/finger/compare/compare.ts'
import type { SearchResult } from '../../src/finger/engine.ts'
import { Gallery } from '../../src/finger/prefilter/gallery.ts'
import { extract } from '../../src/finger/template/extract.ts'
import type { Template } from '../../src/finger/template/template.ts'
import { ImageReader, isSameFinger, listSets, type SetImage, yearOf } from './dataset.ts'
import { filler } from './fillers.ts'
import { quantile } from './metrics.ts'

export interface SpeedOptions {
  readonly data: string
  readonly print: (line: Record<string, string | number>) => void
  readonly progress: (text: string) => void
}

type Print = { readonly image: SetImage; readonly template: Template; readonly prepared: Prepared }

const COMPARISONS = 100_000
const SEARCHES_MAX = 200
const GALLERY_SIZE = 100_000

export async function speed({ data, print, progress }: SpeedOptions): Promise<void> {
  const reader = new ImageReader(data)
  const images = [...listSets(data).values()].flat().filter(({ set }) => yearOf(set) !== undefined)
  const extractMs: number[] = []
  const prints: Print[] = images.flatMap(image => {
    progress(`extracting ${image.set} ${image.finger}_${image.impression}`)
    const frame = reader.read(image)
    const startMs = performance.now()
    try {
      const { template } = extract(frame)
      extractMs.push(performance.now() - startMs)
      return [{ image, template, prepared: prepare(template) }]
    } catch (error) {
      if (error instanceof KioskError) return []
      throw error
    }
  })
  progress('comparing')
  const rate = comparisonsPerSecond(prints)
  progress('searching')
  print({
    extractMsMedian: hundredths(quantile(extractMs, 0.5)),
    extractMsP95: hundredths(quantile(extractMs, 0.95)),
    // The one pass gives both; nobody pays for quality apart.
    qualityMsMedian: hundredths(quantile(extractMs, 0.5)),
    comparisonsPerSecond: Math.round(rate),
    ...searches(prints, progress),
    firstResultMs: hundredths(firstResultMs(images[0].path)),
    rssMiB: Math.round(process.memoryUsage.rss() / (1 << 20)),
  })
}

/** Random impostors, each probe against many, as a search does it. */
function comparisonsPerSecond(prints: readonly Print[]): number {
  const pairs = prints.flatMap((a, index) =>
    prints
      .slice(index + 1)
      .filter(b => !isSameFinger(a.image, b.image))
      .map(b => [a.prepared, b.prepared] as const),
  )
  const stride = Math.max(1, Math.floor(pairs.length / COMPARISONS))
  const sample = pairs.filter((_, index) => index % stride === 0)
  const startMs = performance.now()
  for (const [a, b] of sample) comparePrepared(a, b)
  return (1000 * sample.length) / (performance.now() - startMs)
}

/**
 * Impression 1 of every real finger, and fillers, are the gallery; other impressions probe, those whose mate comes
 * first where every real finger is compared. A hit: the mate is among what the search found.
 */
function searches(prints: readonly Print[], progress: (text: string) => void): Record<string, number> {
  const gallery = new Gallery()
  const idOf = ({ set, finger }: SetImage): string => `${set}/${finger}`
  const first = prints.filter(({ image }) => image.impression === '1')
  for (const { image, template } of first) gallery.add(idOf(image), template)
  const isFirst = ({ image, template }: Print): boolean =>
    isMate(gallery.search(template, { limit: 1 }), image)
  const isMate = ({ candidates }: SearchResult, image: SetImage): boolean =>
    candidates.some(({ id }) =>
      first.some(other => idOf(other.image) === id && isSameFinger(other.image, image)),
    )
  const probes = prints.filter(print => print.image.impression !== '1' && isFirst(print))
  const real = first.map(({ template }) => template)
  for (let seed = 0; gallery.size < GALLERY_SIZE; seed++) {
    if (seed % 1000 === 0) progress(`filling the gallery: ${gallery.size} of ${GALLERY_SIZE}`)
    gallery.add(`filler/${seed}`, filler(real, seed))
  }
  const stride = Math.max(1, Math.floor(probes.length / SEARCHES_MAX))
  const searchMs: number[] = []
  let hits = 0
  for (const { image, template } of probes.filter((_, index) => index % stride === 0)) {
    progress(`searching ${image.set} ${image.finger}_${image.impression}`)
    const startMs = performance.now()
    const result = gallery.search(template)
    searchMs.push(performance.now() - startMs)
    if (isMate(result, image)) hits++
  }
  return {
    prefilterGallerySize: gallery.size,
    prefilterMsMedian: hundredths(quantile(searchMs, 0.5)),
    prefilterHitRate: Math.round((10_000 * hits) / searchMs.length) / 10_000,
    prefilterMiB: Math.round(gallery.bytes / (1 << 20)),
  }
}

/** From `import` of the built library to the first template, in a process of its own; the best of five. */
function firstResultMs(image: string): number {
  const root = join(import.meta.dirname, '../..')
  execFileSync(join(root, 'scripts/build'))
  const program = `
    const { readFileSync } = await import('node:fs')
    const startMs = performance.now()
    const { decodeImage, extract } = await import(process.argv[1])
    extract(decodeImage(readFileSync(process.argv[2])))
    const ms = performance.now() - startMs
    // Not by itself: Node may wait for ever for its compilers (nodejs/node#54918).
    process.stdout.write(String(ms), () => process.exit(0))`
  const words = [
    '--input-type=module',
    '-e',
    program,
    pathToFileURL(join(root, 'dist/finger.js')).href,
    image,
  ]
  const runs = Array.from({ length: 5 }, () =>
    Number(execFileSync(process.execPath, words, { encoding: 'utf8' })),
  )
  return Math.min(...runs)
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100
}
