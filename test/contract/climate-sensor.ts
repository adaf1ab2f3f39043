import t from 'tap'
import type { Climate, ClimateSensor } from '../../hal/ports/climate-sensor.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import { diagnosableContract } from './diagnosable.ts'

export interface ClimateUnderTest {
  readonly part: ClimateSensor
  readonly clock: ManualClock
  /** What it is like where the part is. */
  setClimate(climate: Climate): void
  setSilent(silent: boolean): void
}

const TIMEOUT_MS = 1000
const request = (signal = new AbortController().signal) => ({ timeoutMs: TIMEOUT_MS, signal })

/** The contract of `hal/ports/climate-sensor.ts`, one test a line of it. `make` gives a part that was not opened. */
export function climateSensorContract(name: string, make: () => Promise<ClimateUnderTest>): void {
  const opened = async () => {
    const sensor = await make()
    await sensor.clock.finish(sensor.part.open())
    return sensor
  }
  diagnosableContract(name, make)
  t.test(`${name} keeps the contract of a climate sensor`, async t => {
    t.test('it measures what is', async t => {
      const { part, clock, setClimate } = await opened()
      for (const climate of [
        { temperatureCelsius: 27.4, humidityPercent: 71 },
        { temperatureCelsius: -12, humidityPercent: 3 },
        { temperatureCelsius: 68, humidityPercent: 100 },
      ]) {
        setClimate(climate)
        const measured = await clock.finish(part.measure(request()))
        t.ok(Math.abs(measured.temperatureCelsius - climate.temperatureCelsius) < 0.01)
        t.ok(Math.abs(measured.humidityPercent - climate.humidityPercent) < 0.01)
      }
      await part.close()
    })

    t.test('one measurement at a time', async t => {
      const { part, clock } = await opened()
      const first = part.measure(request())
      await t.rejects(part.measure(request()), { code: 'hal/busy' })
      await t.rejects(part.diagnose(request()), { code: 'hal/busy' })
      t.ok(await clock.finish(first))
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
      await t.rejects(clock.finish(part.measure(request())), { code: 'hal/no-answer' })
      t.ok(clock.monotonicMs() - startMs <= TIMEOUT_MS)
      setSilent(false)
      t.ok(await clock.finish(part.measure(request())), 'and it comes back')
      await part.close()
    })

    t.test('a signal stops it early', async t => {
      const { part, clock } = await opened()
      const stop = new AbortController()
      const reason = new Error('the citizen left')
      const measurement = part.measure(request(stop.signal))
      await clock.advance(1)
      stop.abort(reason)
      await t.rejects(measurement, reason)
      t.ok(await clock.finish(part.measure(request())))
      await part.close()
    })

    t.test('it is of no use before it is open and after it was closed', async t => {
      const { part, clock } = await make()
      await t.rejects(part.measure(request()), { code: 'hal/not-open' })
      await clock.finish(part.open())
      const rejected = t.rejects(part.measure(request()), { code: 'hal/not-open' })
      await clock.advance(1)
      await clock.finish(part.close())
      await rejected
      await part.close()
      await t.rejects(part.measure(request()), { code: 'hal/not-open' })
      await t.rejects(part.open(), { code: 'hal/not-open' })
      await clock.advance(TIMEOUT_MS)
      t.equal(clock.sleeping, 0, 'nothing is left waiting')
    })
  })
}
