/**
 * Goal: a gallery too large to be compared whole still finds whom it holds, and only those.
 * Method: more simulated fingers than are compared exhaustively; recaptures of some probe, alone and four of a person
 * together; then removals, replacements, and templates that are none.
 */
import t from 'tap'
import { THRESHOLD } from '../../../src/finger/compare/compare.ts'
import { best } from '../../../src/finger/prefilter/best.ts'
import { EXHAUSTIVE_MAX, Gallery } from '../../../src/finger/prefilter/gallery.ts'
import { randomMinutiae, recaptured, templateOf } from '../compare/simulated.ts'

const FINGERS = EXHAUSTIVE_MAX + 100
const POSITIONS = [2, 3, 7, 8]
const personOf = (seed: number): string => `person-${Math.floor(seed / POSITIONS.length)}`
const fingerOf = (seed: number) => ({ person: personOf(seed), position: POSITIONS[seed % POSITIONS.length] })
const probeOf = (seed: number) => templateOf(recaptured(randomMinutiae(seed), seed + 77, 3))

const gallery = new Gallery()
for (let seed = 0; seed < FINGERS; seed++)
  gallery.add(`finger-${seed}`, templateOf(randomMinutiae(seed)), fingerOf(seed))
const seeds = Array.from({ length: 40 }, (_, k) => 50 * k + 3)

t.test('a recapture finds its finger among many, with few comparisons', async t => {
  let found = 0
  for (const seed of seeds) {
    const { candidates, compared } = gallery.search(probeOf(seed), { scoreMin: THRESHOLD })
    t.ok(compared <= 200)
    t.ok(candidates.every(({ id }) => id === `finger-${seed}`))
    found += candidates.length
  }
  t.ok(found >= 38, `${found} of ${seeds.length}`)
})

t.test('four fingers of one person together always find them', async t => {
  for (const seed of seeds) {
    const first = seed - (seed % POSITIONS.length)
    const probes = new Map(POSITIONS.map((position, k) => [position, probeOf(first + k)]))
    const [candidate, next] = gallery.searchFused(probes)
    t.equal(candidate.person, personOf(seed))
    t.ok(candidate.score > 2 * next.score)
  }
})

t.test('what is removed is found no more, what takes its place is', async t => {
  const seed = seeds[1]
  t.equal(gallery.remove(`finger-${seed}`), true)
  t.same(gallery.search(probeOf(seed), { scoreMin: THRESHOLD }).candidates, [])
  gallery.add(`finger-${seed}`, templateOf(randomMinutiae(99_999)), fingerOf(seed))
  t.equal(gallery.size, FINGERS)
  t.same(gallery.search(probeOf(seed), { scoreMin: THRESHOLD }).candidates, [])
  t.equal(gallery.search(probeOf(99_999)).candidates[0].id, `finger-${seed}`)
})

t.test('a finger takes little memory', async t => {
  // Beside a part that does not grow, one chunk of templates, and a block a position that is not full yet.
  const grown = gallery.bytes - 6 * 1024 * 1024
  t.ok(grown / gallery.size < 2500, `${Math.round(grown / gallery.size)} bytes a finger`)
})

t.test('templates that no finger has do no harm', async t => {
  const strange = templateOf(randomMinutiae(5))
  strange.xPx[0] = Number.NaN
  strange.yPx[1] = -40
  strange.xPx[2] = 1e9
  strange.directionRad[3] = Number.POSITIVE_INFINITY
  strange.reliability[4] = Number.NaN
  gallery.add('strange', strange)
  gallery.add('empty', templateOf([]))
  t.ok(gallery.search(probeOf(5)).candidates.some(({ id }) => id === 'strange'))
  t.same(gallery.search(templateOf([]), { scoreMin: THRESHOLD }).candidates, [])
  t.equal(gallery.search(strange).candidates.length, 10)
})

t.test('the best of many scores, by size, then by index', async t => {
  const scores = Float32Array.from({ length: 500 }, (_, i) => (i * 7919) % 101)
  scores[3] = Number.NEGATIVE_INFINITY
  const expected = [...scores.keys()].filter(i => i !== 3).sort((a, b) => scores[b] - scores[a] || a - b)
  for (const count of [0, 1, 17, 499, 600]) t.same(best(scores, count), expected.slice(0, count))
  t.same(best(new Float32Array(5), 2), [0, 1])
})
