/**
 * Goal: once `tunggal keys revoke` has ended, the lost kiosk is off the broker and stays off (and operations see it
 * `offline`), the others never noticed, and the ABIS believes nothing that it signed, without being started anew.
 * Method: a real Mosquitto with the shipped configuration, the ABIS as served, kiosks with our own client that comes
 * back as quickly as it can; what the lost kiosk had signed comes in again under a new certificate of its name.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock as clock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbis } from '../../src/cli/abis/open-abis.ts'
import { openKioskKeys, openSigningKeys } from '../../src/keys/file-key-store.ts'
import type { KioskKeys } from '../../src/keys/key-store.ts'
import { initDemoKeys, issueKiosk } from '../../src/keys/make-keys.ts'
import type { Message } from '../../src/mqtt/broker.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import { kioskTopic } from '../../src/mqtt/topics.ts'
import { stateMessage } from '../../src/relay/presence.ts'
import { openKioskSeal } from '../../src/seal/kiosk-seal.ts'
import { submissionOf } from '../seal/forge.ts'
import { startMosquitto } from '../support/mosquitto.ts'
import { until } from '../support/until.ts'
import { buildCli } from './built-cli.ts'

t.setTimeout(240_000)
const data = t.testdir({ cli: {} })
const keys = join(data, 'keys')
await initDemoKeys(data, { clock, kiosk: 'kiosk-0001' })
const tunggal = buildCli(join(data, 'cli'))
const mosquitto = await startMosquitto(t, join(keys, 'broker'))
const url = `mqtts://127.0.0.1:${mosquitto.port}`
const pidFile = join(data, 'mosquitto.pid')
await writeFile(pidFile, `${mosquitto.pid}\n`)

async function newKiosk(name: string, folder = name): Promise<KioskKeys> {
  await issueKiosk(join(keys, 'kiosk-ca'), { name, out: join(keys, folder), clock })
  return openKioskKeys(join(keys, folder))
}

/** A kiosk's connection, back within a tenth of a second where it can be. */
function connect(t: Test, { name, tls }: Pick<KioskKeys, 'name' | 'tls'>, will?: Message) {
  const broker = connectBroker({
    url,
    clientId: name,
    tls,
    ...(will && { will }),
    backoff: { backoffMsMin: 50, backoffMsMax: 100 },
    clock,
    random: Math.random,
    log: silentLog,
  })
  t.teardown(() => broker.close())
  return broker
}

async function publish(broker: ReturnType<typeof connect>, from: KioskKeys, sequence: number): Promise<void> {
  const submission = {
    ...submissionOf(from.name),
    sequence,
    id: `0196f5c0-0000-7000-8000-00000000000${sequence}`,
  }
  const { body } = await openKioskSeal({ keys: from, clock }).sealSubmission(submission)
  await broker.publish({ topic: kioskTopic(from.name, 'submission'), body, qos: 1 })
}

t.test('a lost kiosk', async t => {
  const { abis, close } = await openAbis({ data, url, clock, log: silentLog })
  t.teardown(() => close())
  const [good, lost] = [await openKioskKeys(join(keys, 'kiosk')), await newKiosk('kiosk-0002')]
  const presence = { version: '1', site: 'A', province: '74', groups: ['b'] }
  const will = stateMessage(lost.name, 'offline', presence, clock.nowMs())
  const [standing, thief] = [connect(t, good), connect(t, lost, will)]
  await until(() => standing.connection !== undefined && thief.connection !== undefined)
  await thief.publish(stateMessage(lost.name, 'online', presence, clock.nowMs()))
  const states: string[] = []
  const ops = connect(t, await openSigningKeys(join(keys, 'ops'), 'ops'))
  await ops.subscribe(kioskTopic(lost.name, 'state'), async ({ body }) => {
    states.push(String(Buffer.from(body)))
  })
  await publish(thief, lost, 1)
  await until(() => abis.counts.received === 1)
  const { sinceMs } = standing.connection ?? {}

  const words = ['--reason', 'lost', '--broker-pid', pidFile, '--broker', url, '--data', data, '--json']
  const revoked = await tunggal('keys', 'revoke', 'kiosk-0002', ...words)
  t.equal(revoked.code, 0, revoked.err)
  t.match(revoked.lines, [
    { name: 'kiosk-0002', reason: 'lost' },
    { name: 'kiosk-0002', session: 'ended' },
  ])
  t.equal(thief.connection, undefined)
  await until(() => states.at(-1) === String(Buffer.from(will.body)))
  t.match(states[0], '"online"', 'operations saw it go, and where it stood')
  await mosquitto.logged(/certificate verify failed/)
  t.equal(standing.connection?.sinceMs, sinceMs, 'nobody else was disturbed')

  const successor = await newKiosk('kiosk-0002', 'successor')
  const again = connect(t, successor)
  await until(() => again.connection !== undefined)
  await publish(again, lost, 2)
  await until(() => abis.counts.refused === 1)
  await publish(again, successor, 3)
  await until(() => abis.counts.received === 2)
  t.equal(abis.counts.refused, 1)
  t.equal(thief.connection, undefined, 'and it never came back')
})

t.test('a broker that has not read its list is no success', async t => {
  const kiosk = await newKiosk('kiosk-0003')
  const standing = connect(t, kiosk)
  await until(() => standing.connection !== undefined)
  const words = ['--reason', 'retired', '--broker', url, '--data', data, '--json']
  const revoked = await tunggal('keys', 'revoke', 'kiosk-0003', ...words)
  t.equal(revoked.code, 1, revoked.err)
  t.match(revoked.lines.at(-1), { name: 'kiosk-0003', session: 'comes-back' })
})
