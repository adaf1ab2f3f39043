import { createServer, type Socket } from 'node:net'
import { Aedes } from 'aedes'

export interface EmbeddedBrokerOptions {
  readonly host?: string
  /** 0: one that is free. */
  readonly port?: number
  /** Bytes of the largest packet it takes; 0: no limit. */
  readonly packetBytesMax?: number
  readonly receiveMaximum?: number
}

export interface EmbeddedBroker {
  readonly url: string
  readonly port: number
  /** The broker itself, for what a test wants to see or to break. */
  readonly aedes: Aedes
  stop(): Promise<void>
}

/** An MQTT 5 broker in this process, its sessions and messages in memory: for the demo and for tests. */
export async function startEmbeddedBroker({
  host = '127.0.0.1',
  port = 0,
  packetBytesMax = 0,
  receiveMaximum = 0,
}: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
  const aedes = await Aedes.createBroker({
    maximumPacketSize: packetBytesMax,
    receiveMaximum,
    queueLimit: 10_000,
    maxClientsIdLength: 64,
  })
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    aedes.handle(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address() as { port: number }
  return {
    url: `mqtt://${host}:${address.port}`,
    port: address.port,
    aedes,
    async stop() {
      const closed = new Promise(resolve => server.close(resolve))
      await new Promise<void>(resolve => aedes.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
