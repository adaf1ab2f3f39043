import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { PartEnd } from '../../hal/sim/duplex.ts'
import { until } from './until.ts'

/** So long after the last byte nothing is on its way any more. */
const SETTLE_MS = 100

/** A serial line of the kernel: a terminal at `path`, and the part's end in the hands of the test. */
export interface PtyLine {
  readonly path: string
  readonly part: PartEnd
  /** What the part's end has heard. */
  readonly heard: readonly number[]
  /** The terminal goes away, as a USB serial port does whose cord is pulled. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** Lets so much time pass that what is on its way has arrived. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** Bytes travel through `socat`. In a folder with a short name: the path of a socket has 108 characters at most. */
export async function ptyLine(): Promise<PtyLine> {
  const folder = await mkdtemp(join(tmpdir(), 'tunggal-tty-'))
  const path = join(folder, 'tty')
  const socketPath = join(folder, 'part')
  const heard: number[] = []
  let listener: (bytes: Uint8Array) => void = () => {}
  let socket: Socket | undefined
  let socat: ChildProcess | undefined
  const server = createServer(next => {
    socket = next
    next.on('error', () => {})
    next.on('data', bytes => {
      heard.push(...bytes)
      listener(bytes)
    })
  }).listen(socketPath)
  await once(server, 'listening')

  const settle = async () => {
    await setTimeout(SETTLE_MS)
  }
  const cut = async () => {
    if (socat === undefined) return
    const ended = once(socat, 'exit')
    socat.kill()
    await ended
    socat = undefined
    socket?.destroy()
    socket = undefined
    await settle()
  }
  const mend = async () => {
    const child = spawn('socat', [`pty,rawer,link=${path}`, `unix-connect:${socketPath}`], {
      stdio: 'inherit',
    })
    socat = child
    await once(child, 'spawn')
    await until(() => existsSync(path) && socket !== undefined)
  }
  await mend()
  return {
    path,
    part: {
      baudRate: 57_600,
      write: bytes => socket?.write(bytes),
      onBytes: next => {
        listener = next
      },
    },
    heard,
    cut,
    mend,
    settle,
    async close() {
      await cut()
      server.close()
      await rm(folder, { recursive: true })
    },
  }
}
