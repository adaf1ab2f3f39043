import t from 'tap'
import { BUZZER_MS_MAX, type Buzzer } from '../../hal/ports/buzzer.ts'
import { notices } from '../../hal/ports/notice.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { type ContractOptions, diagnosableContract } from './diagnosable.ts'

export interface BuzzerUnderTest {
  readonly part: Buzzer
  readonly clock: ManualClock
  sounding(): boolean
  /** The buzzer cannot be switched, or can again. */
  setSilent(silent: boolean): void
}

const forEver = () => ({ signal: new AbortController().signal })

/** The contract of `hal/ports/buzzer.ts`, one test a line of it. `make` gives a part that was not opened. */
export function buzzerContract(
  name: string,
  make: () => Promise<BuzzerUnderTest>,
  options: ContractOptions = {},
): void {
  const opened = async () => {
    const buzzer = await make()
    await buzzer.clock.finish(buzzer.part.open())
    return buzzer
  }
  diagnosableContract(name, make, options)
  t.test(`${name} keeps the contract of a buzzer`, async t => {
    t.test('every tune sounds, ends in time, and leaves silence', async t => {
      for (const notice of notices) {
        const { part, clock, sounding } = await opened()
        const startMs = clock.monotonicMs()
        const tune = part.sound(notice, forEver())
        await clock.advance(1)
        t.ok(sounding(), notice)
        await clock.finish(tune)
        t.ok(clock.monotonicMs() - startMs <= BUZZER_MS_MAX, notice)
        t.notOk(sounding(), notice)
        await part.close()
      }
    })

    t.test('one tune at a time, and no question meanwhile', async t => {
      const { part, clock } = await opened()
      const tune = part.sound('help-called', forEver())
      await t.rejects(part.sound('ready', forEver()), { code: 'hal/busy' })
      await t.rejects(part.diagnose({ timeoutMs: 100, ...forEver() }), { code: 'hal/busy' })
      await clock.finish(tune)
      await clock.finish(part.sound('ready', forEver()))
      await part.close()
    })

    t.test('a signal ends it, silent', async t => {
      const { part, clock, sounding } = await opened()
      const stop = new AbortController()
      const reason = new Error('the citizen left')
      const tune = part.sound('fault', { signal: stop.signal })
      await clock.advance(10)
      t.ok(sounding())
      stop.abort(reason)
      await t.rejects(clock.finish(tune), reason)
      t.notOk(sounding())
      await part.close()
    })

    t.test('closing ends it, silent, for good', async t => {
      const { part, clock, sounding } = await opened()
      const tune = part.sound('fault', forEver())
      const rejected = t.rejects(tune, { code: 'hal/not-open' })
      await clock.advance(10)
      await part.close()
      await rejected
      await part.close()
      t.notOk(sounding())
      await t.rejects(part.sound('ready', forEver()), { code: 'hal/not-open' })
      await t.rejects(part.open(), { code: 'hal/not-open' })
      t.equal(clock.sleeping, 0, 'nothing is left waiting')
    })

    t.test('before it is open, it says so', async t => {
      const { part } = await make()
      await t.rejects(part.sound('ready', forEver()), { code: 'hal/not-open' })
    })

    if (options.faults ?? true)
      t.test('where it cannot be switched, it says so', async t => {
        const { part, clock, setSilent } = await make()
        await clock.finish(part.open())
        setSilent(true)
        await t.rejects(clock.finish(part.sound('ready', forEver())), { code: 'hal/no-answer' })
        await part.close()
      })
  })
}
