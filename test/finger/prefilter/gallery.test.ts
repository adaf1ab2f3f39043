/**
 * Goal: a gallery finds whom it holds, and only those.
 * Method: simulated fingers, added, replaced, removed; ties by a template under two ids.
 */
import t from 'tap'
import { THRESHOLD } from '../../../src/finger/compare/compare.ts'
import { Gallery } from '../../../src/finger/prefilter/gallery.ts'
import { randomMinutiae, recaptured, templateOf } from '../compare/simulated.ts'

function galleryOf(count: number): Gallery {
  const gallery = new Gallery()
  for (let seed = 1; seed <= count; seed++) gallery.add(`finger-${seed}`, templateOf(randomMinutiae(seed)))
  return gallery
}

t.test('another capture finds its finger first', async t => {
  const gallery = galleryOf(30)
  for (const seed of [1, 12, 30]) {
    const { candidates, compared } = gallery.search(
      templateOf(recaptured(randomMinutiae(seed), seed + 90, 4)),
    )
    t.equal(candidates[0].id, `finger-${seed}`)
    t.ok(candidates[0].score >= THRESHOLD)
    t.equal(compared, 30)
    t.equal(candidates.length, 10)
    t.same(
      candidates.map(({ score }) => score),
      candidates.map(({ score }) => score).sort((a, b) => b - a),
    )
  }
})

t.test('limit and least score', async t => {
  const gallery = galleryOf(12)
  const probe = templateOf(recaptured(randomMinutiae(3), 5, 3))
  t.equal(gallery.search(probe, { limit: 2 }).candidates.length, 2)
  t.same(
    gallery.search(probe, { scoreMin: THRESHOLD }).candidates.map(({ id }) => id),
    ['finger-3'],
  )
  t.same(gallery.search(probe, { limit: 0 }).candidates, [])
})

t.test('an id holds one template: adding again replaces, removing forgets', async t => {
  const gallery = galleryOf(3)
  gallery.add('finger-2', templateOf(randomMinutiae(9)))
  t.equal(gallery.size, 3)
  const scoreMin = THRESHOLD
  t.same(gallery.search(templateOf(randomMinutiae(2)), { scoreMin }).candidates, [])
  t.equal(gallery.search(templateOf(randomMinutiae(9)), { scoreMin }).candidates[0].id, 'finger-2')
  t.equal(gallery.remove('finger-2'), true)
  t.equal(gallery.remove('finger-2'), false)
  t.equal(gallery.size, 2)
  t.same(gallery.search(templateOf(randomMinutiae(9)), { scoreMin }).candidates, [])
})

t.test('equal scores stand by id, whatever the order of adding', async t => {
  const gallery = new Gallery()
  for (const id of ['b', 'c', 'a']) gallery.add(id, templateOf(randomMinutiae(4)))
  const { candidates } = gallery.search(templateOf(randomMinutiae(4)))
  t.same(
    candidates.map(({ id }) => id),
    ['a', 'b', 'c'],
  )
})

t.test('an empty gallery, and an empty probe', async t => {
  t.same(new Gallery().search(templateOf(randomMinutiae(1))), { candidates: [], compared: 0 })
  t.same(galleryOf(2).search(templateOf([]), { scoreMin: 1 }).candidates, [])
})
