/**
 * Fits the comparison's two models (with and without the texture of ridges) to the fvc sets and writes
 * `src/finger/compare/weights.ts`. Says on stderr how each does on a set that it was not fitted to.
 *
 *     node --import tsx scripts/fit-comparison.ts [DIR]
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { logOdds, measure, type Prepared, prepare } from '../src/finger/compare/compare.ts'
import { FEATURES, featureNames } from '../src/finger/compare/features.ts'
import type { Exit, Model, QuickModel, Step, Weights } from '../src/finger/compare/weights.ts'
import { extract } from '../src/finger/template/extract.ts'
import type { Template } from '../src/finger/template/template.ts'
import { ImageReader, isSameFinger, listSets, type SetImage, yearOf } from './bench/dataset.ts'
import { fitLogistic } from './bench/logistic.ts'
import { mean, quantile, verification } from './bench/metrics.ts'

type Print = SetImage & { readonly template: Template }
type Pair = { readonly set: string; readonly genuine: boolean; readonly features: readonly number[] }

const RIDGE = 1e-4
/** Shares of impostors that end after one alignment, and after a quick look. */
const FIRST_SHARE = 0.5
const QUICK_SHARE = 0.97
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

type Pick = (features: readonly number[]) => readonly number[]
const afterFirst: Pick = features => features.slice(0, FEATURES)
const afterQuick: Pick = features => features.slice(FEATURES, 2 * FEATURES)

function fit(pairs: readonly Pair[], pick: Pick): Weights {
  return fitLogistic(
    pairs.map(({ features }) => pick(features)),
    pairs.map(({ genuine }) => genuine),
    RIDGE,
  )
}

/** The log-odds of each pair under the weights of the other sets. */
function heldOut(pairs: readonly Pair[], pick: Pick): number[] {
  const weights = new Map(
    setsOf(pairs).map(set => [
      set,
      fit(
        pairs.filter(pair => pair.set !== set),
        pick,
      ),
    ]),
  )
  return pairs.map(({ set, features }) => logOdds(weights.get(set)!, pick(features)))
}

function setsOf(pairs: readonly Pair[]): string[] {
  return [...new Set(pairs.map(({ set }) => set))]
}

/** Fitted to all pairs; calibrated by what each set scores under the weights of the others. */
function makeStep(pairs: readonly Pair[], pick: Pick): Step & Held {
  const held = heldOut(pairs, pick)
  return { ...fit(pairs, pick), calibration: calibrationOf(impostorsOf(pairs, held)), held }
}

function impostorsOf(pairs: readonly Pair[], values: readonly number[]): number[] {
  return values.filter((_, index) => !pairs[index].genuine)
}

function makeExit(
  pairs: readonly Pair[],
  pick: Pick,
  share: number,
): Exit & { readonly held: readonly number[] } {
  const step = makeStep(pairs, pick)
  return { ...step, logOddsMin: quantile(impostorsOf(pairs, step.held), share) }
}

type Held = { readonly held: readonly number[] }

/** Says how each set does under the weights of the others, with the early ends below all else. */
function report(name: string, pairs: readonly Pair[], exits: readonly (Exit & Held)[], last: Held): void {
  const values = pairs.map((_, index) => {
    const ended = exits.findIndex(({ held, logOddsMin }) => held[index] < logOddsMin)
    return ended < 0 ? last.held[index] : exits[ended].held[index] - 1000 * (exits.length - ended)
  })
  const rates = setsOf(pairs).map(set => {
    const of = (genuine: boolean): number[] =>
      values.filter((_, index) => pairs[index].set === set && pairs[index].genuine === genuine)
    return verification(of(true), of(false))
  })
  const percent = (key: 'eer' | 'fmr100' | 'fmr1000' | 'zeroFmr'): string =>
    (100 * mean(rates.map(rate => rate[key]))).toFixed(2)
  console.error(
    `${name}, each set by the others: EER ${percent('eer')}, FMR100 ${percent('fmr100')}, FMR1000 ${percent('fmr1000')}, ZeroFMR ${percent('zeroFmr')} %`,
  )
}

function makeTextured(pairs: readonly Pair[]): QuickModel {
  const first = makeExit(pairs, afterFirst, FIRST_SHARE)
  const quick = makeExit(pairs, afterQuick, QUICK_SHARE)
  const last = makeStep(pairs, features => features.slice(FEATURES))
  report('with texture', pairs, [first, quick], last)
  return { first, quick, last }
}

function makePlain(pairs: readonly Pair[]): Model {
  const first = makeExit(pairs, afterFirst, FIRST_SHARE)
  const last = makeStep(pairs, afterQuick)
  report('without texture', pairs, [first], last)
  return { first, last }
}

function calibrationOf(impostors: readonly number[]): Step['calibration'] {
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

const number = (value: number): string => String(Number(value.toPrecision(6)))

function renderWeight(weight: number, k: number, weights: readonly number[]): string {
  const look = weights.length === FEATURES ? '' : k < FEATURES ? 'quick ' : 'thorough '
  return `${number(weight)}, // ${look}${featureNames[k % FEATURES]}`
}

function renderStep(step: Step | Exit): string {
  return `{
  ${'logOddsMin' in step ? `logOddsMin: ${number(step.logOddsMin)},` : ''}
  intercept: ${number(step.intercept)},
  weights: [\n${step.weights.map(renderWeight).join('\n')}\n],
  calibration: [\n${step.calibration.map(({ logOdds, score }) => `{ logOdds: ${number(logOdds)}, score: ${number(score)} },`).join('\n')}\n],
}`
}

function render(model: Model | QuickModel): string {
  const steps = Object.entries(model) as [string, Step | Exit][]
  return `{ ${steps.map(([name, step]) => `${name}: ${renderStep(step)}`).join(',')} }`
}

const data = process.argv[2] ?? join(import.meta.dirname, '../../shared/data')
const reader = new ImageReader(data)
const prints = [...listSets(data).values()]
  .flat()
  .filter(({ set }) => yearOf(set) !== undefined)
  .map(image => ({ ...image, template: extract(reader.read(image)).template }))
const models = {
  textured: makeTextured(pairsOf(prints, template => template)),
  plain: makePlain(pairsOf(prints, plain)),
}
writeFileSync(
  join(import.meta.dirname, '../src/finger/compare/weights.ts'),
  `// Made by scripts/fit-comparison.ts: do not edit.

/** The log-odds that two prints are of one finger, where that is as likely as not: this, and a weight a feature. */
export interface Weights {
  readonly intercept: number
  readonly weights: readonly number[]
}

export interface Step extends Weights {
  /** Ascending: at these log-odds, this score. Straight lines between; at both ends the last line goes on. */
  readonly calibration: readonly { readonly logOdds: number; readonly score: number }[]
}

export interface Exit extends Step {
  /** Lower log-odds than these end a comparison here. */
  readonly logOddsMin: number
}

/** How the features of a comparison become a score: of the first alignment, and of all. */
export interface Model {
  readonly first: Exit
  readonly last: Step
}

/** With a quick look between; its features and the thorough look's make the last step. */
export interface QuickModel extends Model {
  readonly quick: Exit
}

/** Both prints have the texture of the ridges round their minutiae; or not. */
export const models: { readonly textured: QuickModel; readonly plain: Model } = {
  textured: ${render(models.textured)},
  plain: ${render(models.plain)},
}
`,
)
