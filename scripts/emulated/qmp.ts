import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { onLines } from './lines.ts'

const CONNECT_TRIES = 200
const TRY_AGAIN_MS = 50

/** A connection to a socket that a program is about to make. */
export async function dialSoon(path: string, isOver: () => boolean): Promise<Socket> {
  for (let tried = 1; ; tried++) {
    const socket = connect(path)
    const connected = await new Promise<boolean>(resolve => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    if (connected) return socket
    if (isOver() || tried === CONNECT_TRIES) throw new Error(`nothing listens on ${path}`)
    await setTimeout(TRY_AGAIN_MS)
  }
}

type Reply = { readonly return?: unknown; readonly error?: { readonly desc: string } }

/** QEMU's machine protocol: one command at a time. */
export class Qmp {
  private readonly waiting: ((reply: Reply) => void)[] = []

  constructor(private readonly socket: Socket) {
    onLines(socket, line => {
      const reply = JSON.parse(line) as Reply
      if (reply.return !== undefined || reply.error !== undefined) this.waiting.shift()?.(reply)
    })
    socket.once('close', () => {
      for (const answer of this.waiting.splice(0)) answer({ error: { desc: 'the machine is off' } })
    })
  }

  ask(execute: string, words: Record<string, unknown> = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.push(({ return: value, error }) =>
        error === undefined ? resolve(value) : reject(new Error(`${execute}: ${error.desc}`)),
      )
      this.socket.write(`${JSON.stringify({ execute, arguments: words })}\n`)
    })
  }

  close(): void {
    this.socket.destroy()
  }
}
