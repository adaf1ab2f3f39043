/**
 * Goal: operations let kiosks take an image by one command, and see what became of it.
 * Method: the command on a real Mosquitto with the shipped access list; the kiosk's answers are this test's, its key,
 * certificate and judgement of signatures are real (`test/firmware/` has the kiosk that installs).
 */
import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
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
import { buildCli } from './built-cli.ts'

t.setTimeout(300_000)
const { data, keys, kioskKeys } = await demoKeys(t, clock)
const tunggal = buildCli(join(data, 'bin'))
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
    ...['--data', data, '--broker', url, '--json', '--wait', '120', ...more],
  )

t.test('a kiosk takes it', async t => {
  const { code, lines, err } = await push()
  t.equal(code, 0, err)
  t.match(lines, [{ kiosk: KIOSK, version: 1, outcome: 'kept' }])
  const { version: image, ...rest } = label
  t.match(wanted, [{ version: 1, image, url: 'http://10.0.0.1/v2.raucb', ...rest }])
})

t.test('a kiosk leaves it again, and says why', async t => {
  const errors = [{ code: 'update/unwell', where: 'broker', text: 'no lasting connection' }]
  answer = { state: 'rolled-back', running: '1.0.0', errors }
  const { code, lines } = await push()
  t.equal(code, 1)
  t.match(lines, [{ kiosk: KIOSK, version: 2, outcome: 'rolled-back', errors }])
})

t.test('another file than the label is of', async t => {
  await writeFile(bundle, 'another')
  t.match(await push(), { code: 65, err: /update\/other-hash/ })
  await writeFile(`${bundle}.json`, '{')
  t.match(await push(), { code: 65, err: /update\/unreadable/ })
  t.equal(wanted.length, 2, 'no kiosk hears of it')
})
