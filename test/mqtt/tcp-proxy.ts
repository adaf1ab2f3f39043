import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** Between client and broker: breaks, freezes and refuses connections as a bad line does. */
export interface TcpProxy {
  readonly url: string
  /** Connections that came in so far. */
  readonly connections: number
  /** Breaks every connection. */
  cut(): void
  /** New connections are refused while true. */
  refuse(refuse: boolean): void
  /** Nothing from the broker passes any more on the connections there are: a half-open line. */
  freeze(): void
  /** Connections from now on: what arrives leaves `latencyMs` later, each way; some of it `stallMs` later still. */
  slow(line: SlowLine): void
}

export interface SlowLine {
  readonly latencyMs: number
  /** One in so many. */
  readonly stallEvery: number
  readonly stallMs: number
}

/** `port` is asked at each connection, so the broker may move. Ends with the test. */
export async function startProxy(t: Test, port: () => number): Promise<TcpProxy> {
  const pairs = new Set<{ client: Socket; broker: Socket }>()
  let connections = 0
  let refusing = false
  let line: SlowLine | undefined
  const server = createServer(client => {
    connections++
    if (refusing) return void client.destroy()
    const broker = connect({ port: port(), host: '127.0.0.1', noDelay: true })
    client.setNoDelay(true)
    const pair = { client, broker }
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      client.destroy()
      broker.destroy()
    }
    for (const socket of [client, broker]) socket.on('error', end).on('close', end)
    if (line === undefined) {
      client.pipe(broker)
      broker.pipe(client)
      return
    }
    passSlowly(client, broker, line)
    passSlowly(broker, client, line)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    for (const { client, broker } of pairs) {
      client.destroy()
      broker.destroy()
    }
  }
  t.teardown(async () => {
    cut()
    await new Promise(resolve => server.close(resolve))
  })
  return {
    url: `mqtt://127.0.0.1:${(server.address() as { port: number }).port}`,
    get connections() {
      return connections
    },
    cut,
    refuse: refuse => {
      refusing = refuse
    },
    slow: slowLine => {
      line = slowLine
    },
    freeze: () => {
      for (const { client, broker } of pairs) {
        broker.unpipe(client)
        broker.resume()
      }
    },
  }
}

/** In order: what stalls holds up what is behind it. */
function passSlowly(from: Socket, to: Socket, { latencyMs, stallEvery, stallMs }: SlowLine): void {
  const timers = new Set<NodeJS.Timeout>()
  let chunks = 0
  let clearAtMs = 0
  from.on('data', chunk => {
    const stalls = ++chunks % stallEvery === 0
    const nowMs = performance.now()
    clearAtMs = Math.max(clearAtMs, nowMs + latencyMs + (stalls ? stallMs : 0))
    const timer = setTimeout(() => {
      timers.delete(timer)
      to.write(chunk)
    }, clearAtMs - nowMs)
    timers.add(timer)
  })
  from.once('close', () => {
    for (const timer of timers) clearTimeout(timer)
  })
}
