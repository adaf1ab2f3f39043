/**
 * `npm run -s bench -- accuracy`: error rates of extraction and comparison together, set by set
 * (DESIGN § 4.6). Nothing is kept between runs, and a score depends on its two images alone.
 */
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { KioskError } from '../../src/base/errors.ts'
import { comparePrepared, type Prepared, prepare } from '../../src/finger/compare/compare.ts'
import { extract } from '../../src/finger/template/extract.ts'
import { ImageReader, isSameFinger, listSets, type SetImage, yearOf } from './dataset.ts'
import { mean, rankOf, type Verification, verification } from './metrics.ts'

export interface AccuracyOptions {
  readonly data: string
  readonly sets?: readonly string[]
  /** Where the scores go as CSV: `probe,gallery,score,genuine`. */
  readonly out?: string
  readonly print: (line: Record<string, string | number>) => void
  readonly progress: (text: string) => void
}

/** One image with its template; without one where the engine refused the image. */
export type Print = SetImage & { readonly prepared?: Prepared }
export type Compare = (a: Print, b: Print) => number

/** A refused image keeps its pairs, at score 0. */
export const scoreOf: Compare = (a, b) =>
  a.prepared === undefined || b.prepared === undefined ? 0 : comparePrepared(a.prepared, b.prepared).score

export async function accuracy(options: AccuracyOptions): Promise<void> {
  const reader = new ImageReader(options.data)
  const csv = options.out === undefined ? undefined : createWriteStream(options.out)
  csv?.write('probe,gallery,score,genuine\n')
  const years = new Map<string, { prints: Print[]; results: SetResult[] }>()
  const results = new Map<string, SetResult>()
  for (const [set, images] of listSets(options.data, options.sets)) {
    // Without a genuine and an impostor pair there are no rates.
    const fingers = new Set(images.map(({ finger }) => finger)).size
    if (fingers < 2 || fingers === images.length) continue
    const prints = images.map(image => {
      options.progress(`extracting ${set} ${image.finger}_${image.impression}`)
      return printOf(image, reader)
    })
    options.progress(`comparing ${set}`)
    const result = { ...setRates(prints, scoreOf, row => csv?.write(row)), ...counts(prints) }
    options.print({ set, ...inPercent(result), images: result.images, failures: result.failures })
    results.set(set, result)
    const year = yearOf(set)
    if (year === undefined) continue
    if (!years.has(year)) years.set(year, { prints: [], results: [] })
    years.get(year)!.prints.push(...prints)
    years.get(year)!.results.push(result)
  }
  for (const [year, { prints, results }] of years) {
    options.progress(`searching ${year}`)
    const pooled = { ...meanOf(results), rank1: rank1(prints, scoreOf) }
    options.print({ set: year, ...inPercent(pooled), ...counts(prints) })
  }
  // The mean is over the competition's sets, as the published baselines have it, if there are any.
  const ofYears = [...years.values()].flatMap(({ results }) => results)
  const averaged = ofYears.length > 0 ? ofYears : [...results.values()]
  if (averaged.length > 0) {
    const images = averaged.reduce((sum, result) => sum + result.images, 0)
    const failures = averaged.reduce((sum, result) => sum + result.failures, 0)
    options.print({ set: 'mean', ...inPercent(meanOf(averaged)), images, failures, sets: averaged.length })
  }
  if (csv !== undefined) {
    csv.end()
    await finished(csv)
  }
}

type Rates = Verification & { readonly rank1: number }
type SetResult = Rates & { readonly images: number; readonly failures: number }

function printOf(image: SetImage, reader: ImageReader): Print {
  try {
    return { ...image, prepared: prepare(extract(reader.read(image)).template) }
  } catch (error) {
    if (error instanceof KioskError) return image
    throw error
  }
}

/** All unordered pairs of one set: genuine of one finger, impostor of two. */
export function setRates(prints: readonly Print[], compare: Compare, writeRow: (row: string) => void): Rates {
  const genuine: number[] = []
  const impostor: number[] = []
  prints.forEach((a, index) => {
    for (const b of prints.slice(index + 1)) {
      const score = compare(a, b)
      const same = isSameFinger(a, b)
      if (same) genuine.push(score)
      else impostor.push(score)
      writeRow(`${idOf(a)},${idOf(b)},${score},${same ? 1 : 0}\n`)
    }
  })
  return { ...verification(genuine, impostor), rank1: rank1(prints, compare) }
}

/**
 * The share of probes whose mate comes first, where impression 1 of every finger is the gallery and all
 * others probe. Where two sets hold the same fingers, the mate is the one of the probe's own set.
 */
export function rank1(prints: readonly Print[], compare: Compare): number {
  const gallery = prints.filter(({ impression }) => impression === '1')
  let probes = 0
  let first = 0
  for (const probe of prints) {
    if (probe.impression === '1') continue
    const mate = gallery.find(({ set, finger }) => set === probe.set && finger === probe.finger)
    if (mate === undefined) continue
    const others = gallery.filter(other => !isSameFinger(other, probe))
    probes++
    if (
      rankOf(
        compare(probe, mate),
        others.map(other => compare(probe, other)),
      ) === 1
    )
      first++
  }
  return probes === 0 ? 0 : first / probes
}

function counts(prints: readonly Print[]): { images: number; failures: number } {
  return { images: prints.length, failures: prints.filter(print => print.prepared === undefined).length }
}

function meanOf(results: readonly Rates[]): Rates {
  const of = (name: keyof Rates): number => mean(results.map(result => result[name]))
  return {
    eer: of('eer'),
    fmr100: of('fmr100'),
    fmr1000: of('fmr1000'),
    zeroFmr: of('zeroFmr'),
    rank1: of('rank1'),
  }
}

function inPercent({ eer, fmr100, fmr1000, zeroFmr, rank1 }: Rates): Record<keyof Rates, number> {
  const percent = (share: number): number => Math.round(share * 1e4) / 100
  return {
    eer: percent(eer),
    fmr100: percent(fmr100),
    fmr1000: percent(fmr1000),
    zeroFmr: percent(zeroFmr),
    rank1: percent(rank1),
  }
}

function idOf({ set, finger, impression }: SetImage): string {
  return `${set}/${finger}_${impression}`
}
