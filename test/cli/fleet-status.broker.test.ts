/**
 * Goal: whoever looks after the fleet sees how kiosks are and who waits, as soon as they ask.
 * Method: the commands as they are shipped, over TLS on a real Mosquitto with the shipped access list; a kiosk on
 * simulated parts, and an ABIS whose licence lets nothing through at first.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { build } from 'tsup'
import { fleetPageBuild, pageBuild } from '../../scripts/page-build.ts'
import { systemClock } from '../../src/base/clock.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { writeCitizen } from '../support/finger-images.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { until } from '../support/until.ts'
import { buildCli } from './built-cli.ts'

t.setTimeout(300_000)

const folder = t.testdir({ bin: {}, data: {} })
const data = join(folder, 'data')
const tunggal = buildCli(join(folder, 'bin'))
await build({ ...pageBuild, outDir: join(folder, 'bin/page'), config: false, silent: true })
await build({ ...fleetPageBuild, outDir: join(folder, 'bin/fleet-page'), config: false, silent: true })
await initDemoKeys(data, { clock: systemClock })
const mosquitto = await startMosquitto(t, join(data, 'keys/broker'))
const url = `mqtts://127.0.0.1:${mosquitto.port}`
const fleet = (...words: string[]) => tunggal('fleet', ...words, '--data', data, '--broker', url, '--json')
const ownFile = join(folder, 'kiosk.json')
await writeFile(
  ownFile,
  JSON.stringify({
    kiosk: { site: 'Kantor Dukcapil Kendari', province: '74', groups: ['sultra'] },
    broker: { url, backoffMsMin: 100, backoffMsMax: 1_000 },
    ui: { port: 0 },
    health: { telemetryIntervalMs: 5_000 },
    probation: { goodMs: 2_000, limitMs: 60_000 },
  }),
)

function start(...words: string[]): ChildProcess {
  const child = spawn(process.execPath, [join(folder, 'bin/main.js'), ...words, '--data', data], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH },
  })
  t.teardown(() => end(child, 'SIGKILL'))
  return child
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill(signal)
  await exit
}

t.test('a fleet of which nothing is known', async t => {
  t.match(await fleet('status'), { code: 0, lines: [] })
  t.match((await fleet('backlog')).lines, [{ kiosks: 0, waiting: 0, perSecond: 0, lapses: [] }])
})

t.test('a kiosk comes, and goes without a word', async t => {
  const kiosk = start('run', '--config', ownFile, '--board', 'simulated')
  await until(async () => (await fleet('status')).lines[0]?.heardAt !== undefined, 90_000)
  const { lines, code, err } = await fleet('status', '--of', 'sultra')
  t.match(lines, [
    {
      kiosk: 'kiosk-demo',
      state: 'online',
      site: 'Kantor Dukcapil Kendari',
      province: '74',
      config: { desired: 0, running: 0, confirmed: true },
      outbox: { waiting: 0, setAside: 0 },
      troubles: [],
    },
  ])
  t.ok((lines[0].parts as { up: number }).up > 0)
  t.equal(code, 0, err)
  t.equal((await fleet('status', '--of', 'nowhere')).code, 64)
  await end(kiosk, 'SIGKILL')
  await until(async () => (await fleet('status')).code === 1, 60_000)
  t.match((await fleet('status')).lines, [{ state: 'offline', troubles: [{ name: 'offline' }] }])
})

t.test('who waits, and how long it will take', async t => {
  const licence = join(folder, 'licence.json')
  await writeFile(licence, JSON.stringify({ unit: 'records', perSecond: 5, until: '2020-01-01' }))
  const abis = start('abis', 'serve', '--broker', url, '--licence', licence)
  const images = await writeCitizen(join(folder, 'images'), 7, 0, 2)
  const made = await tunggal(
    'enrol',
    ...['--images', images, '--nik', '7471014107900001', '--data', data],
    ...['--config', ownFile, '--wait', '15', '--json'],
  )
  t.match(made.lines.at(-1), { status: 'RECEIVED_AT_CENTRAL' }, made.err)
  await until(async () => (await fleet('backlog')).lines.at(-1)?.atCentral === 1, 60_000)
  const { lines } = await fleet('backlog', '--by', 'province')
  t.match(lines, [
    { province: '74', atKiosk: 0, atCentral: 1 },
    {
      kiosks: 1,
      waiting: 1,
      perSecond: 0,
      licensedPerSecond: 0,
      lapses: [{ abis: 'abis-central', what: 'licence', level: 'lapsed' }],
    },
  ])
  await end(abis, 'SIGTERM')
})

t.test(
  'beside the page of operations the commands work through it: one name at the broker, one database',
  async t => {
    const logins = () => (mosquitto.log().match(/New client connected from .* as ops-central/g) ?? []).length
    const before = logins()
    const serve = start('fleet', 'serve', '--broker', url, '--port', '0')
    const users = (...words: string[]) => tunggal('fleet', 'user', ...words, '--data', data, '--json')
    await until(() => existsSync(join(data, 'fleet.sock')), 60_000)
    t.match((await users('add', 'sari', '--role', 'operator')).lines, [{ name: 'sari', password: String }])
    t.equal((await users('add', 'sari', '--role', 'viewer')).code, 65)
    t.equal((await users('add', 'Not A Name', '--role', 'viewer')).code, 64)
    t.match((await users('list')).lines, [{ name: 'sari', role: 'operator' }])
    // Its own line to the broker is there, and nobody pushes it out.
    await until(async () => (await fleet('status')).lines[0]?.kiosk === 'kiosk-demo', 60_000)
    t.match((await fleet('backlog')).lines, [{ kiosks: 1, waiting: 1 }])
    t.equal(logins(), before + 1)
    start('run', '--config', ownFile, '--board', 'simulated')
    await until(async () => (await fleet('status')).lines[0]?.state === 'online', 60_000)
    const wanted = join(folder, 'wanted.json')
    await writeFile(wanted, JSON.stringify({ capture: { attemptsMax: 2 } }))
    const rollOut = (...words: string[]) => tunggal('fleet', 'rollout', ...words, '--data', data, '--json')
    const nobody = await rollOut('start', wanted, '--to', 'sultar', '--by', 'sari')
    t.match(nobody, { code: 64, err: /no kiosk and no group "sultar"/ }, 'before anybody agrees on it')
    const proposed = await rollOut('start', wanted, '--to', 'sultra', '--by', 'sari')
    t.match(proposed.lines, [{ state: 'proposed', to: ['sultra'] }], proposed.err)
    const id = String(proposed.lines[0].id)
    t.equal((await rollOut('approve', id, '--by', 'sari')).code, 65, 'another person has to')
    t.equal((await rollOut('show', id)).code, 1)
    t.match((await rollOut('approve', id, '--by', 'budi')).lines, [{ state: 'approved' }])
    const followed = await rollOut('show', id, '--follow')
    t.equal(followed.code, 0, followed.err)
    t.match(followed.lines.at(-1), { id, state: 'done', kept: 1, failed: 0, kiosks: 1 })
    t.match((await rollOut('list')).lines, [{ id, state: 'done' }])
    t.equal((await rollOut('cancel', id)).code, 65)
    const command = (...words: string[]) => fleet('command', ...words, '--to', 'kiosk-demo', '--wait', '60')
    t.match((await command('test-print')).lines, [{ kiosk: 'kiosk-demo', name: 'test-print', state: 'done' }])
    const [{ text }] = (await command('diagnostics')).lines
    const settings = { capture: { attemptsMax: 2 } }
    t.match(JSON.parse(String(text)), { kiosk: 'kiosk-demo', parts: Array, settings }, 'as they are in force')
    t.match(await command('restart'), { code: 0, lines: [{ state: 'done' }] })
    t.equal((await command('shell')).code, 64)
    await end(serve, 'SIGTERM')
    t.match((await users('remove', 'sari')).lines, [{ name: 'sari', state: 'removed' }])
  },
)
