import t from 'tap'
import type { Expander } from '../../hal/ports/expander.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { diagnosableContract } from './diagnosable.ts'

export interface ExpanderUnderTest {
  readonly part: Expander
  readonly clock: ManualClock
  /** The world pulls the pins low that are 0 in `levels`. */
  pull(levels: number): void
  /** What a voltmeter shows at the pins. */
  pins(): number
  setSilent(silent: boolean): void
}

const TIMEOUT_MS = 1000
const request = (signal = new AbortController().signal) => ({ timeoutMs: TIMEOUT_MS, signal })

/** The contract of `hal/ports/expander.ts`, one test a line of it. `make` gives a part that was not opened. */
export function expanderContract(name: string, make: () => Promise<ExpanderUnderTest>): void {
  const opened = async () => {
    const expander = await make()
    await expander.clock.finish(expander.part.open())
    return expander
  }
  diagnosableContract(name, make)
  t.test(`${name} keeps the contract of an expander`, async t => {
    t.test('it reads every pin, and leaves them as they are', async t => {
      const { part, clock, pull, pins } = await opened()
      t.equal(part.info.pins, 8)
      for (let pin = 0; pin < 8; pin++) {
        pull(0xff & ~(1 << pin))
        t.equal(await clock.finish(part.read(request())), 0xff & ~(1 << pin))
      }
      pull(0xff)
      t.equal(pins(), 0xff)
      await clock.finish(part.close())
    })

    t.test('it writes the pins of the mask only', async t => {
      const { part, clock, pins } = await opened()
      await clock.finish(part.write(0x0f, 0x05, request()))
      t.equal(pins(), 0xf5)
      await clock.finish(part.write(0xc0, 0x40, request()))
      t.equal(pins(), 0x75)
      await clock.finish(part.write(0x02, 0xff, request()))
      t.equal(pins(), 0x77)
      t.equal(await clock.finish(part.read(request())), 0x77)
      await clock.finish(part.close())
      t.equal(pins(), 0xff, 'closing lets all go')
    })

    t.test('calls that overlap do their work whole, in order', async t => {
      const { part, clock, pins } = await opened()
      const calls: Promise<unknown>[] = []
      for (let pin = 0; pin < 8; pin++) calls.push(part.write(1 << pin, 0, request()))
      calls.push(part.read(request()).then(levels => t.equal(levels, 0)))
      calls.push(part.write(0xf0, 0xf0, request()))
      await clock.finish(Promise.all(calls))
      t.equal(pins(), 0xf0)
      await clock.finish(part.close())
    })

    t.test('a silent part ends in time, whether before or after it was opened', async t => {
      const { part, clock, setSilent } = await make()
      setSilent(true)
      await t.rejects(clock.finish(part.open()), { code: 'hal/no-answer' })
      setSilent(false)
      await clock.finish(part.open())
      setSilent(true)
      const startMs = clock.monotonicMs()
      await t.rejects(clock.finish(part.read(request())), { code: 'hal/no-answer' })
      await t.rejects(clock.finish(part.write(1, 0, request())), { code: 'hal/no-answer' })
      t.ok(clock.monotonicMs() - startMs <= 2 * TIMEOUT_MS)
      setSilent(false)
      t.type(await clock.finish(part.read(request())), 'number')
      await clock.finish(part.close())
    })

    t.test('it is of no use before it is open and after it was closed', async t => {
      const { part, clock } = await make()
      await t.rejects(part.read(request()), { code: 'hal/not-open' })
      await t.rejects(part.write(1, 0, request()), { code: 'hal/not-open' })
      await clock.finish(part.open())
      const reason = new Error('the technician left')
      await t.rejects(part.read(request(AbortSignal.abort(reason))), reason)
      await clock.finish(part.close())
      await clock.finish(part.close())
      await t.rejects(part.read(request()), { code: 'hal/not-open' })
      await t.rejects(part.open(), { code: 'hal/not-open' })
      await clock.advance(TIMEOUT_MS)
      t.equal(clock.sleeping, 0, 'nothing is left waiting')
    })
  })
}
