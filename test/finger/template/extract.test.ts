/**
 * Goal: minutiae come out where they are, as what they are, pointing where they point.
 * Method: waves with one spiral in their phase, which is one minutia by construction.
 */
import t from 'tap'
import { extract } from '../../../src/finger/template/extract.ts'
import { KIND } from '../../../src/finger/template/template.ts'
import { spiralFrame } from './spiral.ts'

/** Difference of two angles, 0…π. */
const turnBetween = (a: number, b: number) => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)))

for (const kind of [KIND.ending, KIND.bifurcation]) {
  t.test(`one minutia of kind ${kind} in 16 directions`, async t => {
    for (let step = 0; step < 16; step++) {
      const spiral = { xPx: 101.3, yPx: 94.7, directionRad: (step * Math.PI) / 8 + 0.01, kind }
      const { template } = extract(spiralFrame(spiral))
      t.equal(template.count, 1, `exactly one at ${step}`)
      t.ok(Math.abs(template.xPx[0] - spiral.xPx) < 2, `x at ${step}`)
      t.ok(Math.abs(template.yPx[0] - spiral.yPx) < 2, `y at ${step}`)
      t.ok(turnBetween(template.directionRad[0], spiral.directionRad) < 0.2, `direction at ${step}`)
      t.equal(template.kind[0], kind, `kind at ${step}`)
    }
  })
}
