import { connect, type Socket } from 'node:net'
import { KioskError } from '../../src/base/errors.ts'
import type { BytePort } from '../ports/byte-port.ts'

const CONNECT_TIMEOUT_MS = 3000

/** A line to a part on the local network, such as a printer's port 9100. */
export class TcpPort implements BytePort {
  private socket: Socket | undefined
  private lost = false
  private listener: (bytes: Uint8Array) => void = () => {}

  constructor(private readonly address: { readonly host: string; readonly port: number }) {}

  async open(): Promise<void> {
    await this.close()
    const socket = connect({ ...this.address, noDelay: true })
    socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('no connection in time')))
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', cause => reject(new KioskError('hal/no-answer', { ...this.address }, { cause })))
    })
    socket.setTimeout(0)
    this.socket = socket
    this.lost = false
    // An error is always followed by `close`; `write` says what it means.
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.socket === socket) this.lost = true
    })
    socket.on('end', () => socket.destroy())
    socket.on('data', bytes => {
      if (this.socket === socket) this.listener(bytes)
    })
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { socket } = this
    if (socket === undefined) throw new KioskError('hal/not-open')
    if (this.lost) throw new KioskError('hal/no-answer', { ...this.address })
    await new Promise<void>((resolve, reject) => {
      // A copy: the caller may use its buffer again before the kernel has taken this one.
      socket.write(Uint8Array.from(bytes), error => {
        if (error) reject(new KioskError('hal/no-answer', { ...this.address }, { cause: error }))
        else resolve()
      })
    })
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.listener = listener
  }

  async setBaudRate(): Promise<void> {}

  async close(): Promise<void> {
    const { socket } = this
    this.socket = undefined
    socket?.destroy()
  }
}
