/**
 * `npm run -s bench -- speed`: how fast extraction, comparison and search are on one thread, over all fvc
 * sets (DESIGN § 4.6).
 */
import { comparePrepared, prepare } from '../../src/finger/compare/compare.ts'
import { extract } from '../../src/finger/template/extract.ts'
import { ImageReader, listSets, yearOf } from './dataset.ts'
import { quantile } from './metrics.ts'

export interface SpeedOptions {
  readonly data: string
  readonly print: (line: Record<string, string | number>) => void
  readonly progress: (text: string) => void
}

const COMPARISONS = 100_000

export async function speed({ data, print, progress }: SpeedOptions): Promise<void> {
  const reader = new ImageReader(data)
  const images = [...listSets(data).values()].flat().filter(({ set }) => yearOf(set) !== undefined)
  const extractMs: number[] = []
  const prints = images.flatMap(image => {
    progress(`extracting ${image.set} ${image.finger}_${image.impression}`)
    const frame = reader.read(image)
    const startMs = performance.now()
    const { template } = extract(frame)
    extractMs.push(performance.now() - startMs)
    return [{ image, prepared: prepare(template) }]
  })
  progress('comparing')
  // Pairs of different sets are impostors, all but FVC2000's DB1 and DB2.
  const pairs = prints.flatMap((a, index) =>
    prints
      .slice(index + 1)
      .filter(b => a.image.finger !== b.image.finger)
      .map(b => [a.prepared, b.prepared] as const),
  )
  const stride = Math.max(1, Math.floor(pairs.length / COMPARISONS))
  const sample = pairs.filter((_, index) => index % stride === 0)
  const startMs = performance.now()
  for (const [a, b] of sample) comparePrepared(a, b)
  const comparisonsPerSecond = Math.round((1000 * sample.length) / (performance.now() - startMs))
  print({
    extractMsMedian: quantile(extractMs, 0.5),
    extractMsP95: quantile(extractMs, 0.95),
    comparisonsPerSecond,
    rssMiB: Math.round(process.memoryUsage.rss() / (1 << 20)),
  })
}
