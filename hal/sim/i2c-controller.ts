import { Random } from '../../src/finger/synthetic/random.ts'
import type { I2cController } from '../ports/i2c-bus.ts'

/** A part as it is seen from the two wires. */
export interface I2cDevice {
  /** Takes what is written to it; false where it does not acknowledge. */
  write(bytes: Uint8Array): boolean
  /** What it says; undefined where it does not acknowledge. Shorter is filled up with FF, as the wires do. */
  read(length: number): Uint8Array | undefined
}

/** Two wires inside this process, with parts at addresses, and faults on request. */
export class SimulatedI2c implements I2cController {
  readonly name = 'i2c:sim'
  /** A fault: so many transfers, from the next on, are lost to another master. */
  arbitrationLosses = 0
  /** A fault: addresses that a kernel driver holds. */
  readonly heldByKernel = new Set<number>()
  /** How often it was opened. */
  openings = 0
  private readonly devices = new Map<number, I2cDevice>()
  private readonly random: Random
  private flipRate = 0
  private errno: string | undefined
  private hanging: { readonly freed: Promise<void>; free(): void } | undefined
  private transfers = 0
  private isOpen = false

  constructor({ seed = 1 }: { seed?: number } = {}) {
    this.random = new Random(seed)
  }

  attach(address: number, device: I2cDevice): void {
    this.devices.set(address, device)
  }

  detach(address: number): void {
    this.devices.delete(address)
  }

  /** A fault: of the bytes that are read, this share arrives with a bit flipped. */
  setFlipRate(rate: number): void {
    this.flipRate = rate
  }

  /** A fault: every transfer, and `open`, ends with this error of the kernel. */
  setErrno(errno: string | undefined): void {
    this.errno = errno
  }

  /** A fault: transfers do not end until `free`, and then fail. */
  hang(): void {
    let free = () => {}
    const freed = new Promise<void>(resolve => {
      free = resolve
    })
    this.hanging = { freed, free }
  }

  free(): void {
    this.hanging?.free()
    this.hanging = undefined
  }

  async open(): Promise<void> {
    if (this.errno !== undefined) throw refusal(this.errno)
    this.isOpen = true
    this.openings++
  }

  async transfer(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    if (!this.isOpen) throw refusal('EBADF')
    if (this.transfers > 0) throw new Error('two transfers at once')
    this.transfers++
    try {
      // Not at once: so that callers which do not wait their turn meet.
      await Promise.resolve()
      if (this.hanging !== undefined) {
        await this.hanging.freed
        throw refusal('ETIMEDOUT')
      }
      if (this.errno !== undefined) throw refusal(this.errno)
      if (this.heldByKernel.has(address)) throw refusal('EBUSY')
      if (this.arbitrationLosses > 0) {
        this.arbitrationLosses--
        throw refusal('EAGAIN')
      }
      return this.exchange(address, write, readLength)
    } finally {
      this.transfers--
    }
  }

  async close(): Promise<void> {
    this.isOpen = false
  }

  private exchange(address: number, write: Uint8Array, readLength: number): Uint8Array {
    const device = this.devices.get(address)
    if (device === undefined) throw refusal('EREMOTEIO')
    if (write.length > 0 && !device.write(write)) throw refusal('EREMOTEIO')
    if (readLength === 0) return new Uint8Array(0)
    const said = device.read(readLength)
    if (said === undefined) throw refusal('EREMOTEIO')
    const bytes = new Uint8Array(readLength).fill(0xff)
    bytes.set(said.subarray(0, readLength))
    return bytes.map(byte =>
      this.random.uniform() < this.flipRate ? byte ^ (1 << this.random.below(8)) : byte,
    )
  }
}

function refusal(errno: string): Error {
  return Object.assign(new Error(errno), { code: errno })
}
