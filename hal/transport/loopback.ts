import { connect, type Socket } from 'node:net'
import { KioskError } from '../../src/base/errors.ts'
import type { Connection, Loopback } from '../ports/loopback.ts'

/** The specification of MOSIP's device services wants the number: names may lead elsewhere. */
const HOST = '127.0.0.1'

/** Services that listen on this machine. */
export const tcpLoopback: Loopback = {
  connect(port, signal) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      const socket = connect({ host: HOST, port, noDelay: true })
      const stop = () => {
        socket.destroy()
        reject(signal.reason)
      }
      signal.addEventListener('abort', stop, { once: true })
      socket.once('error', cause => {
        signal.removeEventListener('abort', stop)
        reject(new KioskError('hal/no-answer', { port }, { cause }))
      })
      socket.once('connect', () => {
        signal.removeEventListener('abort', stop)
        resolve(socketConnection(socket))
      })
    })
  },
}

/** The end of a TCP connection, either of them, as a connection. */
export function socketConnection(socket: Socket): Connection {
  // An error is always followed by the end, which is what readers and writers are told of.
  socket.on('error', () => {})
  const pieces = socket[Symbol.asyncIterator]()
  return {
    write: (bytes, signal) =>
      heeding(signal, socket, () => {
        return new Promise((resolve, reject) => {
          const gone = () => reject(new KioskError('hal/no-answer'))
          if (!socket.writable) return gone()
          // A copy: the caller may use its buffer again before the kernel has taken this one.
          socket.write(Uint8Array.from(bytes), error => (error ? gone() : resolve()))
        })
      }),
    read: signal =>
      heeding(signal, socket, async () => {
        const piece = await pieces.next().catch(() => undefined)
        return piece === undefined || piece.done ? undefined : Uint8Array.from(piece.value as Uint8Array)
      }),
    close: () => {
      socket.destroy()
    },
  }
}

/** Does `work`; on abort the socket is let go, which ends it. */
async function heeding<T>(signal: AbortSignal, socket: Socket, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const stop = () => socket.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await work()
  } finally {
    signal.removeEventListener('abort', stop)
    signal.throwIfAborted()
  }
}
