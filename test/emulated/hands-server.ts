import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { Machine } from '../../scripts/emulated/machine.ts'

/**
 * Obeys the suites inside the machine: a connection's first line is `serial` (the far end of the cord; the plug is
 * pulled when it closes) or `pins` (a line `{line, volts?}` sets or asks, and is answered with `{level}`).
 */
export async function serveHands(machine: Machine): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => sockets.delete(socket))
    socket.once('readable', () => {
      const head = Buffer.from(socket.read() ?? []).toString()
      if (head.startsWith('serial\n')) void plug(machine, socket)
      else obey(machine, socket)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function plug(machine: Machine, socket: Socket): Promise<void> {
  const cord = await machine.plugSerial()
  cord.on('error', () => cord.destroy())
  cord.once('close', () => socket.destroy())
  socket.once('close', () => cord.destroy())
  socket.pipe(cord, { end: false })
  cord.pipe(socket, { end: false })
}

function obey({ pins }: Machine, socket: Socket): void {
  let work: Promise<unknown> = Promise.resolve()
  createInterface({ input: socket }).on('line', text => {
    const { line, volts } = JSON.parse(text) as { line: number; volts?: 0 | 1 }
    work = work
      .then(() => (volts === undefined ? pins.settled() : pins.set(line, volts)))
      .then(() => socket.write(`${JSON.stringify({ level: pins.level(line) })}\n`))
      .catch(() => socket.destroy())
  })
}
