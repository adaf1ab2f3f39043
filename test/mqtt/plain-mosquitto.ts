import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from '../support/free-port.ts'

const START_MS_MAX = 10_000

/** A real Mosquitto without TLS, for what is between client and broker. Ends with the test. */
export interface PlainMosquitto {
  readonly port: number
  readonly url: string
  /** Number of its process: another after every start. */
  readonly pid: number | undefined
  /** What it, and what it runs under, has said since it was last started. */
  log(): string
  stop(): Promise<void>
  /** As when its machine fails: it saves nothing. */
  kill(): Promise<void>
  /** Again on the same port, with what it saved when it stopped. */
  start(): Promise<void>
}

/**
 * `lines` go into its configuration; `under` is a command that runs it, and `host` where it is then. Fails, and says
 * so, where Mosquitto is not installed.
 */
export async function startPlainMosquitto(
  t: Pick<Test, 'teardown'>,
  lines: readonly string[] = [],
  { under = [], host = '127.0.0.1' }: { under?: readonly string[]; host?: string } = {},
): Promise<PlainMosquitto> {
  // Not `t.testdir`: a test has only one, and may want it for itself.
  const folder = await mkdtemp(join(tmpdir(), 'tunggal-mosquitto-'))
  const port = await freePort()
  const path = join(folder, 'mosquitto.conf')
  const user = process.getuid?.() === 0 ? ['user root'] : []
  const config = [
    `listener ${port} ${host}`,
    'allow_anonymous true',
    'persistence true',
    `persistence_location ${folder}/`,
    ...user,
    ...lines,
  ]
  await writeFile(path, `${config.join('\n')}\n`)
  let broker = await run(path, under)
  const stop = () => end(broker.child, 'SIGTERM')
  t.teardown(async () => {
    await stop()
    await rm(folder, { recursive: true })
  })
  return {
    port,
    url: `mqtt://${host}:${port}`,
    get pid() {
      return broker.child.pid
    },
    log: () => broker.log(),
    stop,
    kill: () => end(broker.child, 'SIGKILL'),
    start: async () => {
      broker = await run(path, under)
    },
  }
}

async function run(path: string, under: readonly string[]) {
  const [command, ...words] = [...under, '/usr/sbin/mosquitto', '-c', path]
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string) =>
      reject(new Error(`Mosquitto did not start (scripts/test installs it): ${why} ${log}`))
    const timer = setTimeout(() => fail('no answer.'), START_MS_MAX)
    child.once('error', error => fail(error.message))
    child.once('exit', code => fail(`exit code ${code}.`))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000)
      if (!/mosquitto version \S+ running/.test(log)) return
      clearTimeout(timer)
      resolve()
    })
  })
  return { child, log: () => log }
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise(resolve => child.once('close', resolve))
  child.kill(signal)
  await closed
}
