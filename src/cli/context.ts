import { resolve } from 'node:path'
import { format } from 'node:util'
import type { Context, Line } from './command.ts'
import { errorLine, oneLine } from './error-line.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'

/** Standard output and error, or what a test puts in their place. */
export interface Streams {
  readonly out: { write(text: string): unknown; readonly isTTY?: boolean }
  readonly err: { write(text: string): unknown; readonly isTTY?: boolean }
}

/** `title` goes before every line on standard error: which command is speaking. */
export function newContext(
  streams: Streams,
  options: { readonly title: string; readonly json: boolean; readonly signal: AbortSignal },
): Context {
  let hasProgress = false
  const clearProgress = () => {
    if (hasProgress) streams.err.write('\r\x1b[K')
    hasProgress = false
  }
  return {
    signal: options.signal,
    isTerminal: streams.out.isTTY === true && !options.json && !process.env.NO_COLOR,
    resolve: path => resolve(path),
    print(line: Line | string, text?: string): void {
      if (options.json && typeof line === 'string') return
      clearProgress()
      streams.out.write(`${options.json ? JSON.stringify(line) : (text ?? plain(line))}\n`)
    },
    progress(text: string): void {
      // A log file wants results, not a thousand states of one line.
      if (streams.err.isTTY !== true) return
      streams.err.write(`\r\x1b[K${oneLine(text)}`)
      hasProgress = true
    },
    failed(error: unknown) {
      clearProgress()
      const code = exitCodeOf(error)
      if (code === EXIT.stopped) return code
      streams.err.write(`${`tunggal ${options.title}`.trimEnd()}: ${errorLine(error)}\n`)
      if (process.env.TUNGGAL_DEBUG) streams.err.write(`${format(error)}\n`)
      return code
    },
  }
}

function plain(line: Line | string): string {
  if (typeof line === 'string') return line
  return Object.entries(line)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join('  ')
}
