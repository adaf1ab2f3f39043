import type { I2cDevice } from './i2c-controller.ts'

/** A PCF8574 as it is seen from its wires. */
export class Pcf8574Device implements I2cDevice {
  /** A fault: acknowledges nothing. */
  silent = false
  /** What the part lets go (1) or pulls low (0). */
  latch = 0xff
  /** What the world pulls low, as zeros. */
  outside = 0xff
  /** Every latch it was given, oldest first. */
  readonly heard: number[] = []

  get pins(): number {
    return this.latch & this.outside
  }

  losePower(): void {
    this.latch = 0xff
  }

  write(bytes: Uint8Array): boolean {
    if (this.silent) return false
    for (const byte of bytes) {
      this.latch = byte
      this.heard.push(byte)
    }
    return true
  }

  read(length: number): Uint8Array | undefined {
    return this.silent ? undefined : new Uint8Array(length).fill(this.pins)
  }
}
