import type { Socket } from 'node:net'
import type { PartEnd } from './duplex.ts'

/** The end of a TCP connection that a simulated part holds. */
export function socketEnd(socket: Socket): PartEnd {
  return {
    baudRate: 0,
    write(bytes) {
      if (socket.writable) socket.write(bytes)
    },
    onBytes(listener) {
      socket.on('data', listener)
    },
  }
}
