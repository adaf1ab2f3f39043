/**
 * `npm run -s bench -- speed`: how fast extraction, comparison and search are on one thread, over all fvc
 * sets (DESIGN § 4.6). Extraction judges the quality in the same pass, so its time includes that.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { KioskError } from '../../src/base/errors.ts'
import { comparePrepared, type Prepared, prepare } from '../../src/finger/compare/compare.ts'
import { extract } from '../../src/finger/template/extract.ts'
import type { Template } from '../../src/finger/template/template.ts'
import { ImageReader, isSameFinger, listSets, type SetImage, yearOf } from './dataset.ts'
import { quantile } from './metrics.ts'
import { SearchBench } from './prefilter.ts'

export interface SpeedOptions {
  readonly data: string
  readonly print: (line: Record<string, string | number>) => void
  readonly progress: (text: string) => void
}

type Print = { readonly image: SetImage; readonly template: Template; readonly prepared: Prepared }

const COMPARISONS = 100_000
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
  // Before a hundred thousand templates fill the memory.
  const { firstMs, verifiedMs } = firstResults(images[0].path, images[1].path)
  progress('searching')
  print({
    extractMsMedian: hundredths(quantile(extractMs, 0.5)),
    extractMsP95: hundredths(quantile(extractMs, 0.95)),
    // The one pass gives both; nobody pays for quality apart.
    qualityMsMedian: hundredths(quantile(extractMs, 0.5)),
    comparisonsPerSecond: Math.round(rate),
    ...searches(prints, progress),
    firstResultMs: hundredths(firstMs),
    firstVerificationMs: hundredths(verifiedMs),
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

function searches(prints: readonly Print[], progress: (text: string) => void): Record<string, number> {
  const bench = new SearchBench(prints, progress)
  bench.fillTo(GALLERY_SIZE)
  const { msMedian, hitRate } = bench.search()
  return {
    prefilterGallerySize: bench.gallery.size,
    prefilterMsMedian: hundredths(msMedian),
    prefilterHitRate: Math.round(10_000 * hitRate) / 10_000,
  }
}

/**
 * From `import` of the built library to the first template, and on to the first comparison of two images, in a process
 * of its own; each the best of five.
 */
function firstResults(first: string, second: string): { firstMs: number; verifiedMs: number } {
  const root = join(import.meta.dirname, '../..')
  execFileSync(join(root, 'scripts/build'))
  const program = `
    const { readFileSync } = await import('node:fs')
    const startMs = performance.now()
    const { compare, decodeImage, extract } = await import(process.argv[1])
    const { template } = extract(decodeImage(readFileSync(process.argv[2])))
    const firstMs = performance.now() - startMs
    compare(template, extract(decodeImage(readFileSync(process.argv[3]))).template)
    const verifiedMs = performance.now() - startMs
    // Not by itself: Node may wait for ever for its compilers (nodejs/node#54918).
    process.stdout.write(JSON.stringify({ firstMs, verifiedMs }), () => process.exit(0))`
  const library = pathToFileURL(join(root, 'dist/finger.js')).href
  const words = ['--input-type=module', '-e', program, library, first, second]
  const runs = Array.from(
    { length: 5 },
    () =>
      JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' })) as {
        firstMs: number
        verifiedMs: number
      },
  )
  return {
    firstMs: Math.min(...runs.map(({ firstMs }) => firstMs)),
    verifiedMs: Math.min(...runs.map(({ verifiedMs }) => verifiedMs)),
  }
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100
}
