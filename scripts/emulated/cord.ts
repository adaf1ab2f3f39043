import type { Socket } from 'node:net'
import type { PartEnd } from '../../hal/sim/duplex.ts'
import type { Machine } from './machine.ts'

/** The far end of the machine's USB serial port, with a plug that can be pulled. */
export class Cord implements PartEnd {
  baudRate = 57_600
  private socket: Socket | undefined
  private listener: (bytes: Uint8Array) => void = () => {}
  private bytesUntilPulled = Number.POSITIVE_INFINITY

  constructor(private readonly machine: Machine) {}

  async plug(): Promise<void> {
    const socket = await this.machine.plugSerial()
    this.socket = socket
    this.bytesUntilPulled = Number.POSITIVE_INFINITY
    socket.on('error', () => socket.destroy())
    socket.on('data', bytes => this.listener(bytes))
  }

  get plugged(): boolean {
    return this.socket !== undefined
  }

  /** So many bytes go to the machine yet, then the plug is out: in the middle of an image, on any machine. */
  pullAfter(bytes: number): void {
    this.bytesUntilPulled = bytes
  }

  pull(): void {
    this.socket?.destroy()
    this.socket = undefined
  }

  write(bytes: Uint8Array): void {
    const some = bytes.subarray(0, this.bytesUntilPulled)
    this.bytesUntilPulled -= some.length
    this.socket?.write(some)
    if (this.bytesUntilPulled > 0) return
    this.socket?.end()
    this.socket = undefined
  }

  onBytes(listener: (bytes: Uint8Array) => void): void {
    this.listener = listener
  }
}
