import { KioskError } from '../../src/base/errors.ts'
import type { Connection, Loopback } from '../ports/loopback.ts'

/** Bytes that an end may have before it, unread, until the other has to wait. */
const UNREAD_BYTES_MAX = 64 * 1024

/** What somebody who listens does with each connection. */
export type Serve = (connection: Connection) => void

/** Ports inside this process, for simulated services and those who speak to them. */
export class SimulatedLoopback implements Loopback {
  private readonly listeners = new Map<number, Serve>()
  private readonly open = new Map<number, Set<Connection>>()
  /** The ports that somebody knocked at, oldest first. */
  readonly knocked: number[] = []

  listen(port: number, serve: Serve): void {
    this.listeners.set(port, serve)
  }

  /** Nobody listens there any more, and what was connected is cut. */
  unlisten(port: number): void {
    this.listeners.delete(port)
    for (const connection of this.open.get(port) ?? []) connection.close()
    this.open.delete(port)
  }

  async connect(port: number, signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted()
    this.knocked.push(port)
    const serve = this.listeners.get(port)
    if (serve === undefined) throw new KioskError('hal/no-answer', { port })
    const [near, end] = connectedPair()
    const connections = this.open.get(port) ?? new Set()
    const far: Connection = {
      ...end,
      close() {
        connections.delete(far)
        end.close()
      },
    }
    this.open.set(port, connections.add(far))
    queueMicrotask(() => serve(far))
    return near
  }
}

/** Two ends of one connection. */
export function connectedPair(): readonly [Connection, Connection] {
  const there = new Pipe()
  const back = new Pipe()
  return [end(there, back), end(back, there)]
}

function end(out: Pipe, into: Pipe): Connection {
  return {
    write: (bytes, signal) => out.write(bytes, signal),
    read: signal => into.read(signal),
    close() {
      out.end()
      into.abandon()
    },
  }
}

/** One way of a connection. */
class Pipe {
  private pieces: Uint8Array[] = []
  private unreadBytes = 0
  private state: 'open' | 'ended' | 'abandoned' = 'open'
  private wakes: (() => void)[] = []

  async write(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    const copy = Uint8Array.from(bytes)
    while (this.unreadBytes >= UNREAD_BYTES_MAX && this.state === 'open') await this.change(signal)
    if (this.state !== 'open') throw new KioskError('hal/no-answer')
    this.pieces.push(copy)
    this.unreadBytes += copy.length
    this.tell()
  }

  async read(signal: AbortSignal): Promise<Uint8Array | undefined> {
    signal.throwIfAborted()
    while (this.pieces.length === 0 && this.state === 'open') await this.change(signal)
    const piece = this.state === 'abandoned' ? undefined : this.pieces.shift()
    this.unreadBytes -= piece?.length ?? 0
    this.tell()
    return piece
  }

  end(): void {
    if (this.state === 'open') this.state = 'ended'
    this.tell()
  }

  /** Nobody will read it any more. */
  abandon(): void {
    this.state = 'abandoned'
    this.pieces = []
    this.unreadBytes = 0
    this.tell()
  }

  private async change(signal: AbortSignal): Promise<void> {
    await new Promise<void>(resolve => {
      const wake = () => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      signal.addEventListener('abort', wake)
      this.wakes.push(wake)
    })
    signal.throwIfAborted()
  }

  private tell(): void {
    const { wakes } = this
    this.wakes = []
    for (const wake of wakes) wake()
  }
}
