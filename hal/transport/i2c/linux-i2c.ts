import type { I2CFuncs, PromisifiedBus } from 'i2c-bus'
import { KioskError } from '../../../src/base/errors.ts'
import type { I2cController } from '../../ports/i2c-bus.ts'
import { planTransfer } from './plan.ts'

export interface LinuxI2cOptions {
  /** As in `/dev/i2c-<bus>`. */
  readonly bus: number
  /** Loads `i2c-bus`, which is not there on machines without a compiler. */
  readonly load?: () => Promise<Pick<typeof import('i2c-bus'), 'openPromisified'>>
}

/**
 * A controller of this machine, by `i2c-bus` over `/dev/i2c-*`. Its transfers end when the kernel ends them, usually
 * within a second.
 */
export class LinuxI2c implements I2cController {
  readonly name: string
  private readonly options: Required<LinuxI2cOptions>
  private opened: { readonly bus: PromisifiedBus; readonly able: I2CFuncs } | undefined

  constructor({ bus, load = async () => (await import('i2c-bus')).default }: LinuxI2cOptions) {
    this.options = { bus, load }
    this.name = `i2c:${bus}`
  }

  async open(): Promise<void> {
    const { load } = this.options
    const { openPromisified } = await load().catch((cause: unknown) => {
      throw new KioskError(
        'hal/not-installed',
        { package: 'i2c-bus', remedy: 'npm install i2c-bus' },
        { cause },
      )
    })
    // A new bus each time: after a refused address (EBUSY) the old one would talk to address 0 instead.
    const bus = await openPromisified(this.options.bus)
    try {
      // The first call that touches the device file.
      this.opened = { bus, able: await bus.i2cFuncs() }
    } catch (cause) {
      await bus.close().catch(() => {})
      throw cause
    }
  }

  async transfer(address: number, write: Uint8Array, readLength: number): Promise<Uint8Array> {
    if (this.opened === undefined) throw refusal('EBADF')
    const { bus, able } = this.opened
    const out = Buffer.from(write)
    const into = Buffer.alloc(readLength)
    switch (planTransfer(able, write.length, readLength)) {
      case 'write':
        return whole(await bus.i2cWrite(address, out.length, out), out.length, into)
      case 'read':
        return whole(await bus.i2cRead(address, readLength, into), readLength, into)
      case 'write-then-read':
        whole(await bus.i2cWrite(address, out.length, out), out.length, into)
        return whole(await bus.i2cRead(address, readLength, into), readLength, into)
      case 'send-byte':
        await bus.sendByte(address, out[0])
        return into
      case 'receive-byte':
        return Uint8Array.of(await bus.receiveByte(address))
      case 'write-register':
        await bus.writeByte(address, out[0], out[1])
        return into
      case 'read-register':
        return Uint8Array.of(await bus.readByte(address, out[0]))
      case 'write-block':
        await bus.writeI2cBlock(address, out[0], out.length - 1, out.subarray(1))
        return into
      case 'read-block':
        return whole(await bus.readI2cBlock(address, out[0], readLength, into), readLength, into)
      default:
        throw refusal('EOPNOTSUPP')
    }
  }

  async close(): Promise<void> {
    const { opened } = this
    this.opened = undefined
    await opened?.bus.close()
  }
}

/** `into`, where as many bytes went over the wires as should. */
function whole(
  done: { bytesRead: number } | { bytesWritten: number },
  bytes: number,
  into: Buffer,
): Uint8Array {
  const count = 'bytesRead' in done ? done.bytesRead : done.bytesWritten
  if (count !== bytes) throw refusal('EIO')
  return into
}

function refusal(errno: string): Error {
  return Object.assign(new Error(errno), { code: errno })
}
