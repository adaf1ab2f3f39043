/**
 * Goal: nothing that a citizen was told is done is lost or doubled, whatever fails in whatever order.
 * Method: seeded simulations (`npm run -s soak -- simulation` runs 10,000); a failure names its seed.
 */
import t from 'tap'
import { sabotages, simulate } from './simulate.ts'

const SEEDS = 40
const SABOTAGE_SEEDS = 8

t.test(`${SEEDS} bad days`, async t => {
  let enrolled = 0
  let cuts = 0
  let restores = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const run = await simulate(seed)
    enrolled += run.enrolled
    cuts += run.cuts
    restores += run.restores
    if (run.violations.length > 0) t.fail(`seed ${seed}`, { violations: run.violations })
  }
  t.ok(enrolled > 10 * SEEDS, `${enrolled} enrolled`)
  t.ok(cuts > 2 * SEEDS, `${cuts} power cuts`)
  t.ok(restores > SEEDS / 4, `${restores} times the ABIS was set back`)
})

t.test('the same seed is the same day', async t => {
  for (const seed of [7, 8]) t.equal((await simulate(seed)).trace, (await simulate(seed)).trace)
  t.not((await simulate(7)).trace, (await simulate(8)).trace)
})

for (const sabotage of sabotages) {
  t.test(`a broken build is caught: ${sabotage}`, async t => {
    let caught = 0
    for (let seed = 1; seed <= SABOTAGE_SEEDS; seed++)
      if ((await simulate(seed, sabotage)).violations.length > 0) caught++
    t.ok(caught > 0, `by ${caught} of ${SABOTAGE_SEEDS} seeds`)
  })
}
