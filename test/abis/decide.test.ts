/** Goal: chance does not make a duplicate, and two good fingers do, whatever the gallery's size. */
import t from 'tap'
import { type Hit, likenessOf, weigh } from '../../src/abis/decide.ts'

const hit = (position: number, candidate: string, score: number, candidatePosition = position): Hit => ({
  position,
  candidate,
  candidatePosition,
  score,
})

t.test('evidence adds up over fingers, each of them once', async t => {
  const [best, next] = weigh([
    hit(1, 'a', 45),
    hit(2, 'a', 35),
    hit(1, 'a', 33, 2), // finger 1 has counted already
    hit(3, 'a', 29), // too weak to be evidence
    hit(1, 'b', 90), // no finger counts more than 60
  ])
  t.same(best, { candidate: 'a', score: 80, fingers: 2 })
  t.same(next, { candidate: 'b', score: 60, fingers: 1 })
  t.same(weigh([]), [])
})

t.test('the larger the search, the more it takes', async t => {
  const evidence = (score: number) => ({ candidate: 'a', score, fingers: 2 })
  t.equal(likenessOf(undefined, 1000), 'other')
  t.equal(likenessOf(evidence(45), 10), 'same')
  t.equal(likenessOf(evidence(45), 1000), 'unsure')
  t.equal(likenessOf(evidence(45), 1_000_000), 'other')
  t.equal(likenessOf(evidence(120), 1_000_000_000), 'same')
  t.equal(likenessOf(evidence(35), 0), 'same', 'an empty gallery divides by nothing')
})

t.test('one finger alone never says "same" in a large gallery', async t => {
  const [best] = weigh([hit(1, 'a', 200)])
  t.equal(likenessOf(best, 10_000), 'unsure')
})
