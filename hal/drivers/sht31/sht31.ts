import type { Clock } from '../../../src/base/clock.ts'
import type { Climate, ClimateSensor } from '../../ports/climate-sensor.ts'
import type { I2cBus } from '../../ports/i2c-bus.ts'
import { I2cPart, ignoreSilence, type Turn } from '../../ports/i2c-part.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import { ANSWER_BYTES, COMMAND, climateOf, decodeWords, MEASURE_MS, RESET_MS, STATUS_BYTES } from './codec.ts'

/** With its address pin low; high gives 0x45. */
export const SHT31_ADDRESS = 0x44
const OPEN_TIMEOUT_MS = 500
const TRIES_MAX = 3

/**
 * An SHT30, SHT31 or SHT35. Each measurement is asked for by itself, so that a part which lost its power and came back
 * needs nothing from us.
 */
export class Sht31 implements ClimateSensor {
  private readonly gate = new PartGate()
  private readonly part: I2cPart

  constructor(options: { bus: I2cBus; clock: Clock; address?: number }) {
    this.part = new I2cPart({ address: SHT31_ADDRESS, ...options })
  }

  async open(): Promise<void> {
    await this.gate.open(signal =>
      this.part.open(async () => {
        const turn = this.part.turn(OPEN_TIMEOUT_MS, signal)
        await this.patiently(() => this.part.transfer(COMMAND.softReset, 0, turn), turn)
        await this.part.pause(RESET_MS, turn)
        await this.words(async () => {
          await this.part.transfer(COMMAND.readStatus, 0, turn)
          return this.part.transfer([], STATUS_BYTES, turn)
        })
      }),
    )
  }

  async measure({ timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal }): Promise<Climate> {
    return this.gate.run(signal, async stop => {
      const turn = this.part.turn(timeoutMs, stop)
      const climate = climateOf(await this.words(() => this.measurement(turn)))
      if (climate === undefined) throw this.part.nonsense('temperature beyond -40 to 125 °C')
      return climate
    })
  }

  async diagnose(options: { timeoutMs: number; signal: AbortSignal }): Promise<readonly Reading[]> {
    const { temperatureCelsius, humidityPercent } = await this.measure(options)
    return [
      { name: 'temperature', value: Math.round(temperatureCelsius * 10) / 10, unit: '°C' },
      { name: 'humidity', value: Math.round(humidityPercent), unit: '%' },
    ]
  }

  async close(): Promise<void> {
    this.gate.close()
    await this.part.close()
  }

  private async measurement(turn: Turn): Promise<Uint8Array> {
    await this.patiently(() => this.part.transfer(COMMAND.measure, 0, turn), turn)
    await this.part.pause(MEASURE_MS, turn)
    return this.patiently(() => this.part.transfer([], ANSWER_BYTES, turn), turn)
  }

  /** It does not acknowledge while it measures, be it for a call that was given up. */
  private async patiently(transfer: () => Promise<Uint8Array>, turn: Turn): Promise<Uint8Array> {
    for (let tries = 1; tries < TRIES_MAX; tries++) {
      const bytes = await transfer().catch(ignoreSilence)
      if (bytes !== undefined) return bytes
      await this.part.pause(MEASURE_MS, turn)
    }
    return transfer()
  }

  /** What `ask` brings, once its check bytes fit; noise on the wires costs a repetition. */
  private async words(ask: () => Promise<Uint8Array>): Promise<number[]> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const words = decodeWords(await ask())
      if (words !== undefined) return words
    }
    throw this.part.nonsense('wrong checksum')
  }
}
