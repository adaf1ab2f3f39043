/**
 * Goal: threads of their own find in a gallery what its own thread finds, also while it changes.
 * Method: simulated fingers, more than are compared one by one, searched by two threads at once; then fingers removed
 * while they are looked for, more than the memory had room for, and fingers of the other form.
 */
import t, { type Test } from 'tap'
import { THRESHOLD } from '../../../src/finger/compare/compare.ts'
import { EXHAUSTIVE_MAX, Gallery } from '../../../src/finger/prefilter/gallery.ts'
import { SearchPool } from '../../../src/finger/worker/search-pool.ts'
import { randomMinutiae, recaptured, templateOf } from '../compare/simulated.ts'

t.setTimeout(300_000)

const FINGERS = EXHAUSTIVE_MAX + 50
const POSITIONS = [2, 7]
const fingerOf = (seed: number) => ({
  person: `person-${Math.floor(seed / 2)}`,
  position: POSITIONS[seed % 2],
})
const probeOf = (seed: number) => templateOf(recaptured(randomMinutiae(seed), seed + 77, 3))

function galleryOf(count: number): Gallery {
  const gallery = new Gallery()
  for (let seed = 0; seed < count; seed++)
    gallery.add(`finger-${seed}`, templateOf(randomMinutiae(seed)), fingerOf(seed))
  return gallery
}

function poolOf(t: Test, gallery: Gallery): SearchPool {
  const pool = new SearchPool(gallery, 2)
  t.teardown(() => pool.close())
  return pool
}

t.test('two threads find at once what this one finds', async t => {
  const gallery = galleryOf(FINGERS)
  const pool = poolOf(t, gallery)
  const seeds = [3, 404, 1005, 2044]
  const found = await Promise.all(seeds.map(seed => pool.search(probeOf(seed))))
  t.same(
    found,
    seeds.map(seed => gallery.search(probeOf(seed))),
  )
  t.same(
    found.map(({ candidates }) => candidates[0].id),
    seeds.map(seed => `finger-${seed}`),
  )
  const probes = new Map(POSITIONS.map((position, k) => [position, probeOf(700 + k)]))
  const people = await pool.searchFused(probes, { limit: 3 })
  t.same(people, gallery.searchFused(probes, { limit: 3 }))
  t.equal(people[0].person, 'person-350')
})

t.test('a finger that went while it was looked for is not found, nor who took its place', async t => {
  const gallery = galleryOf(FINGERS)
  const pool = poolOf(t, gallery)
  await pool.search(probeOf(1))
  const searching = pool.search(probeOf(9), { scoreMin: THRESHOLD })
  gallery.remove('finger-9')
  gallery.add('another', templateOf(randomMinutiae(77_777)), fingerOf(9))
  t.same((await searching).candidates, [])
  t.equal((await pool.search(probeOf(77_777))).candidates[0].id, 'another')
})

t.test(
  'what comes later is found, also where the memory had to grow, and where it is of another form',
  async t => {
    const gallery = galleryOf(4)
    const pool = poolOf(t, gallery)
    t.equal((await pool.search(probeOf(3))).candidates[0].id, 'finger-3')
    for (let seed = 4; seed < FINGERS; seed++)
      pool.add(`finger-${seed}`, templateOf(randomMinutiae(seed)), fingerOf(seed))
    t.equal((await pool.search(probeOf(FINGERS - 1))).candidates[0].id, `finger-${FINGERS - 1}`)
    const orientation = {
      cellPx: 16,
      columns: 24,
      rows: 32,
      angle: new Uint8Array(24 * 32).fill(30),
      coherence: new Uint8Array(24 * 32).fill(255),
    }
    pool.add('textured', { ...templateOf(randomMinutiae(88_888)), orientation })
    t.equal((await pool.search({ ...probeOf(88_888), orientation })).candidates[0].id, 'textured')
  },
)

t.test('rested threads search as before, closed ones begin again', async t => {
  const pool = poolOf(t, galleryOf(20))
  const before = await pool.search(probeOf(5))
  await pool.rest()
  pool.prepare()
  t.same(await pool.search(probeOf(5)), before)
  await pool.close()
  t.same(await pool.search(probeOf(5)), before)
})
