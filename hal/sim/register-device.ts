import type { I2cDevice } from './i2c-controller.ts'

/** A part with registers of one byte: the first byte written is where to begin, and it counts on from there. */
export class RegisterDevice implements I2cDevice {
  readonly registers: Uint8Array
  private pointer = 0

  /** `onWrite` is told of each register that was written. */
  constructor(
    registers: number,
    private readonly onWrite: (register: number) => void = () => {},
    private readonly onRead: () => void = () => {},
  ) {
    this.registers = new Uint8Array(registers)
  }

  write([register, ...values]: Uint8Array): boolean {
    this.pointer = register % this.registers.length
    for (const value of values) {
      this.registers[this.pointer] = value
      this.onWrite(this.pointer)
      this.pointer = (this.pointer + 1) % this.registers.length
    }
    return true
  }

  read(length: number): Uint8Array {
    this.onRead()
    return Uint8Array.from({ length }, () => {
      const value = this.registers[this.pointer]
      this.pointer = (this.pointer + 1) % this.registers.length
      return value
    })
  }
}
