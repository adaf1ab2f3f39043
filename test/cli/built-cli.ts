import { execFile } from 'node:child_process'
import type { Test } from 'tap'
import { bundle } from '../support/bundle.ts'

export interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
  /** Standard output as the objects that `--json` promises. */
  readonly lines: readonly Record<string, unknown>[]
}

export type Cli = (...words: string[]) => Promise<Answer>

/** The command as it is shipped, bundled into `folder`; each call is a process of its own. */
export function buildCli(folder: string): Cli {
  const program = bundle('src/cli/main.ts', folder)
  return (...words) =>
    new Promise(resolve => {
      const child = execFile(
        process.execPath,
        [program, ...words],
        { env: { PATH: process.env.PATH }, maxBuffer: 64 << 20 },
        (_, out, err) => {
          const lines = words.includes('--json')
            ? out
                .split('\n')
                .filter(line => line !== '')
                .map(line => JSON.parse(line))
            : []
          resolve({ code: child.exitCode ?? -1, out, err, lines })
        },
      )
    })
}

/** Exactly one line on standard error, about `about`, and no stack. */
export function oneLineAbout(t: Test, answer: Answer, about: RegExp): void {
  t.match(answer.err, about)
  t.equal(answer.err.split('\n').length, 2, `one line, not ${JSON.stringify(answer.err)}`)
}
