import type { Clock } from '../../src/base/clock.ts'
import { COMMAND, encodeWords, MEASURE_MS, RESET_MS, wordsOf } from '../drivers/sht31/codec.ts'
import type { Climate } from '../ports/climate-sensor.ts'
import type { I2cDevice } from './i2c-controller.ts'

/** An SHT31 as it is seen from its wires. */
export class Sht31Device implements I2cDevice {
  climate: Climate = { temperatureCelsius: 27, humidityPercent: 70 }
  /** A fault: acknowledges nothing. */
  silent = false
  /** A fault: so many answers, from the next on, come with a wrong check byte. */
  spoiltAnswers = 0
  private answer: Uint8Array | undefined
  private readyAtMs = 0

  constructor(private readonly clock: Clock) {}

  write(bytes: Uint8Array): boolean {
    if (this.silent || this.clock.monotonicMs() < this.readyAtMs) return false
    this.answer = undefined
    const is = (command: readonly number[]) => command.every((byte, i) => bytes[i] === byte)
    if (is(COMMAND.softReset)) this.begin(undefined, RESET_MS)
    else if (is(COMMAND.readStatus)) this.begin([0x8010], 0)
    else if (bytes[0] === COMMAND.measure[0]) this.begin(wordsOf(this.climate), MEASURE_MS - 1)
    return true
  }

  read(): Uint8Array | undefined {
    const { answer } = this
    if (this.silent || answer === undefined || this.clock.monotonicMs() < this.readyAtMs) return undefined
    this.answer = undefined
    if (this.spoiltAnswers > 0) {
      this.spoiltAnswers--
      answer[answer.length - 1] ^= 0x01
    }
    return answer
  }

  private begin(words: readonly number[] | undefined, timeMs: number): void {
    this.answer = words === undefined ? undefined : encodeWords(words)
    this.readyAtMs = this.clock.monotonicMs() + timeMs
  }
}
