import { type ChildProcess, spawn } from 'node:child_process'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'

const START_MS_MAX = 10_000
const shipped = join(import.meta.dirname, '../../firmware/broker')

/** A real Mosquitto with the shipped configuration on the keys in `folder`; it ends with the test. */
export interface Mosquitto {
  readonly port: number
  /** Number of its process. */
  readonly pid: number
  /** Everything it has written to its log so far. */
  readonly log: () => string
  /** Resolves once a line of the log, past or future, matches. */
  logged(pattern: RegExp): Promise<void>
  /** Makes it read its certificates and lists again. */
  reload(): Promise<void>
  stop(): Promise<void>
}

/** `folder` is a broker's key folder. Fails, and says so, where Mosquitto is not installed. */
export async function startMosquitto(t: Pick<Test, 'teardown'>, folder: string): Promise<Mosquitto> {
  const port = await freePort()
  await copyFile(join(shipped, 'acl'), join(folder, 'acl'))
  const conf = (await readFile(join(shipped, 'mosquitto.conf'), 'utf8'))
    .replaceAll('/etc/tunggal/broker', folder)
    .replace('listener 8883', `listener ${port}`)
    .replace('/var/lib/mosquitto/', `${folder}/`)
  const path = join(folder, 'mosquitto.conf')
  // Started as root it would become another user, who may not look into the test's folder.
  await writeFile(path, `${conf}\nuser root\nlog_type all\n`)
  const child = spawn('/usr/sbin/mosquitto', ['-c', path], { stdio: ['ignore', 'ignore', 'pipe'] })
  const log = watchLog(child)
  let ended = false
  const exit = new Promise<void>(resolve => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  }).then(() => {
    ended = true
  })
  const stop = async () => {
    if (!ended) child.kill('SIGTERM')
    await exit
  }
  t.teardown(stop)
  const failed = exit.then(() => {
    throw new Error(`Mosquitto did not start (scripts/test installs it): ${log.text()}`)
  })
  await Promise.race([log.matches(/mosquitto version \S+ running/), failed])
  failed.catch(() => {})
  return {
    port,
    pid: child.pid ?? 0,
    log: log.text,
    logged: log.matches,
    reload: async () => {
      const before = log.text().length
      child.kill('SIGHUP')
      await log.matches(/Reloading config/, before)
    },
    stop,
  }
}

function watchLog(child: ChildProcess) {
  let text = ''
  const waiting = new Set<() => void>()
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    for (const look of waiting) look()
  })
  child.on('error', error => {
    text += error.message
  })
  const matches = (pattern: RegExp, from = 0) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look)
        reject(new Error(`no line of Mosquitto matched ${pattern}: ${text.slice(from)}`))
      }, START_MS_MAX)
      const look = () => {
        if (!pattern.test(text.slice(from))) return
        clearTimeout(timer)
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { text: () => text, matches }
}

/** One that the system had free just now: Mosquitto cannot be asked to choose. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}
