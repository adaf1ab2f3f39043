import { createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

const PINGRESP = Buffer.of(0xd0, 0)

/**
 * The least of an MQTT 5 broker: it accepts everybody, counts publishes and acknowledges none before it is
 * told to. For what no real broker can be made to do.
 */
export interface RawBroker {
  readonly url: string
  /** Packet identifiers of publishes that have no PUBACK, oldest first. */
  readonly unacknowledged: readonly number[]
  acknowledge(): void
  /** Sends without an end what claims to be one message of 200 MB, until the client has had enough. */
  flood(): void
  /** Resolves once the client has let go of the last connection, and not only ended its half. */
  released(): Promise<void>
  /** A DISCONNECT with this reason code, and the end of the connection. */
  disconnect(reasonCode: number): void
}

export async function startRawBroker(t: Test, options: { receiveMaximum: number }): Promise<RawBroker> {
  const unacknowledged: number[] = []
  let current: Socket | undefined
  // It never ends its half of a connection by itself.
  const server = createServer({ allowHalfOpen: true }, socket => {
    current = socket
    unacknowledged.length = 0
    let bytes = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('data', chunk => {
      bytes = Buffer.concat([bytes, chunk])
      for (;;) {
        const packet = takePacket(bytes)
        if (packet === undefined) return
        bytes = bytes.subarray(packet.bytes)
        answer(socket, packet.type, packet.body)
      }
    })
  })
  const answer = (socket: Socket, type: number, body: Buffer) => {
    const { receiveMaximum } = options
    // CONNECT → CONNACK: no session, success, one property (0x21, Receive Maximum).
    if (type === 1)
      socket.write(Buffer.of(0x20, 6, 0, 0, 3, 0x21, receiveMaximum >> 8, receiveMaximum & 0xff))
    // PUBLISH at QoS 1: topic with two bytes of length, packet identifier.
    if (type === 3) unacknowledged.push(body.readUInt16BE(2 + body.readUInt16BE(0)))
    // PINGREQ → PINGRESP.
    if (type === 12) socket.write(PINGRESP)
  }
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    current?.destroy()
    server.close()
  })
  return {
    url: `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`,
    unacknowledged,
    acknowledge: () => {
      const id = unacknowledged.shift()
      if (id !== undefined) current?.write(Buffer.of(0x40, 2, id >> 8, id & 0xff))
    },
    flood: () => {
      // PUBLISH, remaining length in four groups of 7 bits.
      current?.write(Buffer.of(0x30, 0x80, 0x84, 0xaf, 0x5f))
      const zeros = Buffer.alloc(64 * 1024)
      const pour = () => {
        if (current?.destroyed === false) current.write(zeros, pour)
      }
      pour()
    },
    released: () =>
      new Promise(resolve => {
        // Who has let go answers any byte with a reset.
        const knock = setInterval(() => current?.write(PINGRESP), 10)
        current?.once('close', () => {
          clearInterval(knock)
          resolve()
        })
      }),
    disconnect: reasonCode => {
      current?.end(Buffer.of(0xe0, 1, reasonCode))
    },
  }
}

/** Type and body of the first whole packet; fixed header: type in the high bits, length in groups of 7 bits. */
function takePacket(bytes: Buffer): { type: number; body: Buffer; bytes: number } | undefined {
  let length = 0
  for (let at = 1; at < bytes.length && at < 5; at++) {
    length += (bytes[at] & 0x7f) * 128 ** (at - 1)
    if (bytes[at] & 0x80) continue
    const end = at + 1 + length
    if (bytes.length < end) return undefined
    return { type: bytes[0] >> 4, body: bytes.subarray(at + 1, end), bytes: end }
  }
  return undefined
}
