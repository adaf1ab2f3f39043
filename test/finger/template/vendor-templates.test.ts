/**
 * Goal: templates that another vendor's software made are worth comparing, with each other and with ours.
 * Method: 80 ISO/IEC 19794-2:2005 records of ten fingers; all genuine and impostor pairs, by the equal error rate.
 * OpenAFIS, which these records were published with, reaches 8.9 %.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verification } from '../../../scripts/bench/metrics.ts'
import { comparePrepared, type Prepared, prepare } from '../../../src/finger/compare/compare.ts'
import { decodeImage } from '../../../src/finger/image/decode.ts'
import { extract } from '../../../src/finger/template/extract.ts'
import { readInterchange } from '../../../src/finger/template/interchange.ts'
import { dataTest } from '../../support/data.ts'

const EER_MAX = 0.03

interface Sample {
  readonly finger: string
  readonly theirs: Prepared
  readonly ours: Prepared
}

function errorRate(samples: readonly Sample[], scoreOf: (a: Sample, b: Sample) => number): number {
  const genuine: number[] = []
  const impostor: number[] = []
  samples.forEach((a, i) => {
    for (const b of samples.slice(i + 1)) (a.finger === b.finger ? genuine : impostor).push(scoreOf(a, b))
  })
  return verification(genuine, impostor).eer
}

dataTest('templates of another vendor', async (t, data) => {
  const folder = join(data, 'interop/secugen_fvc2002_db1_b')
  const samples = readdirSync(folder).map((name): Sample => {
    const image = readFileSync(join(data, 'fvc2002_db1_b', name.replace('.iso', '.png')))
    return {
      finger: name.split('_')[0],
      theirs: prepare(readInterchange(readFileSync(join(folder, name))).views[0].template),
      ours: prepare(extract(decodeImage(image)).template),
    }
  })
  t.equal(samples.length, 80)
  const among = errorRate(samples, (a, b) => comparePrepared(a.theirs, b.theirs).score)
  t.ok(among <= EER_MAX, `theirs among themselves: EER ${(100 * among).toFixed(2)} %`)
  const mixed = errorRate(samples, (a, b) => comparePrepared(a.ours, b.theirs).score)
  t.ok(mixed <= EER_MAX, `ours against theirs: EER ${(100 * mixed).toFixed(2)} %`)
})
