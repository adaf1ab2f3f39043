/**
 * Goal: the bench's error rates are those of the FVC competitions, and of the peers' baselines.
 * Method: small cases worked out by hand; then random scores, with ties, through the script that the
 * baselines were computed with.
 */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { rank1, setRates } from '../../../scripts/bench/accuracy.ts'
import { isSameFinger, yearOf } from '../../../scripts/bench/dataset.ts'
import { quantile, rankOf, verification } from '../../../scripts/bench/metrics.ts'
import { dataTest } from '../../support/data.ts'

t.test('scores apart: no errors', async t => {
  t.same(verification([5, 6, 7], [1, 2, 3]), { eer: 0, fmr100: 0, fmr1000: 0, zeroFmr: 0 })
})

t.test('scores that overlap, by hand', async t => {
  // At 3: FMR 1/4 (the 3), FNMR 1/4 (the 2). At 4: FMR 0, FNMR 1/4.
  t.same(verification([2, 4, 5, 6], [0, 1, 2, 3]), { eer: 0.25, fmr100: 0.25, fmr1000: 0.25, zeroFmr: 0.25 })
})

t.test('a tie of genuine and impostor is a match for both', async t => {
  // At 1 all match; at 2 nobody but both are rejected: FMR 0, FNMR 1.
  t.same(verification([1], [1]), { eer: 0.5, fmr100: 1, fmr1000: 1, zeroFmr: 1 })
})

t.test('one impostor in a hundred may pass FMR100, not ZeroFMR', async t => {
  const impostor = Array.from({ length: 100 }, (_, index) => index / 100)
  const rates = verification([0.985, 2], [...impostor.slice(0, 99), 1])
  t.equal(rates.fmr100, 0)
  t.equal(rates.zeroFmr, 0.5)
})

t.test('ties count against the probe', async t => {
  t.equal(rankOf(3, [1, 2]), 1)
  t.equal(rankOf(3, [1, 3]), 2)
})

t.test('quantile', async t => {
  t.equal(quantile([3, 1, 2], 0.5), 2)
  t.equal(quantile([3, 1, 2], 1), 3)
})

t.test('years, and the fingers that two sets share', async t => {
  t.equal(yearOf('fvc2002_db1_b'), 'fvc2002_*')
  t.equal(yearOf('upek'), undefined)
  const image = (set: string, finger: string) => ({ set, finger, impression: '1', path: '' })
  t.ok(isSameFinger(image('fvc2000_db1_b', '101'), image('fvc2000_db2_b', '101')))
  t.notOk(isSameFinger(image('fvc2002_db1_b', '101'), image('fvc2002_db3_b', '101')))
  t.notOk(isSameFinger(image('upek', '101'), image('upek', '102')))
})

dataTest('equals the script of the baselines', async (t, data) => {
  const script = join(data, '../baselines/eval.mjs')
  let state = 1
  const random = (): number => (state = (state * 48271) % 0x7fffffff) / 0x7fffffff
  for (let round = 0; round < 5; round++) {
    const prints = ['1', '2', '3', '4', '5'].flatMap(finger =>
      ['1', '2', '3', '4'].map(impression => ({ set: 's', finger, impression, path: '' })),
    )
    const scores = new Map<string, number>()
    const compare = (a: (typeof prints)[0], b: (typeof prints)[0]): number => {
      const key = [a, b]
        .map(({ finger, impression }) => `${finger}_${impression}`)
        .sort()
        .join()
      // Whole numbers, so that there are ties.
      if (!scores.has(key)) scores.set(key, Math.floor(random() * 20) + (a.finger === b.finger ? 8 : 0))
      return scores.get(key)!
    }
    const lines: string[] = []
    const rates = setRates(prints, compare, line => lines.push(line))
    const folder = t.testdir({
      'all.csv': `probe,gallery,score,genuine\n${lines.join('')}`,
      'search.csv': searchCsv(prints, compare),
    })
    const run = (...args: string[]) =>
      JSON.parse(execFileSync(process.execPath, [script, '--json', ...args], { encoding: 'utf8' }))
    const { all } = run(join(folder, 'all.csv'))
    t.equal(rates.eer, all.eer)
    t.equal(rates.fmr100, all.fmr100.fnmr)
    t.equal(rates.fmr1000, all.fmr1000.fnmr)
    t.equal(rates.zeroFmr, all.zero.fnmr)
    t.equal(rates.rank1, run('--id', join(folder, 'search.csv')).r1)
    t.equal(rank1(prints, compare), rates.rank1)
  }
})

function searchCsv<P extends { set: string; finger: string; impression: string }>(
  prints: readonly P[],
  compare: (a: P, b: P) => number,
): string {
  const id = (print: P): string => `${print.set}/${print.finger}_${print.impression}`
  const rows = prints
    .filter(({ impression }) => impression !== '1')
    .flatMap(probe =>
      prints
        .filter(({ impression }) => impression === '1')
        .map(
          other => `${id(probe)},${id(other)},${compare(probe, other)},${+(probe.finger === other.finger)}`,
        ),
    )
  return `probe,gallery,score,genuine\n${rows.join('\n')}\n`
}
