/**
 * Goal: whatever the order in which numbers arrive, what is missing is known.
 * Method: all orders of five numbers, with one left out, against a plain set.
 */
import t from 'tap'
import { holds, missing, NO_SEQUENCES, withSequence } from '../../src/abis/sequences.ts'

function* orders(numbers: readonly number[]): Generator<number[]> {
  if (numbers.length === 0) yield []
  for (const first of numbers)
    for (const rest of orders(numbers.filter(number => number !== first))) yield [first, ...rest]
}

t.test('every order of 1 to 5, with and without one of them', async t => {
  let checked = 0
  for (const left of [0, 1, 2, 3, 4, 5]) {
    for (const order of orders([1, 2, 3, 4, 5].filter(number => number !== left))) {
      let state = NO_SEQUENCES
      const arrived = new Set<number>()
      for (const sequence of order) {
        state = withSequence(state, sequence).state
        arrived.add(sequence)
        let contiguous = 0
        while (arrived.has(contiguous + 1)) contiguous++
        const highest = Math.max(...arrived)
        const right =
          state.contiguous === contiguous &&
          missing(state) === highest - arrived.size &&
          [1, 2, 3, 4, 5, 6].every(number => holds(state, number) === arrived.has(number))
        if (!right) t.fail('the state is not what arrived', { order, sequence, state })
        checked++
      }
    }
  }
  t.equal(checked, 120 * 5 + 5 * 24 * 4)
})

t.test('what an arrival means', async t => {
  const first = withSequence(NO_SEQUENCES, 1)
  t.equal(first.arrival, 'next')
  const ahead = withSequence(first.state, 4)
  t.equal(ahead.arrival, 'ahead')
  t.equal(withSequence(ahead.state, 5).arrival, 'next')
  t.equal(withSequence(ahead.state, 2).arrival, 'fills-gap')
  t.equal(withSequence(ahead.state, 4).arrival, 'again')
  t.equal(withSequence(ahead.state, 1).arrival, 'again')
})
