/**
 * Fits the comparison's two models (with and without the texture of ridges) to the fvc sets and writes
 * `src/finger/compare/weights.ts`. Says on stderr how each does on a set that it was not fitted to.
 *
 *     node --import tsx scripts/fit-comparison.ts [DIR]
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { logOdds, measure, type Prepared, prepare } from '../src/finger/compare/compare.ts'
import { featureNames } from '../src/finger/compare/features.ts'
import type { Model } from '../src/finger/compare/weights.ts'
import { extract } from '../src/finger/template/extract.ts'
import type { Template } from '../src/finger/template/template.ts'
import { ImageReader, isSameFinger, listSets, type SetImage, yearOf } from './bench/dataset.ts'
import { fitLogistic } from './bench/logistic.ts'
import { mean, quantile, verification } from './bench/metrics.ts'

type Print = SetImage & { readonly template: Template }
type Pair = { readonly set: string; readonly genuine: boolean; readonly features: readonly number[] }

const RIDGE = 1e-4
/** Shares of impostors that end early: for lack of support, and after one alignment. */
const SUPPORT_SHARE = 0.2
const ALIGNED_SHARE = 0.85
/** From here on the impostors' tail is taken to fall exponentially. */
const TAIL_SHARE = 0.01

/** What is left of a template that went through ISO/IEC 19794-2. */
function plain(template: Template): Template {
  return {
    ...template,
    xPx: template.xPx.map(Math.round),
    yPx: template.yPx.map(Math.round),
    directionRad: template.directionRad.map(rad => (Math.round((rad * 128) / Math.PI) * Math.PI) / 128),
    reliability: template.reliability.map(value => Math.max(0.01, Math.round(value * 100) / 100)),
    orientation: undefined,
  }
}

function pairsOf(prints: readonly Print[], through: (template: Template) => Template): Pair[] {
  const prepared: Prepared[] = prints.map(({ template }) => prepare(through(template)))
  return prints.flatMap((a, i) =>
    prints.slice(i + 1).flatMap((b, k): Pair[] => {
      if (a.set !== b.set) return []
      const features = Array.from(measure(prepared[i], prepared[i + 1 + k]))
      return [{ set: a.set, genuine: isSameFinger(a, b), features }]
    }),
  )
}

function fit(pairs: readonly Pair[]): Pick<Model, 'intercept' | 'weights'> {
  return fitLogistic(
    pairs.map(({ features }) => features),
    pairs.map(({ genuine }) => genuine),
    RIDGE,
  )
}

/** The model of all pairs; calibrated by what each set scores under the model of the others. */
function makeModel(name: string, pairs: readonly Pair[]): Model {
  const sets = [...new Set(pairs.map(({ set }) => set))]
  const held = sets.flatMap(set => {
    const model = fit(pairs.filter(pair => pair.set !== set))
    return pairs
      .filter(pair => pair.set === set)
      .map(pair => ({ ...pair, value: logOdds(model as Model, pair.features) }))
  })
  const of = (rows: typeof held, genuine: boolean): number[] =>
    rows.filter(row => row.genuine === genuine).map(({ value }) => value)
  const rates = sets.map(set => {
    const rows = held.filter(row => row.set === set)
    return verification(of(rows, true), of(rows, false))
  })
  const percent = (key: 'eer' | 'fmr100' | 'fmr1000' | 'zeroFmr'): string =>
    (100 * mean(rates.map(rate => rate[key]))).toFixed(2)
  console.error(
    `${name}, each set by the others: EER ${percent('eer')}, FMR100 ${percent('fmr100')}, FMR1000 ${percent('fmr1000')}, ZeroFMR ${percent('zeroFmr')} %`,
  )
  const impostors = of(held, false)
  const relaxed = pairs.filter(({ genuine }) => !genuine).map(({ features }) => features[RELAXED])
  return {
    relaxedMin: quantile(relaxed, SUPPORT_SHARE),
    logOddsMin: quantile(impostors, ALIGNED_SHARE),
    ...fit(pairs),
    calibration: calibrationOf(impostors),
  }
}

const RELAXED = featureNames.indexOf('relaxed')

function calibrationOf(impostors: readonly number[]): Model['calibration'] {
  const at = (falseMatchRate: number) => ({
    logOdds: quantile(impostors, 1 - falseMatchRate),
    score: -10 * Math.log10(falseMatchRate),
  })
  const tail = at(TAIL_SHARE)
  const excess = mean(impostors.filter(value => value > tail.logOdds).map(value => value - tail.logOdds))
  const decades = 4
  return [
    at(0.8),
    at(0.5),
    at(0.1),
    tail,
    { logOdds: tail.logOdds + excess * Math.LN10 * decades, score: tail.score + 10 * decades },
  ]
}

function render(model: Model): string {
  const number = (value: number): string => String(Number(value.toPrecision(6)))
  return `{
  relaxedMin: ${number(model.relaxedMin)},
  logOddsMin: ${number(model.logOddsMin)},
  intercept: ${number(model.intercept)},
  weights: [\n${model.weights.map((weight, k) => `${number(weight)}, // ${featureNames[k]}`).join('\n')}\n],
  calibration: [\n${model.calibration.map(({ logOdds, score }) => `{ logOdds: ${number(logOdds)}, score: ${number(score)} },`).join('\n')}\n],
}`
}

const data = process.argv[2] ?? join(import.meta.dirname, '../../shared/data')
const reader = new ImageReader(data)
const prints = [...listSets(data).values()]
  .flat()
  .filter(({ set }) => yearOf(set) !== undefined)
  .map(image => ({ ...image, template: extract(reader.read(image)).template }))
const models = {
  textured: makeModel(
    'with texture',
    pairsOf(prints, template => template),
  ),
  plain: makeModel('without texture', pairsOf(prints, plain)),
}
writeFileSync(
  join(import.meta.dirname, '../src/finger/compare/weights.ts'),
  `// Made by scripts/fit-comparison.ts: do not edit.

/** How the features of a comparison become a score. */
export interface Model {
  /** Less support among the candidate pairs than this ends a comparison. */
  readonly relaxedMin: number
  /** Lower log-odds than these after one alignment end it. */
  readonly logOddsMin: number
  /** The log-odds that two prints are of one finger, where that is as likely as not: this, and a weight a feature. */
  readonly intercept: number
  readonly weights: readonly number[]
  /** Ascending: at these log-odds, this score. Straight lines between; at both ends the last line goes on. */
  readonly calibration: readonly { readonly logOdds: number; readonly score: number }[]
}

/** Both prints have the texture of the ridges round their minutiae; or not. */
export const models: { readonly textured: Model; readonly plain: Model } = {
  textured: ${render(models.textured)},
  plain: ${render(models.plain)},
}
`,
)
