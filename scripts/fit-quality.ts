/**
 * `node --import tsx scripts/fit-quality.ts DATA`: fits the weights of the quality score to the utility of
 * real samples and writes `src/finger/quality/weights.ts`. Prints, leave-one-database-out, the area under
 * the error-versus-discard curve of each set. Deterministic; about a minute.
 *
 * Utility: mean logarithm of a sample's four lowest genuine scores, less the set's mean, so that weights
 * tell good samples from bad ones and not one sensor from another.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { featureNames, featuresOf } from '../src/finger/quality/features.ts'
import type { Measures } from '../src/finger/quality/measure.ts'
import { ImageReader, listSets, yearOf } from './bench/dataset.ts'
import { areaUnder, discardCurve } from './bench/discard.ts'
import { mean, quantile } from './bench/metrics.ts'
import { type Samples, samplesOf } from './bench/quality-samples.ts'

const LOWEST = 4
const RIDGE = 0.02
const ROUNDS = 500
/** The share of real samples whose utility lies below QUALITY_MIN, and the score of the median sample. */
const BELOW = 0.01
const MEDIAN_LOGIT = 1.4 // a score of 80

interface Row {
  readonly x: readonly number[]
  readonly utility: number
}

function rowsOf({ qualities, pairs }: Samples): Row[] {
  const rows = qualities.flatMap((quality, index) => {
    if (quality === undefined) return []
    const genuine = pairs
      .filter(({ a, b, genuine }) => genuine && (a === index || b === index))
      .map(({ score }) => score)
    const lowest = genuine.sort((p, q) => p - q).slice(0, LOWEST)
    const features = featuresOf(quality.measures as unknown as Measures)
    return [
      {
        x: featureNames.map(name => features[name]),
        utility: mean(lowest.map(score => Math.log(Math.max(score, 1)))),
      },
    ]
  })
  const middle = mean(rows.map(({ utility }) => utility))
  const centre = featureNames.map((_, k) => mean(rows.map(({ x }) => x[k])))
  return rows.map(({ x, utility }) => ({ x: x.map((v, k) => v - centre[k]), utility: utility - middle }))
}

/** Least squares with weights ≥ 0, by coordinate descent on standardised features. */
function fit(rows: readonly Row[]): number[] {
  const scale = featureNames.map((_, k) => Math.sqrt(mean(rows.map(({ x }) => x[k] * x[k]))) + 1e-9)
  const weights: number[] = featureNames.map(() => 0)
  const rest = rows.map(({ utility }) => utility)
  for (let round = 0; round < ROUNDS; round++) {
    featureNames.forEach((_, k) => {
      const slope = mean(rows.map(({ x }, i) => (x[k] / scale[k]) * rest[i])) + weights[k]
      const next = Math.max(slope / (1 + RIDGE), 0)
      rows.forEach(({ x }, i) => {
        rest[i] -= ((next - weights[k]) * x[k]) / scale[k]
      })
      weights[k] = next
    })
  }
  return weights.map((weight, k) => weight / scale[k])
}

const dot = (weights: readonly number[], x: readonly number[]): number =>
  weights.reduce((sum, weight, k) => sum + weight * x[k], 0)

function main(data: string): void {
  const reader = new ImageReader(data)
  const sets = [...listSets(data)]
    .filter(([set]) => yearOf(set) !== undefined)
    .map(([set, images]) => {
      const samples = samplesOf(images, reader)
      return { set, samples, rows: rowsOf(samples) }
    })
  const areas = sets.map(({ set, samples }) => {
    const weights = fit(sets.filter(other => other.set !== set).flatMap(({ rows }) => rows))
    const scores = samples.qualities.map(quality => rawScore(quality?.measures, weights))
    const area = areaUnder(discardCurve(samples.pairs, scores))
    console.log(`${set}: left out, area ${(100 * area).toFixed(3)} %`)
    return area
  })
  console.log(`mean: ${(100 * mean(areas)).toFixed(3)} %`)
  const raw = fit(sets.flatMap(({ rows }) => rows))
  const all = sets.flatMap(({ samples }) => samples.qualities.map(q => rawScore(q?.measures, raw)))
  const low = quantile(all, BELOW)
  const slope = MEDIAN_LOGIT / (quantile(all, 0.5) - low)
  const lines = featureNames.map((name, k) => `  ${name}: ${Number((raw[k] * slope).toPrecision(4))},`)
  writeFileSync(
    join(import.meta.dirname, '../src/finger/quality/weights.ts'),
    `/** Made by \`scripts/fit-quality.ts\`: weight of each feature in the utility, and its zero. */
import type { FeatureName } from './features.ts'

export const WEIGHTS: Readonly<Record<FeatureName, number>> = {
${lines.join('\n')}
}
export const BIAS = ${Number((-low * slope).toPrecision(4))}
`,
  )
}

function rawScore(
  measures: Readonly<Record<string, number>> | undefined,
  weights: readonly number[],
): number {
  if (measures === undefined) return -Infinity
  const features = featuresOf(measures as unknown as Measures)
  return dot(
    weights,
    featureNames.map(name => features[name]),
  )
}

main(process.argv[2])
