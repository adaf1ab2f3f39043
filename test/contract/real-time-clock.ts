import t from 'tap'
import type { RealTimeClock } from '../../hal/ports/real-time-clock.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { diagnosableContract } from './diagnosable.ts'

export interface RealTimeClockUnderTest {
  readonly part: RealTimeClock
  readonly clock: ManualClock
  setSilent(silent: boolean): void
  /** Battery and supply were both gone. */
  losePower(): void
}

const TIMEOUT_MS = 1000
const request = (signal = new AbortController().signal) => ({ timeoutMs: TIMEOUT_MS, signal })
const LEAP_DAY_END = Date.UTC(2028, 1, 29, 23, 59, 58)

/** The contract of `hal/ports/real-time-clock.ts`, one test a line of it. `make` gives a part that was never set. */
export function realTimeClockContract(name: string, make: () => Promise<RealTimeClockUnderTest>): void {
  const opened = async () => {
    const rtc = await make()
    await rtc.clock.finish(rtc.part.open())
    return rtc
  }
  diagnosableContract(name, make)
  t.test(`${name} keeps the contract of a real-time clock`, async t => {
    t.test('never set, it is not trusted; set, it is, and goes on', async t => {
      const { part, clock } = await opened()
      t.equal((await clock.finish(part.read(request()))).trusted, false)
      await clock.finish(part.set(LEAP_DAY_END, request()))
      const { timeMs, trusted } = await clock.finish(part.read(request()))
      t.ok(trusted)
      t.ok(Math.abs(timeMs - LEAP_DAY_END) <= 1000)
      await clock.advance(10_000)
      const later = await clock.finish(part.read(request()))
      t.ok(Math.abs(later.timeMs - LEAP_DAY_END - 10_000) <= 1000, 'over the end of February')
      await part.close()
    })

    t.test('without power it has lost the time, and says so until it is set', async t => {
      const { part, clock, losePower } = await opened()
      await clock.finish(part.set(LEAP_DAY_END, request()))
      losePower()
      t.equal((await clock.finish(part.read(request()))).trusted, false)
      await clock.finish(part.set(LEAP_DAY_END, request()))
      t.ok((await clock.finish(part.read(request()))).trusted)
      await part.close()
    })

    t.test('times that it cannot hold are refused, and change nothing', async t => {
      const { part, clock } = await opened()
      await clock.finish(part.set(LEAP_DAY_END, request()))
      for (const timeMs of [Date.UTC(1999, 11, 31), Date.UTC(2100, 0, 1), Number.NaN, -1])
        await t.rejects(clock.finish(part.set(timeMs, request())), { code: 'hal/unsupported' })
      for (const timeMs of [Date.UTC(2000, 0, 1), Date.UTC(2099, 11, 31, 23, 59, 50)]) {
        await clock.finish(part.set(timeMs, request()))
        t.ok(Math.abs((await clock.finish(part.read(request()))).timeMs - timeMs) <= 1000)
      }
      await part.close()
    })

    t.test('one call at a time', async t => {
      const { part, clock } = await opened()
      const first = part.set(LEAP_DAY_END, request())
      await t.rejects(part.read(request()), { code: 'hal/busy' })
      await clock.finish(first)
      t.ok(await clock.finish(part.read(request())))
      await part.close()
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
      await t.rejects(clock.finish(part.set(LEAP_DAY_END, request())), { code: 'hal/no-answer' })
      t.ok(clock.monotonicMs() - startMs <= 2 * TIMEOUT_MS)
      setSilent(false)
      t.ok(await clock.finish(part.read(request())))
      await part.close()
    })

    t.test('it is of no use before it is open and after it was closed', async t => {
      const { part, clock } = await make()
      await t.rejects(part.read(request()), { code: 'hal/not-open' })
      await clock.finish(part.open())
      const reason = new Error('the citizen left')
      await t.rejects(part.read(request(AbortSignal.abort(reason))), reason)
      await part.close()
      await part.close()
      await t.rejects(part.read(request()), { code: 'hal/not-open' })
      await t.rejects(part.set(LEAP_DAY_END, request()), { code: 'hal/not-open' })
      await t.rejects(part.open(), { code: 'hal/not-open' })
      await clock.advance(TIMEOUT_MS)
      t.equal(clock.sleeping, 0, 'nothing is left waiting')
    })
  })
}
