import type { Clock } from '../../../src/base/clock.ts'
import { KioskError } from '../../../src/base/errors.ts'
import type { I2cBus } from '../../ports/i2c-bus.ts'
import { I2cPart, type Turn } from '../../ports/i2c-part.ts'
import type { Reading } from '../../ports/part.ts'
import { PartGate } from '../../ports/part-gate.ts'
import { type ClockReading, LOST_BATTERY, type RealTimeClock } from '../../ports/real-time-clock.ts'
import {
  ALL_BYTES,
  decodeTemperature,
  decodeTime,
  encodeTime,
  OSCILLATOR_STOPPED,
  REGISTER,
  STATUS_ZERO,
  STOP_ON_BATTERY,
  TIME_MS_MAX,
  TIME_MS_MIN,
} from './codec.ts'

export const DS3231_ADDRESS = 0x68
const OPEN_TIMEOUT_MS = 1000
/** Between setting and looking, the clock may have gone on by this. */
const SET_SLACK_MS = 2000

interface CallOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** A DS3231, kept on UTC. Where the kernel's own driver holds it (`dtoverlay=i2c-rtc,ds3231`), that sets the system's clock and this one is not needed. */
export class Ds3231 implements RealTimeClock {
  private readonly gate = new PartGate()
  private readonly part: I2cPart
  private readonly clock: Clock

  constructor(options: { bus: I2cBus; clock: Clock; address?: number }) {
    this.part = new I2cPart({ address: DS3231_ADDRESS, ...options })
    this.clock = options.clock
  }

  /** Rejects with `hal/wrong-part` where bits are set that a DS3231 has not. A senseless date is no hindrance: it can be set. */
  async open(): Promise<void> {
    await this.gate.open(signal =>
      this.part.open(async () => {
        const registers = await this.registers(this.part.turn(OPEN_TIMEOUT_MS, signal))
        const status = registers[REGISTER.status]
        if ((status & STATUS_ZERO) !== 0) throw new KioskError('hal/wrong-part', { status })
      }),
    )
  }

  async read({ timeoutMs, signal }: CallOptions): Promise<ClockReading> {
    return this.gate.run(signal, async stop => {
      return this.reading(await this.registers(this.part.turn(timeoutMs, stop)))
    })
  }

  async set(timeMs: number, { timeoutMs, signal }: CallOptions): Promise<void> {
    return this.gate.run(signal, async stop => {
      if (!(timeMs >= TIME_MS_MIN && timeMs <= TIME_MS_MAX))
        throw new KioskError('hal/unsupported', { timeMs })
      const turn = this.part.turn(timeoutMs, stop)
      const before = await this.registers(turn)
      // The flag last: a clock that lost its power between these still says that it is not to be trusted.
      await this.part.transfer([REGISTER.seconds, ...encodeTime(timeMs)], 0, turn)
      await this.part.transfer([REGISTER.control, before[REGISTER.control] & ~STOP_ON_BATTERY], 0, turn)
      await this.part.transfer([REGISTER.status, before[REGISTER.status] & ~OSCILLATOR_STOPPED], 0, turn)
      const after = this.reading(await this.registers(turn))
      if (!after.trusted || Math.abs(after.timeMs - timeMs) > SET_SLACK_MS)
        throw this.part.nonsense('it does not keep what it is set to')
    })
  }

  async diagnose({ timeoutMs, signal }: CallOptions): Promise<readonly Reading[]> {
    return this.gate.run(signal, async stop => {
      const registers = await this.registers(this.part.turn(timeoutMs, stop))
      const timeMs = decodeTime(registers)
      const isLost = (registers[REGISTER.status] & OSCILLATOR_STOPPED) !== 0
      const [high, low] = registers.subarray(REGISTER.temperature)
      return [
        { name: 'time', value: timeMs === undefined ? 'no date' : new Date(timeMs).toISOString() },
        isLost ? LOST_BATTERY : { name: 'battery', value: 'ok' },
        ...(timeMs === undefined
          ? []
          : [
              {
                name: 'ahead of the system',
                value: Math.round((timeMs - this.clock.nowMs()) / 1000),
                unit: 's',
              },
            ]),
        { name: 'temperature', value: decodeTemperature(high, low), unit: '°C' },
      ]
    })
  }

  async close(): Promise<void> {
    this.gate.close()
    await this.part.close()
  }

  private async registers(turn: Turn): Promise<Uint8Array> {
    return this.part.transfer([REGISTER.seconds], ALL_BYTES, turn)
  }

  private reading(registers: Uint8Array): ClockReading {
    const timeMs = decodeTime(registers)
    if (timeMs === undefined) throw this.part.nonsense('no date')
    return { timeMs, trusted: (registers[REGISTER.status] & OSCILLATOR_STOPPED) === 0 }
  }
}
