import type { Clock } from '../../src/base/clock.ts'
import {
  ALL_BYTES,
  decodeTime,
  encodeTime,
  OSCILLATOR_STOPPED,
  REGISTER,
  TIME_BYTES,
} from '../drivers/ds3231/codec.ts'
import type { I2cDevice } from './i2c-controller.ts'
import { RegisterDevice } from './register-device.ts'

/** A DS3231 as it is seen from its wires: goes on by itself, and counts from 2000 with its flag up when power comes. */
export class Ds3231Device implements I2cDevice {
  /** A fault: acknowledges nothing. */
  silent = false
  private readonly chip: RegisterDevice
  private setMs = 0
  private setAtMs = 0

  constructor(private readonly clock: Clock) {
    this.chip = new RegisterDevice(ALL_BYTES, register => {
      if (register < TIME_BYTES) this.keep()
    })
    this.losePower()
  }

  get registers(): Uint8Array {
    return this.chip.registers
  }

  /** Battery and supply were both gone. */
  losePower(): void {
    this.registers.fill(0)
    this.registers.set(encodeTime(Date.UTC(2000, 0, 1)))
    this.registers[REGISTER.control] = 0x1c
    this.registers[REGISTER.status] = OSCILLATOR_STOPPED | 0x08
    this.registers.set([0x1b, 0x40], REGISTER.temperature)
    this.keep()
  }

  write(bytes: Uint8Array): boolean {
    if (this.silent) return false
    this.goOn()
    return this.chip.write(bytes)
  }

  read(length: number): Uint8Array | undefined {
    if (this.silent) return undefined
    this.goOn()
    return this.chip.read(length)
  }

  private keep(): void {
    this.setMs = decodeTime(this.registers) ?? Number.NaN
    this.setAtMs = this.clock.monotonicMs()
  }

  private goOn(): void {
    const nowMs = this.setMs + this.clock.monotonicMs() - this.setAtMs
    if (Number.isFinite(nowMs)) this.registers.set(encodeTime(nowMs))
  }
}
