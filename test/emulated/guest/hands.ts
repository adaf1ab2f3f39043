import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { PartEnd } from '../../../hal/sim/duplex.ts'
import { HOST_ADDRESS } from '../../../scripts/emulated/agent-words.ts'
import { until } from '../../support/until.ts'

const SERIAL_PATH = '/dev/ttyUSB0'
const PLUG_MS_MAX = 20_000

/** A suite's hands outside the machine: `hands-server.ts` on the host obeys them. */
async function reach(what: 'serial' | 'pins'): Promise<Socket> {
  const socket = connect({ host: HOST_ADDRESS, port: Number(process.env.HANDS_PORT) })
  await once(socket, 'connect')
  socket.setNoDelay(true)
  socket.write(`${what}\n`)
  return socket
}

/** The cord of the machine's USB serial port. */
export interface SerialCord {
  readonly path: string
  readonly part: PartEnd
  readonly heard: readonly number[]
  plug(): Promise<void>
  pull(): Promise<void>
}

export function serialCord(): SerialCord {
  const heard: number[] = []
  let listener: (bytes: Uint8Array) => void = () => {}
  let socket: Socket | undefined
  const cord: SerialCord = {
    path: SERIAL_PATH,
    heard,
    part: {
      baudRate: 57_600,
      write: bytes => socket?.write(bytes.slice()),
      onBytes(next) {
        listener = next
      },
    },
    async plug() {
      const next = await reach('serial')
      socket = next
      next.on('error', () => next.destroy())
      next.on('data', bytes => {
        heard.push(...bytes)
        listener(bytes)
      })
      await until(() => existsSync(SERIAL_PATH), PLUG_MS_MAX)
    },
    async pull() {
      socket?.destroy()
      socket = undefined
      await until(() => !existsSync(SERIAL_PATH), PLUG_MS_MAX)
    },
  }
  return cord
}

/** The machine's pins, from outside. */
export interface OutsidePins {
  set(line: number, volts: 0 | 1): Promise<void>
  level(line: number): Promise<0 | 1>
  close(): void
}

export async function outsidePins(): Promise<OutsidePins> {
  const socket = await reach('pins')
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]()
  const ask = async (question: object) => {
    socket.write(`${JSON.stringify(question)}\n`)
    return JSON.parse((await answers.next()).value ?? 'null') as { level: 0 | 1 }
  }
  return {
    async set(line, volts) {
      await ask({ line, volts })
    },
    level: async line => (await ask({ line })).level,
    close: () => socket.destroy(),
  }
}
