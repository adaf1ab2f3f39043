import t from 'tap'
import type { TwoStatePart } from '../../hal/ports/two-state-part.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { type ContractOptions, diagnosableContract } from './diagnosable.ts'

/** A part, and the hands of the test on what it senses. */
export interface TwoStateUnderTest {
  readonly part: TwoStatePart
  readonly clock: ManualClock
  /** Somebody comes, opens, turns or plugs; or the opposite. */
  set(active: boolean): void
  setSilent(silent: boolean): void
}

/** Longer than any part takes to believe what it senses. */
const SETTLED_MS = 6500

/** The contract of `hal/ports/two-state-part.ts`, one test a line of it. `make` gives a part that was not opened. */
export function twoStatePartContract(
  name: string,
  make: () => Promise<TwoStateUnderTest>,
  options: ContractOptions = {},
): void {
  diagnosableContract(name, make, options)
  t.test(`${name} keeps the contract of a part with two states`, async t => {
    t.test('its state is known once it is open, and unknown before and after', async t => {
      for (const active of [false, true]) {
        const { part, clock, set } = await make()
        set(active)
        t.equal(part.active, undefined)
        await clock.finish(part.open())
        t.equal(part.active, active)
        await clock.finish(part.close())
        t.equal(part.active, undefined)
        await part.close()
        await t.rejects(part.open(), { code: 'hal/not-open' })
        await clock.advance(SETTLED_MS)
        t.equal(clock.sleeping, 0, 'nothing is left waiting')
      }
    })

    t.test('each change is heard once, in order, while it is open', async t => {
      const { part, clock, set } = await make()
      const heard: (boolean | undefined)[] = []
      part.onChange(active => {
        t.equal(part.active, active)
        heard.push(active)
      })
      set(true)
      await clock.finish(part.open())
      t.same(heard, [])
      for (const active of [false, true, false]) {
        set(active)
        await clock.advance(SETTLED_MS)
      }
      t.same(heard, [false, true, false])
      await clock.finish(part.close())
      set(true)
      await clock.advance(SETTLED_MS)
      t.same(heard, [false, true, false])
    })

    if (options.faults ?? true)
      t.test('a silent part cannot be opened, and one that falls silent comes back by itself', async t => {
        const { part, clock, set, setSilent } = await make()
        const heard: (boolean | undefined)[] = []
        part.onChange(active => heard.push(active))
        setSilent(true)
        await t.rejects(clock.finish(part.open()), { code: /^hal\/no-/ })
        setSilent(false)
        await clock.finish(part.open())
        setSilent(true)
        await clock.advance(SETTLED_MS)
        t.equal(part.active, undefined)
        set(true)
        setSilent(false)
        await clock.advance(SETTLED_MS)
        t.equal(part.active, true)
        t.same(heard, [undefined, true])
        await clock.finish(part.close())
      })
  })
}
