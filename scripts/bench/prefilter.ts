/**
 * `npm run -s bench -- prefilter`: a search in galleries of growing size, by one finger and by four of one person
 * together; and how alike the fingers that fill the gallery are to real ones, beside how alike real ones are.
 */
import { writeFileSync } from 'node:fs'
import { type Prepared, prepare, scoreOf } from '../../src/finger/compare/compare.ts'
import type { SearchResult } from '../../src/finger/engine.ts'
import { FingerMemory } from '../../src/finger/prefilter/finger-memory.ts'
import { Gallery } from '../../src/finger/prefilter/gallery.ts'
import { GallerySearch } from '../../src/finger/prefilter/gallery-search.ts'
import { extract } from '../../src/finger/template/extract.ts'
import type { Template } from '../../src/finger/template/template.ts'
import { ImageReader, isSameFinger, listSets, type SetImage, yearOf } from './dataset.ts'
import { FillerCache } from './filler-cache.ts'
import { type Growth, growthPlot } from './growth-plot.ts'
import { quantile } from './metrics.ts'

export interface Print {
  readonly image: SetImage
  readonly template: Template
}

type Line = Record<string, string | number>

const SEARCHES_MAX = 200
const SIZES = [1_000, 3_000, 10_000, 30_000, 100_000]
/** Ten copies of the largest: no statement on what is found. */
const ENLARGED_TIMES = 10
const ENLARGED_STRIDE = 8
const PEOPLE = 25_000
const FINGERS_EACH = 4
/** A shortlist of people: 0.1 % of them. */
const SHORTLIST = PEOPLE / 1000
const TAIL_FILLERS = 300

/**
 * Impression 1 of every real finger, and fillers, are the gallery; other impressions probe, those whose mate comes
 * first where every real finger is compared. A hit: the mate is among what the search found.
 */
export class SearchBench {
  readonly gallery = new Gallery()
  private readonly first: readonly Print[]
  private readonly probes: readonly Print[]
  private readonly fillers: FillerCache
  private seed = 0

  constructor(
    prints: readonly Print[],
    private readonly progress: (text: string) => void,
  ) {
    this.first = prints.filter(({ image }) => image.impression === '1')
    for (const { image, template } of this.first) this.gallery.add(idOf(image), template)
    this.fillers = new FillerCache(this.first.map(({ template }) => template))
    const probes = prints.filter(
      ({ image, template }) =>
        image.impression !== '1' && this.holdsMate(this.gallery.search(template, { limit: 1 }), image),
    )
    const stride = Math.max(1, Math.floor(probes.length / SEARCHES_MAX))
    this.probes = probes.filter((_, index) => index % stride === 0)
  }

  fillTo(size: number): void {
    for (; this.gallery.size < size; this.seed++) {
      if (this.seed % 1000 === 0) this.progress(`filling the gallery: ${this.gallery.size} of ${size}`)
      this.gallery.add(`filler/${this.seed}`, this.fillers.at(this.seed))
    }
  }

  search(): Timed & { hitRate: number } {
    let hits = 0
    const times = timed(this.probes, ({ image, template }) => {
      this.progress(`searching ${image.set} ${image.finger}_${image.impression}`)
      if (this.holdsMate(this.gallery.search(template), image)) hits++
    })
    return { ...times, hitRate: hits / this.probes.length }
  }

  /** As many times the gallery's blocks as make it `times` as large: says how long a search takes and no more. */
  enlarge(times: number): Timed & { mib: number } {
    const memory = new FingerMemory(this.gallery.memories[0])
    const { blocks, size, bitsInAll, bytes } = memory
    const spread = memory.spread.slice()
    for (let copy = 1; copy < times; copy++) {
      for (let block = 0; block < blocks; block++) {
        const to = memory.newBlock(0)
        memory.blockBytes(to).set(memory.blockBytes(block))
      }
      spread.forEach((count, row) => {
        memory.spread[row] += count
      })
      memory.count(size, bitsInAll)
    }
    const search = new GallerySearch()
    search.open(this.gallery.memories, 1)
    const few = this.probes.filter((_, index) => index % ENLARGED_STRIDE === 0)
    // A copy shares its template with what it was made from.
    return { ...timed(few, ({ template }) => search.search(template, {})), mib: mibOf(times * bytes) }
  }

  private holdsMate({ candidates }: SearchResult, image: SetImage): boolean {
    return candidates.some(({ id }) =>
      this.first.some(other => idOf(other.image) === id && isSameFinger(other.image, image)),
    )
  }
}

interface Timed {
  readonly msMedian: number
  /** On a machine with other work, what it took itself. */
  readonly cpuMsMedian: number
}

function timed<Value>(values: readonly Value[], work: (value: Value) => unknown): Timed {
  const ms: number[] = []
  const cpuMs: number[] = []
  for (const value of values) {
    const startMs = performance.now()
    const startCpu = process.cpuUsage()
    work(value)
    const { user, system } = process.cpuUsage(startCpu)
    ms.push(performance.now() - startMs)
    cpuMs.push((user + system) / 1000)
  }
  return { msMedian: hundredths(quantile(ms, 0.5)), cpuMsMedian: hundredths(quantile(cpuMs, 0.5)) }
}

