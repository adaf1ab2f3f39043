/**
 * Goal: operations let kiosks take an image, two people together, and see what became of it.
 * Method: the commands through `fleet serve` on a real Mosquitto with the shipped access list; the kiosk's answers are
 * this test's, its key, certificate and judgement of signatures are real (`test/firmware/` has the kiosk that installs).
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { build } from 'tsup'
import { fleetPageBuild } from '../../scripts/page-build.ts'
import { systemClock as clock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { stateMessage } from '../../src/relay/presence.ts'
import { openConfigSeal } from '../../src/seal/config-seal.ts'
import {
  type DesiredUpdate,
  desiredUpdateSchema,
  type ReportedUpdate,
} from '../../src/settings/update-desired.ts'
import { demoKeys } from '../support/demo-keys.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { until } from '../support/until.ts'
import { type Answer, buildCli } from './built-cli.ts'

t.setTimeout(300_000)
const { data, keys, kioskKeys } = await demoKeys(t, clock)
const tunggal = buildCli(join(data, 'bin'))
await build({ ...fleetPageBuild, outDir: join(data, 'bin/fleet-page'), config: false, silent: true })
const mosquitto = await startMosquitto(t, join(keys, 'broker'))
const url = `mqtts://127.0.0.1:${mosquitto.port}`
const KIOSK = kioskKeys.name
const bundle = join(data, 'v2.raucb')
const content = 'the bundle'
await writeFile(bundle, content)
const label = {
  version: '2.0.0',
  compatible: 'tunggal-virt',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
  expiresAt: '2099-01-01T00:00:00.000Z',
}
await writeFile(`${bundle}.json`, JSON.stringify({ bundle: 'v2.raucb', ...label }))

async function startServe(): Promise<void> {
  const words = ['fleet', 'serve', '--data', data, '--broker', url, '--port', '0']
  const child = spawn(process.execPath, [join(data, 'bin/main.js'), ...words], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH },
  })
  t.teardown(() => child.kill('SIGKILL'))
  await until(() => existsSync(join(data, 'fleet.sock')), 60_000)
}

const broker = connectBroker({
  url,
  clientId: KIOSK,
  tls: kioskKeys.tls,
  backoff: { backoffMsMin: 100, backoffMsMax: 1_000 },
  clock,
  random: Math.random,
  log: silentLog,
})
t.teardown(() => broker.close())
const seal = openConfigSeal({ keys: kioskKeys, clock })
const wanted: DesiredUpdate[] = []
let answer: Partial<ReportedUpdate> = {}
const say = (version: number, more: Partial<ReportedUpdate>) => {
  const at = new Date().toISOString()
  const report: ReportedUpdate = { version, state: 'applied', errors: [], at, running: '2.0.0', ...more }
  const topic = kioskTopic(KIOSK, 'update/reported')
  return broker.publish({ topic, body: Buffer.from(JSON.stringify(report)), qos: 1, retain: true })
}
await broker.subscribe(kioskTopic(KIOSK, 'update/desired'), async ({ body }) => {
  const desired = await seal.openUpdate(body, desiredUpdateSchema)
  wanted.push(desired)
  const { version, image } = desired
  await say(version - 1, { running: '1.0.0', pending: { version, image, step: 'downloading', percent: 10 } })
  await say(version, answer)
})
const presence = { version: '1.0.0', site: 'Bandung', province: '32', groups: ['jabar'] }
await until(() => broker.connection !== undefined)
await broker.publish(stateMessage(KIOSK, 'online', presence, clock.nowMs()))

const push = (...more: string[]) =>
  tunggal(
    ...['fleet', 'update', 'push', bundle, '--url', 'http://10.0.0.1/v2.raucb', '--to', 'jabar'],
    ...['--by', 'sari', '--data', data, '--json', '--wait', '120', ...more],
  )
const rollOut = (...words: string[]) => tunggal('fleet', 'rollout', ...words, '--data', data, '--json')

/** What the one says who pushed, once another has approved. */
async function pushed(): Promise<Answer> {
  const said = push()
  await until(async () => (await rollOut('list')).lines[0]?.state === 'proposed', 60_000)
  const [{ id }] = (await rollOut('list')).lines
  const own = await rollOut('approve', String(id), '--by', 'sari')
  t.match(own, { code: 65, err: /fleet\/same-person/ })
  await rollOut('approve', String(id), '--by', 'budi')
  return await said
}

t.test('nobody would carry it on', async t => {
  t.match(await push(), { code: 69, err: /tunggal fleet serve.*fleet\/not-served/ })
})

t.test('a kiosk takes it', async t => {
  await startServe()
  const { code, lines, err } = await pushed()
  t.equal(code, 0, err)
  t.match(lines[0], { state: 'proposed', image: '2.0.0', to: ['jabar'], proposed: { by: 'sari' } })
  t.match(lines.at(-1), { state: 'done', version: 1, kept: 1, kiosks: 1, approved: { by: 'budi' } })
  const { version: image, ...rest } = label
  t.match(wanted, [{ version: 1, image, url: 'http://10.0.0.1/v2.raucb', ...rest }])
})

t.test('a kiosk leaves it again', async t => {
  const errors = [{ code: 'update/unwell', where: 'broker', text: 'no lasting connection' }]
  answer = { state: 'rolled-back', running: '1.0.0', errors }
  const { code, lines } = await pushed()
  t.equal(code, 1)
  t.match(lines.at(-2), {
    kiosk: KIOSK,
    state: 'rolled-back',
    why: 'no lasting connection (update/unwell broker)',
  })
  t.match(lines.at(-1), { state: 'stopped', reason: 'too-many-failed', version: 2, failed: 1 })
})

t.test('another file than the label is of', async t => {
  await writeFile(bundle, 'another')
  t.match(await push(), { code: 65, err: /update\/other-hash/ })
  await writeFile(`${bundle}.json`, '{')
  t.match(await push(), { code: 65, err: /update\/unreadable/ })
  t.equal(wanted.length, 2, 'no kiosk hears of it')
})
