import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { SbiService } from '../../hal/sim/sbi-service.ts'
import { socketConnection } from '../../hal/transport/loopback.ts'

/** A service on a port of this machine. */
export interface ServedSbi {
  readonly port: number
  /** Nobody listens there any more, and what was connected is cut. */
  close(): Promise<void>
}

/** `port` 0: one that is free. Rejects as `listen` does where it is taken. */
export async function serveSbi(service: SbiService, port: number): Promise<ServedSbi> {
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    void service.serve(socketConnection(socket))
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
