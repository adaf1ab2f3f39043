import { execFile } from 'node:child_process'

const OUTPUT_BYTES_MAX = 64 << 20
const TIMEOUT_MS = 600_000
const TAIL_LINES = 12

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly timeoutMs?: number
}

/** Standard output of a program of this machine. Rejects with the last lines that it wrote where it fails. */
export function run(program: string, words: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { cwd, env, input = '', timeoutMs = TIMEOUT_MS } = options
    const child = execFile(
      program,
      [...words],
      { cwd, env: { ...process.env, ...env }, maxBuffer: OUTPUT_BYTES_MAX, timeout: timeoutMs },
      (error, output, complaints) => {
        if (error === null) return resolve(output)
        const tail = `${output}\n${complaints}`.trim().split('\n').slice(-TAIL_LINES).join(' | ')
        reject(new Error(`${program} failed: ${tail || error.message}`, { cause: error }))
      },
    )
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
}
