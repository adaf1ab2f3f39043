import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { SimulatedLoopback } from '../../../hal/sim/loopback.ts'
import { socketConnection, tcpLoopback } from '../../../hal/transport/loopback.ts'
import { loopbackContract } from '../../contract/loopback.ts'

loopbackContract('TCP on this machine', async () => {
  const servers: Server[] = []
  const listening = async (server: Server) => {
    servers.push(server)
    await once(server.listen(0, '127.0.0.1'), 'listening')
    return (server.address() as AddressInfo).port
  }
  return {
    loopback: tcpLoopback,
    listen: serve => listening(createServer(socket => serve(socketConnection(socket)))),
    async freePort() {
      const server = createServer()
      const port = await listening(server)
      await new Promise(resolve => server.close(resolve))
      return port
    },
    async close() {
      for (const server of servers) server.close()
    },
  }
})

loopbackContract('a simulated loopback', async () => {
  const loopback = new SimulatedLoopback()
  return {
    loopback,
    async listen(serve) {
      loopback.listen(4501, serve)
      return 4501
    },
    freePort: async () => 4502,
    close: async () => loopback.unlisten(4501),
  }
})
