import type { Socket } from 'node:net'

/** Calls `listener` with each line. A connection that breaks is one that ends. */
export function onLines(socket: Socket, listener: (line: string) => void): void {
  let text = ''
  socket.on('error', () => socket.destroy())
  socket.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (text + piece).split('\n')
    text = lines.pop() ?? ''
    for (const line of lines) listener(line.trimEnd())
  })
}
