import t from 'tap'
import { compare } from '../../../src/finger/compare/compare.ts'
import { syntheticFinger } from '../../../src/finger/synthetic/finger.ts'
import { impression } from '../../../src/finger/synthetic/impression.ts'
import { extract } from '../../../src/finger/template/extract.ts'

/**
 * Goal: to the engine, synthetic fingers are fingers: accepted, with as many minutiae as real ones, alike
 * with themselves and with nobody else.
 * Method: five fingers twice, every pair compared.
 */
t.test('the engine takes synthetic fingers for real ones', async t => {
  const samples = [1, 2, 3, 4, 5].flatMap(seed => {
    const finger = syntheticFinger(seed)
    return [0, 1].map(visit => ({ seed, ...extract(impression(finger, { seed: visit })) }))
  })
  for (const { quality, template } of samples) {
    t.ok(quality.accept, `quality ${quality.score}`)
    t.ok(template.count >= 20 && template.count <= 100, `${template.count} minutiae`)
  }
  samples.forEach((a, i) => {
    for (const b of samples.slice(i + 1))
      t.equal(compare(a.template, b.template).alike, a.seed === b.seed, `fingers ${a.seed} and ${b.seed}`)
  })
})
