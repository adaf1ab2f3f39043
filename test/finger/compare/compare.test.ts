/**
 * Goal: one finger is alike however it lies, two fingers are not, and no template upsets the comparison.
 * Method: simulated templates, turned, moved, stretched, thinned; then hostile ones.
 */
import t from 'tap'
import { compare, comparePrepared, prepare, THRESHOLD } from '../../../src/finger/compare/compare.ts'
import type { Template } from '../../../src/finger/template/template.ts'
import { moved, randomMinutiae, recaptured, templateOf } from './simulated.ts'

const score = (a: Template, b: Template): number => compare(a, b).score

t.test('the same finger, turned by every 15 degrees and moved', async t => {
  for (const seed of [1, 2, 3]) {
    const first = randomMinutiae(seed)
    for (let degrees = 0; degrees < 360; degrees += 15) {
      const other = moved(recaptured(first, seed + 50, 0), (degrees * Math.PI) / 180, 35, -20)
      t.ok(score(templateOf(first), templateOf(other)) >= THRESHOLD, `finger ${seed}, ${degrees} degrees`)
    }
  }
})

t.test('turning changes a score by rounding only', async t => {
  const first = randomMinutiae(4)
  const other = recaptured(first, 40, 4)
  const straight = score(templateOf(first), templateOf(other))
  for (let degrees = 15; degrees < 360; degrees += 15) {
    const turned = score(templateOf(first), templateOf(moved(other, (degrees * Math.PI) / 180, 10, 10)))
    t.ok(Math.abs(turned - straight) < 25, `${degrees} degrees: ${turned} for ${straight}`)
    t.ok(turned >= THRESHOLD)
  }
})

t.test('a finger stretched by up to 12 px is still alike', async t => {
  let alike = 0
  for (let seed = 10; seed < 30; seed++) {
    const first = randomMinutiae(seed)
    const other = moved(recaptured(first, seed, 6 + (seed % 7)), 0.4, 12, 5)
    if (compare(templateOf(first), templateOf(other)).alike) alike++
  }
  t.ok(alike >= 18, `${alike} of 20`)
})

t.test('different fingers are not alike, and score what the calibration says', async t => {
  const prints = Array.from({ length: 40 }, (_, k) => prepare(templateOf(randomMinutiae(100 + k))))
  const scores = prints.flatMap((a, i) => prints.slice(i + 1).map(b => comparePrepared(a, b).score))
  t.equal(scores.filter(value => value >= THRESHOLD).length, 0)
  t.ok(scores.filter(value => value >= 20).length < scores.length / 20)
})

t.test('a score says its false match rate', async t => {
  const first = templateOf(randomMinutiae(5))
  const { score, falseMatchRate, alike } = compare(first, templateOf(randomMinutiae(6)))
  t.ok(Math.abs(10 ** (-score / 10) - falseMatchRate) < 1e-9)
  t.equal(alike, false)
  t.equal(compare(first, first).alike, true)
})

t.test('whichever comes first, the score is the same; and the same again', async t => {
  for (let seed = 60; seed < 70; seed++) {
    const a = templateOf(randomMinutiae(seed))
    for (const b of [
      templateOf(recaptured(randomMinutiae(seed), seed, 5)),
      templateOf(randomMinutiae(seed + 1)),
    ]) {
      t.equal(score(a, b), score(b, a))
      t.equal(score(a, b), score(a, b))
    }
  }
})

t.test('a comparison between two others changes neither', async t => {
  const [a, b, c] = [70, 71, 72].map(seed => prepare(templateOf(randomMinutiae(seed, 30 + seed))))
  const before = comparePrepared(a, b).score
  comparePrepared(c, a)
  comparePrepared(b, b)
  t.equal(comparePrepared(a, b).score, before)
})

t.test('no minutiae, one, a hundred, and more than a hundred', async t => {
  const crowd = Array.from({ length: 200 }, (_, k) => ({
    x: 40 + (k % 15) * 22 + (k % 4),
    y: 40 + Math.floor(k / 15) * 23 + (k % 3),
    rad: (k * 1.7) % 6,
    kind: 1,
  }))
  const some = templateOf(randomMinutiae(7))
  const sizes = [
    templateOf([]),
    templateOf(crowd.slice(0, 1)),
    templateOf(crowd.slice(0, 100)),
    templateOf(crowd),
  ]
  for (const a of sizes) {
    for (const b of [...sizes, some]) t.ok(Number.isFinite(score(a, b)))
    t.equal(score(a, some) >= THRESHOLD, false)
  }
  t.equal(score(sizes[0], sizes[0]), 0)
  t.equal(compare(sizes[1], sizes[1]).alike, false, 'one minutia proves nothing')
  t.equal(compare(sizes[2], sizes[2]).alike, true)
})

t.test('hostile templates get a finite score', async t => {
  const one = { x: 5, y: 5, rad: 1, kind: 1 }
  const hostile = [
    templateOf(Array.from({ length: 100 }, () => one)),
    templateOf([one, { ...one, x: 1e30 }, { ...one, x: -1e30, y: 1e9 }]),
    templateOf([
      { ...one, x: Number.NaN },
      { ...one, y: Number.POSITIVE_INFINITY },
      { ...one, rad: Number.NaN },
    ]),
    templateOf([0, 1, 2, 3].map(k => ({ ...one, x: 16000 * (k & 1), y: 16000 * (k >> 1) }))),
    templateOf(randomMinutiae(8), { reliability: new Float32Array(40).fill(Number.NaN) }),
    templateOf(randomMinutiae(8), {
      orientation: { cellPx: 8, columns: 0, rows: 0, angle: new Uint8Array(0), coherence: new Uint8Array(0) },
    }),
    templateOf(randomMinutiae(8), {
      orientation: {
        cellPx: 1,
        columns: 400,
        rows: 400,
        angle: new Uint8Array(160_000).fill(77),
        coherence: new Uint8Array(160_000).fill(9),
      },
    }),
    templateOf(randomMinutiae(9)),
  ]
  for (const a of hostile) {
    for (const b of hostile) {
      const { score, falseMatchRate } = compare(a, b)
      t.ok(score >= 0 && score <= 200 && falseMatchRate > 0 && falseMatchRate <= 1)
    }
  }
})
