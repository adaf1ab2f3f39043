import t from 'tap'
import type { Diagnosable } from '../../hal/ports/part.ts'
import type { ManualClock } from '../support/manual-clock.ts'

export interface DiagnosableUnderTest {
  readonly part: Diagnosable & { open(): Promise<void>; close(): Promise<void> }
  readonly clock: ManualClock
  /** The part stops answering, or answers again. */
  setSilent(silent: boolean): void
}

export interface ContractOptions {
  /** False where the part is real, and no test can silence it: what a silent part must do is left to its simulator. */
  readonly faults?: boolean
}

const TIMEOUT_MS = 3000
const request = (signal = new AbortController().signal) => ({ timeoutMs: TIMEOUT_MS, signal })

/** The contract of `Diagnosable` in `hal/ports/part.ts`. `make` gives a part that was not opened. */
export function diagnosableContract(
  name: string,
  make: () => Promise<DiagnosableUnderTest>,
  { faults = true }: ContractOptions = {},
): void {
  t.test(`${name} answers a technician's question`, async t => {
    t.test('only while it is open', async t => {
      const { part, clock } = await make()
      await t.rejects(part.diagnose(request()), { code: 'hal/not-open' })
      await clock.finish(part.open())
      await clock.finish(part.diagnose(request()))
      await clock.finish(part.close())
      await t.rejects(part.diagnose(request()), { code: 'hal/not-open' })
    })

    t.test('with values that a person can read', async t => {
      const { part, clock } = await make()
      await clock.finish(part.open())
      const readings = await clock.finish(part.diagnose(request()))
      t.ok(readings.length > 0)
      t.equal(new Set(readings.map(reading => reading.name)).size, readings.length, 'each name once')
      for (const { name, value, unit } of readings) {
        t.match(name, /^[a-z][a-z -]*$/)
        t.ok(typeof value !== 'number' || Number.isFinite(value), name)
        t.ok(unit === undefined || unit.length > 0, name)
      }
      await clock.finish(part.close())
    })

    if (faults)
      t.test('a silent part is said to be silent, in time, and the next question is answered', async t => {
        const { part, clock, setSilent } = await make()
        await clock.finish(part.open())
        setSilent(true)
        const startMs = clock.monotonicMs()
        await t.rejects(clock.finish(part.diagnose(request())), { code: 'hal/no-answer' })
        t.ok(clock.monotonicMs() - startMs <= TIMEOUT_MS)
        setSilent(false)
        t.ok(await clock.finish(part.diagnose(request())))
        await clock.finish(part.close())
      })

    t.test('it stops early on a signal, with its reason', async t => {
      const { part, clock } = await make()
      await clock.finish(part.open())
      const reason = new Error('the technician left')
      await t.rejects(part.diagnose(request(AbortSignal.abort(reason))), reason)
      t.ok(await clock.finish(part.diagnose(request())))
      await clock.finish(part.close())
      await clock.advance(TIMEOUT_MS)
      t.equal(clock.sleeping, 0, 'and nothing is left waiting')
    })
  })
}
