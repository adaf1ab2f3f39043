import type { Clock } from '../../src/base/clock.ts'
import { KioskError } from '../../src/base/errors.ts'
import type { Climate, ClimateSensor } from '../ports/climate-sensor.ts'
import type { Reading } from '../ports/part.ts'
import { PartGate } from '../ports/part-gate.ts'

const MEASURE_MS = 15

/** A climate sensor that is not there. */
export class SimulatedClimateSensor implements ClimateSensor {
  /** What it is like in the housing. */
  climate: Climate = { temperatureCelsius: 27, humidityPercent: 70 }
  private readonly gate = new PartGate()
  private silent = false

  constructor(private readonly clock: Clock) {}

  /** A fault: while silent, the part answers nothing. */
  setSilent(silent: boolean): void {
    this.silent = silent
  }

  async open(): Promise<void> {
    await this.gate.open(async () => {
      if (this.silent) throw new KioskError('hal/no-answer')
    })
  }

  async measure({ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }): Promise<Climate> {
    return this.gate.run(signal, async stop => {
      const neededMs = this.silent ? Number.POSITIVE_INFINITY : MEASURE_MS
      await this.clock.sleep(Math.min(neededMs, timeoutMs), stop)
      if (neededMs > timeoutMs) throw new KioskError('hal/no-answer', { timeoutMs })
      return this.climate
    })
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    const { temperatureCelsius, humidityPercent } = await this.measure(options)
    return [
      { name: 'temperature', value: temperatureCelsius, unit: '°C' },
      { name: 'humidity', value: humidityPercent, unit: '%' },
    ]
  }

  async close(): Promise<void> {
    this.gate.close()
  }
}
