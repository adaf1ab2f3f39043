import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { EscPosPrinter } from '../../../hal/drivers/escpos/escpos.ts'
import { EscPosSimulator } from '../../../hal/sim/escpos-printer.ts'
import { socketEnd } from '../../../hal/sim/socket-end.ts'
import { TcpPort } from '../../../hal/transport/tcp.ts'
import { systemClock } from '../../../src/base/clock.ts'
import { bytePortContract } from '../../contract/byte-port.ts'

const host = '127.0.0.1'
const open: Server[] = []
const sockets = new Set<Socket>()
t.teardown(() => {
  for (const socket of sockets) socket.destroy()
  for (const server of open) server.close()
})

async function listen(
  onSocket: (socket: Socket) => void,
  port = 0,
): Promise<{ server: Server; port: number }> {
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    onSocket(socket)
  }).listen(port, host)
  open.push(server)
  await once(server, 'listening')
  return { server, port: (server.address() as AddressInfo).port }
}

bytePortContract('a TCP connection', async () => {
  const heard: number[] = []
  let other: Socket | undefined
  const accept = (socket: Socket) => {
    other = socket
    socket.on('data', bytes => heard.push(...bytes))
  }
  let { server, port } = await listen(accept)
  const settle = () => setTimeout(50).then(() => {})
  return {
    port: new TcpPort({ host, port }),
    heard: () => heard,
    say: bytes => {
      if (other?.writable) other.write(bytes)
    },
    async until(condition) {
      for (let turn = 0; turn < 1000 && !condition(); turn++) await setTimeout(5)
    },
    settle,
    async cut() {
      server.close()
      other?.destroy()
      await settle()
    },
    async mend() {
      ;({ server } = await listen(accept, port))
    },
  }
})

t.test('a receipt is printed over a real socket', async t => {
  const receipts: string[] = []
  const { port } = await listen(socket => {
    const line = socketEnd(socket)
    new EscPosSimulator({ line, clock: systemClock, lineMs: 1, onReceipt: ({ text }) => receipts.push(text) })
  })
  const printer = new EscPosPrinter({ port: new TcpPort({ host, port }), clock: systemClock })
  await printer.open()
  t.same(await printer.status(), { paper: 'ok', coverOpen: false })
  const options = { timeoutMs: 10_000, signal: new AbortController().signal }
  await printer.print([{ text: 'Terima kasih' }, { qr: 'tunggal:1' }], options)
  t.equal(receipts.length, 1)
  t.match(receipts[0], /^Terima kasih\n/)
  await printer.close()
})
