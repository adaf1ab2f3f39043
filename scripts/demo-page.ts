import { EXIT, type ExitCode } from '../src/cli/exit-code.ts'
import type { Stage } from './demo.ts'

/** The demo with its page, until Ctrl-C. */
export async function serveDemo({
  signal,
  brokerUrl,
}: Stage & { port: number; brokerUrl: string }): Promise<ExitCode> {
  process.stderr.write(`broker ${brokerUrl}; Ctrl-C ends\n`)
  await new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
  return EXIT.ok
}
