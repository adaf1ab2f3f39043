/**
 * `npm run -s bench -- quality`: error-versus-discard curves of our quality score on the fvc sets, beside
 * those of NFIQ 1 where `nfiq1.csv` (columns `set,name,nfiq1`) lies in DIR or in `../baselines`. The
 * weights were fitted to the development sets; `scripts/fit-quality.ts` prints the leave-one-out areas.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ImageReader, listSets, type SetImage, yearOf } from './dataset.ts'
import { areaUnder, DISCARDED, discardCurve } from './discard.ts'
import { discardPlot } from './discard-plot.ts'
import { mean } from './metrics.ts'
import { samplesOf } from './quality-samples.ts'

export interface QualityOptions {
  readonly data: string
  readonly sets?: readonly string[]
  /** Where the picture of the mean curves goes, as SVG. */
  readonly plot?: string
  readonly print: (line: Record<string, string | number>) => void
  readonly progress: (text: string) => void
}

export async function quality({ data, sets, plot, print, progress }: QualityOptions): Promise<void> {
  const reader = new ImageReader(data)
  const nfiq = readNfiq1(data)
  const curves = new Map<string, number[][]>()
  for (const [set, images] of listSets(data, sets)) {
    if (yearOf(set) === undefined) continue
    progress(`comparing ${set}`)
    const { qualities, pairs } = samplesOf(images, reader)
    const scorers = new Map([['tunggal', qualities.map(sample => sample?.score ?? 0)]])
    const classes = images.map(image => nfiq.get(nameOf(image)))
    if (classes.every(value => value !== undefined))
      scorers.set(
        'nfiq1',
        classes.map(value => -value),
      )
    for (const [scorer, scores] of scorers) {
      const curve = discardCurve(pairs, scores)
      print(lineOf(set, scorer, curve))
      curves.set(scorer, [...(curves.get(scorer) ?? []), curve])
    }
  }
  const means = new Map([...curves].map(([scorer, all]) => [scorer, meanCurve(all)]))
  for (const [scorer, curve] of means) print(lineOf('mean', scorer, curve))
  if (plot !== undefined) writeFileSync(plot, discardPlot(means))
}

const nameOf = ({ set, finger, impression }: SetImage): string => `${set}/${finger}_${impression}`

function readNfiq1(data: string): Map<string, number> {
  const path = [join(data, 'nfiq1.csv'), join(data, '../baselines/nfiq1.csv')].find(existsSync)
  if (path === undefined) return new Map()
  const [header, ...lines] = readFileSync(path, 'utf8').trim().split('\n')
  const columns = header.split(',')
  const [set, name, value] = ['set', 'name', 'nfiq1'].map(column => columns.indexOf(column))
  return new Map(
    lines.map(line => {
      const cells = line.split(',')
      return [`${cells[set]}/${cells[name]}`, Number(cells[value])]
    }),
  )
}

function meanCurve(curves: readonly (readonly number[])[]): number[] {
  return DISCARDED.map((_, at) => mean(curves.map(curve => curve[at])))
}

/** FNMR at FMR 0.1 % and areas in per cent. */
function lineOf(set: string, scorer: string, curve: readonly number[]): Record<string, string | number> {
  const percent = (share: number): number => Math.round(share * 1e5) / 1e3
  const at = (discarded: (typeof DISCARDED)[number]): number => percent(curve[DISCARDED.indexOf(discarded)])
  return {
    set,
    scorer,
    fnmr: at(0),
    fnmr10: at(0.1),
    fnmr20: at(0.2),
    fnmr30: at(0.3),
    area: percent(areaUnder(curve)),
  }
}
