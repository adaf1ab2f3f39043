import type { SerialPort } from 'serialport'
import { KioskError } from '../../src/base/errors.ts'
import type { BytePort } from '../ports/byte-port.ts'

const BAUD_RATE_DEFAULT = 9600

export interface SerialLineOptions {
  readonly path: string
  readonly baudRate?: number
  /** Loads `serialport`, which is not there on machines that its prebuilt binaries do not know. */
  readonly load?: () => Promise<Pick<typeof import('serialport'), 'SerialPort'>>
}

/** A UART or USB serial port of this machine, 8N1, without flow control, as fingerprint modules and printers have it. */
export class SerialLine implements BytePort {
  private readonly options: Required<SerialLineOptions>
  private baudRate: number
  private port: SerialPort | undefined
  private lost = false
  private listener: (bytes: Uint8Array) => void = () => {}

  constructor({ path, baudRate = BAUD_RATE_DEFAULT, load = () => import('serialport') }: SerialLineOptions) {
    this.options = { path, baudRate, load }
    this.baudRate = baudRate
  }

  async open(): Promise<void> {
    await this.close()
    const { path, load } = this.options
    const { SerialPort } = await load().catch((cause: unknown) => {
      const details = { package: 'serialport', remedy: 'npm install serialport' }
      throw new KioskError('hal/not-installed', details, { cause })
    })
    const port = new SerialPort({ path, baudRate: this.baudRate, autoOpen: false })
    await settled(path, done => port.open(done))
    this.port = port
    this.lost = false
    // Both end the line; `write` says what it means.
    const lose = () => {
      if (this.port === port) this.lost = true
    }
    port.on('close', lose)
    port.on('error', lose)
    port.on('data', (bytes: Uint8Array) => {
      if (this.port === port) this.listener(bytes)
    })
    // What came in before is nobody's answer.
    await settled(path, done => port.flush(done))
  }

  async write(bytes: Uint8Array): Promise<void> {
    const port = this.openPort()
    // A copy: the caller may use its buffer again before the kernel has taken this one.
    const copy = Buffer.from(bytes)
    await settled(this.options.path, done => port.write(copy, error => done(error ?? null)))
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.listener = listener
  }

  async setBaudRate(baudRate: number): Promise<void> {
    const port = this.openPort()
    await settled(this.options.path, done => port.update({ baudRate }, done))
    this.baudRate = baudRate
  }

  async close(): Promise<void> {
    const { port } = this
    this.port = undefined
    // A port that was unplugged has closed itself, or is about to.
    if (port?.isOpen) await new Promise<void>(resolve => port.close(() => resolve()))
  }

  private openPort(): SerialPort {
    if (this.port === undefined) throw new KioskError('hal/not-open')
    if (this.lost || !this.port.isOpen) throw new KioskError('hal/no-answer', { path: this.options.path })
    return this.port
  }
}

/** A call of `serialport` as a promise; its errors as ours. */
function settled(path: string, call: (done: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call(error => {
      if (error) reject(serialError(error, path))
      else resolve()
    })
  })
}

/** `serialport` gives the kernel's refusals as sentences only. */
function serialError(cause: Error, path: string): KioskError {
  if (/permission denied|EACCES/i.test(cause.message))
    return new KioskError(
      'hal/no-permission',
      { path, remedy: 'put the user into the group dialout' },
      { cause },
    )
  if (/lock port|resource busy|EBUSY/i.test(cause.message))
    return new KioskError(
      'hal/in-use',
      { path, remedy: 'another program holds it: see fuser, and mask serial-getty@ on it' },
      { cause },
    )
  return new KioskError('hal/no-answer', { path, remedy: 'plug it in, or see dmesg' }, { cause })
}
