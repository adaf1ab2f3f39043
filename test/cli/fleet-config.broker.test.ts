/**
 * Goal: operations bring a configuration to a kiosk, see what came of it, and a bad one does no lasting harm, whatever
 * happens to the kiosk meanwhile.
 * Method: the commands as they are shipped, each a process of its own, over TLS on a real Mosquitto with the shipped
 * access list; the kiosk is killed while one is on trial.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { build } from 'tsup'
import { pageBuild } from '../../scripts/page-build.ts'
import { systemClock } from '../../src/base/clock.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { until } from '../support/until.ts'
import { buildCli } from './built-cli.ts'

t.setTimeout(300_000)

const folder = t.testdir({ bin: {}, data: {} })
const data = join(folder, 'data')
const tunggal = buildCli(join(folder, 'bin'))
await build({ ...pageBuild, outDir: join(folder, 'bin/page'), config: false, silent: true })
await initDemoKeys(data, { clock: systemClock })
const mosquitto = await startMosquitto(t, join(data, 'keys/broker'))
const url = `mqtts://127.0.0.1:${mosquitto.port}`
const ops = ['--data', data, '--broker', url, '--json']

async function jsonFile(name: string, value: unknown): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, JSON.stringify(value))
  return path
}

const ownFile = await jsonFile('kiosk.json', {
  kiosk: { groups: ['kendari'] },
  broker: { url, backoffMsMin: 100, backoffMsMax: 1_000 },
  ui: { port: 0 },
  probation: { goodMs: 4_000, limitMs: 10_000 },
})

/** `tunggal run`, and everything it has logged. */
class RunningKiosk {
  log = ''
  private child!: ChildProcess

  start(): void {
    const words = ['run', '--data', data, '--config', ownFile, '--board', 'simulated']
    this.child = spawn(process.execPath, [join(folder, 'bin/main.js'), ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH },
    })
    this.child.stderr?.setEncoding('utf8').on('data', text => {
      this.log += text
    })
  }

  async logged(pattern: RegExp, from = 0): Promise<void> {
    await until(() => pattern.test(this.log.slice(from)), 60_000)
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exit = once(this.child, 'exit')
    this.child.kill(signal)
    await exit
  }
}

const kiosk = new RunningKiosk()
t.teardown(() => kiosk.end('SIGKILL'))
kiosk.start()
await kiosk.logged(/broker-connected/)

/** A stage ends long before a minute is over. */
const push = async (name: string, settings: object, wait = '60') =>
  tunggal(
    'fleet',
    'config',
    'push',
    await jsonFile(name, settings),
    '--to',
    'kendari',
    ...ops,
    '--wait',
    wait,
  )
const show = async () => tunggal('fleet', 'config', 'show', ...ops)

t.test('at first it runs by its own file', async t => {
  const { code, lines } = await show()
  t.equal(code, 0)
  t.match(lines, [{ kiosk: 'kiosk-demo', desired: 0, running: 0, confirmed: true, differs: [] }])
})

t.test('a good one is kept', async t => {
  const { code, lines, err } = await push('good.json', { capture: { attemptsMax: 2 } })
  t.equal(code, 0, err)
  t.same(lines, [{ kiosk: 'kiosk-demo', version: 1, outcome: 'kept', errors: [] }])
  const shown = await show()
  t.equal(shown.code, 0)
  t.match(shown.lines, [{ desired: 1, running: 1, confirmed: true, differs: [] }])
})

t.test('one that needs a new beginning is kept, too', async t => {
  const from = kiosk.log.length
  const { code } = await push('site.json', { kiosk: { site: 'Kantor Dukcapil Kendari' } })
  t.equal(code, 0)
  t.match(kiosk.log.slice(from), /"event":"config-used".*"effect":"runtime"/)
  t.match(kiosk.log.slice(from), /broker-connected/)
})

t.test('one that leads to no broker comes back by itself, and says why', async t => {
  const { code, lines } = await push('poison.json', { broker: { url: 'mqtts://127.0.0.1:9' } })
  t.equal(code, 1)
  t.match(lines, [
    { version: 3, outcome: 'rolled-back', errors: [{ code: 'config/cut-off', where: 'broker.url' }] },
  ])
  const shown = await show()
  t.equal(shown.code, 1)
  t.match(shown.lines, [
    {
      desired: 3,
      running: 2,
      confirmed: true,
      differs: [{ path: 'broker.url', wanted: 'mqtts://127.0.0.1:9', runs: url }],
    },
  ])
})

t.test('what cannot be is refused before it is sent, or by the kiosk', async t => {
  const own = await push('own.json', { kiosk: { id: 'kiosk-other' } })
  t.equal(own.code, 78)
  t.match(own.err, /kiosk\.id/)
  const unknown = await push('unknown.json', { capture: { atemptsMax: 2 } })
  t.equal(unknown.code, 78)
  t.match(unknown.err, /atemptsMax/)
  const nobody = await tunggal('fleet', 'config', 'push', ownFile, '--to', 'nowhere', ...ops)
  t.equal(nobody.code, 64)
  // Only with this kiosk's own file is its least wait longer than the greatest.
  const here = await push('here.json', { broker: { backoffMsMin: 1_500, backoffMsMax: 120_000 } })
  t.equal(here.code, 0)
  const { code, lines } = await push('only-here.json', { broker: { backoffMsMin: 60_000 } })
  t.equal(code, 1)
  t.match(lines, [
    { outcome: 'rejected', errors: [{ code: 'config/bad-value', where: 'broker.backoffMsMax' }] },
  ])
})

t.test('a kiosk that is off gets it when it comes back', async t => {
  await kiosk.end('SIGTERM')
  const away = await push('later.json', { capture: { attemptsMax: 5 } }, '0')
  t.equal(away.code, 1)
  t.match(away.lines, [{ outcome: 'waiting' }])
  kiosk.start()
  await until(
    async () => (await show()).lines.every(({ running, confirmed }) => running === 6 && confirmed),
    90_000,
  )
  t.pass('it has it')
})

t.test('one on trial that keeps taking the kiosk down is taken back', async t => {
  const from = kiosk.log.length
  const pushed = push('falls.json', { store: { ageMsMax: 60_000 } })
  await kiosk.logged(/"event":"config-used".*"effect":"runtime"/, from)
  for (let kill = 0; kill < 3; kill++) {
    const before = kiosk.log.length
    await kiosk.logged(/broker-connected/, kill === 0 ? from : before)
    await kiosk.end('SIGKILL')
    kiosk.start()
  }
  const { code, lines } = await pushed
  t.equal(code, 1)
  t.match(lines, [{ version: 7, outcome: 'rolled-back', errors: [{ code: 'config/not-starting' }] }])
  t.match((await show()).lines, [{ running: 6, confirmed: true }])
})