function mibOf(bytes: number): number {
  return Math.round(bytes / (1 << 20))
}

function idOf({ set, finger }: SetImage): string {
  return `${set}/${finger}`
}

export async function prefilter({
  data,
  plot,
  print,
  progress,
}: {
  data: string
  plot?: string
  print: (line: Line) => void
  progress: (text: string) => void
}): Promise<void> {
  const reader = new ImageReader(data)
  const prints = [...listSets(data).values()]
    .flat()
    .filter(({ set }) => yearOf(set) !== undefined)
    .map((image): Print => {
      progress(`extracting ${image.set} ${image.finger}_${image.impression}`)
      return { image, template: extract(reader.read(image)).template }
    })
  const bench = new SearchBench(prints, progress)
  const growth: Growth[] = []
  for (const size of SIZES) {
    bench.fillTo(size)
    const { hitRate, ...times } = bench.search()
    const share = Math.round(10_000 * hitRate) / 10_000
    const line = { gallery: size, ...times, hitRate: share, mib: mibOf(bench.gallery.bytes) }
    growth.push(line)
    print(line)
  }
  const gallery = SIZES[SIZES.length - 1] * ENLARGED_TIMES
  const enlarged = { gallery, ...bench.enlarge(ENLARGED_TIMES) }
  growth.push(enlarged)
  print(enlarged)
  if (plot !== undefined) writeFileSync(plot, growthPlot(growth))
  print(fused(prints, progress))
  for (const line of tails(prints)) print(line)
}

/** People of four fingers each: real ones by the order of their set, the others of fillers. */
function fused(prints: readonly Print[], progress: (text: string) => void): Line {
  const gallery = new Gallery()
  const real = prints.filter(({ image }) => image.impression === '1')
  const people = new Map<string, Print[]>()
  for (const print of real) {
    const fingers = people.get(print.image.set) ?? []
    people.set(print.image.set, [...fingers, print])
  }
  // A set's ten fingers make two people; two sets may show the same ones, so each set stands alone.
  const persons = [...people].flatMap(([set, fingers]) =>
    [0, 1].map(half => ({ person: `${set}/${half}`, fingers: fingers.slice(4 * half, 4 * half + 4) })),
  )
  for (const { person, fingers } of persons)
    fingers.forEach(({ template }, k) => {
      gallery.add(`${person}/${k}`, template, { person, position: k + 1 })
    })
  const fillers = new FillerCache(real.map(({ template }) => template))
  for (let p = persons.length; p < PEOPLE; p++) {
    if (p % 1000 === 0) progress(`filling with people: ${p} of ${PEOPLE}`)
    for (let k = 0; k < FINGERS_EACH; k++)
      gallery.add(`filler/${p}/${k}`, fillers.at(p * FINGERS_EACH + k), {
        person: `filler/${p}`,
        position: k + 1,
      })
  }
  const searches = persons.flatMap(({ person, fingers }) =>
    ['2', '3', '4', '5', '6', '7', '8'].map(impression => ({
      person,
      probes: new Map(
        fingers.flatMap(({ image }, k) => {
          const other = prints.find(
            print =>
              print.image.set === image.set &&
              print.image.finger === image.finger &&
              print.image.impression === impression,
          )
          return other === undefined ? [] : [[k + 1, other.template] as const]
        }),
      ),
    })),
  )
  const hits = searches.filter(({ person, probes }) =>
    gallery.peopleWorthComparing(probes, SHORTLIST).includes(person),
  ).length
  return {
    people: PEOPLE,
    fingersEach: FINGERS_EACH,
    ...timed(searches, ({ probes }) => gallery.searchFused(probes)),
    inShortlist: Math.round((10_000 * hits) / searches.length) / 10_000,
    shortlist: SHORTLIST,
    searches: searches.length,
  }
}

/** Shares of impostors at and above some scores, in percent. */
function tails(prints: readonly Print[]): Line[] {
  const ready = (wanted: string): { image: SetImage; prepared: Prepared }[] =>
    prints
      .filter(({ image }) => image.impression === wanted)
      .map(({ image, template }) => ({ image, prepared: prepare(template) }))
  const [first, second] = [ready('1'), ready('2')]
  const templates = prints.filter(({ image }) => image.impression === '1').map(({ template }) => template)
  const cache = new FillerCache(templates)
  const fillers = Array.from({ length: TAIL_FILLERS }, (_, seed) => prepare(cache.at(seed)))
  const real = second.flatMap(a =>
    first.filter(b => !isSameFinger(a.image, b.image)).map(b => scoreOf(a.prepared, b.prepared)),
  )
  const filled = second.flatMap(a => fillers.map(b => scoreOf(a.prepared, b)))
  return [
    ['real', real],
    ['fillers', filled],
  ].map(([impostors, scores]) => ({
    impostors: impostors as string,
    ...Object.fromEntries(
      [10, 20, 30].map(least => [
        `percentFrom${least}`,
        hundredths((100 * (scores as number[]).filter(score => score >= least).length) / scores.length),
      ]),
    ),
  }))
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100
}
