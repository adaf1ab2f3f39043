/**
 * The machine's hand for the host: a connection's first line is a shell command, what follows is its input, and what
 * comes back is its output. It ends when the command does.
 */
import { spawn } from 'node:child_process'
import { createServer, type Socket } from 'node:net'
import { AGENT_PORT, AGENT_READY } from '../agent-words.ts'

const COMMAND_BYTES_MAX = 64 * 1024

function serve(socket: Socket): void {
  let head = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  const hear = (bytes: Buffer) => {
    head = Buffer.concat([head, bytes])
    const end = head.indexOf(10)
    if (end < 0 && head.length > COMMAND_BYTES_MAX) socket.destroy()
    if (end < 0) return
    socket.off('data', hear)
    obey(socket, head.subarray(0, end).toString(), head.subarray(end + 1))
  }
  socket.on('data', hear)
}

function obey(socket: Socket, command: string, input: Buffer): void {
  const child = spawn('sh', ['-c', command], { cwd: '/opt/tunggal', detached: true })
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL')
  }
  socket.once('close', () => {
    try {
      kill()
    } catch {
      // It has just ended by itself.
    }
  })
  child.stdin.on('error', () => {})
  child.stdin.write(input)
  socket.pipe(child.stdin)
  child.stdout.pipe(socket, { end: false })
  child.stderr.pipe(socket, { end: false })
  child.once('close', () => socket.end())
}

createServer({ allowHalfOpen: true }, serve).listen(AGENT_PORT, () => console.log(AGENT_READY))
