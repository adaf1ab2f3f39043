/**
 * Goal: a real Mosquitto with the shipped configuration lets each certificate do what its role does
 * and nothing else, and each refusal says why.
 * Method: certificates of our own making, good and wrong in one way; no timing: what must not arrive
 * is proved by something later that does.
 */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import t, { type Test } from 'tap'
import { systemClock } from '../../src/base/clock.ts'
import { Authority } from '../../src/keys/authority.ts'
import { openKioskKeys, openSigningKeys } from '../../src/keys/file-key-store.ts'
import { handOutRevocations, initDemoKeys, issueBroker, issueKiosk } from '../../src/keys/make-keys.ts'
import { startMosquitto } from '../support/mosquitto.ts'

const DEADLINE_MS = 10_000
type Tls = { key?: string; cert?: string; ca: string }

const data = t.testdir()
await initDemoKeys(data, { clock: systemClock, kiosk: 'kiosk-0001' })
const keys = join(data, 'keys')
await newKiosk('kiosk-0002')
const kiosk1 = (await openKioskKeys(join(keys, 'kiosk'))).tls
const kiosk2 = (await openKioskKeys(join(keys, 'kiosk-0002'))).tls
const abis = (await openSigningKeys(join(keys, 'abis'), 'abis')).tls
const ops = (await openSigningKeys(join(keys, 'ops'), 'ops')).tls
const broker = await startMosquitto(t, join(keys, 'broker'))

async function newKiosk(name: string, clock = systemClock, from = keys): Promise<void> {
  await issueKiosk(join(from, 'kiosk-ca'), { name, out: join(keys, name), clock })
}

async function client(t: Test, tls: Tls, options: IClientOptions & { at?: string } = {}) {
  const { at = '127.0.0.1', ...rest } = options
  const connected = await connectAsync({
    protocol: 'mqtts',
    host: at,
    port: broker.port,
    protocolVersion: 5,
    reconnectPeriod: 0,
    connectTimeout: DEADLINE_MS,
    ...tls,
    ...rest,
  })
  t.teardown(() => connected.endAsync(true))
  return connected
}

/** Everything that arrives, and a promise of the message with a given body. */
function inbox(of: MqttClient) {
  const all: string[] = []
  of.on('message', (topic, body) => all.push(`${topic} ${body}`))
  return {
    all,
    until: (body: string) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no message ${body}`)), DEADLINE_MS)
        of.on('message', (_, arrived) => {
          if (arrived.toString() !== body) return
          clearTimeout(timer)
          resolve()
        })
      }),
  }
}

const closeOf = (of: MqttClient) => new Promise<void>(resolve => of.once('close', () => resolve()))
const topic = (kiosk: string, name: string) => `tunggal/1/kiosk/${kiosk}/${name}`
const NOT_AUTHORISED = { code: 135 }
const q1 = { qos: 1 } as const

t.test('what goes up reaches the ABIS, what comes down its kiosk', async t => {
  const [kiosk, centre, operations] = [await client(t, kiosk1), await client(t, abis), await client(t, ops)]
  const [atKiosk, atCentre, atOps] = [inbox(kiosk), inbox(centre), inbox(operations)]
  const up = ['submission', 'record', 'query']
  const told = ['state', 'telemetry', 'config/reported', 'update/reported', 'command/answer']
  const down = ['receipt', 'outcome', 'gallery', 'print']
  const wanted = ['config/desired', 'update/desired', 'command']
  for (const name of up) await centre.subscribeAsync(`$share/intake/${topic('+', name)}`, q1)
  await centre.subscribeAsync(topic('+', 'config/desired'), q1)
  for (const name of told) await operations.subscribeAsync(topic('+', name), q1)
  for (const name of [...down, ...wanted]) await kiosk.subscribeAsync(topic('kiosk-0001', name), q1)
  const arrivals = [
    ...[...up, ...told].map(name => [kiosk, name] as const),
    ...down.map(name => [centre, name] as const),
    ...wanted.map(name => [operations, name] as const),
  ]
  const arrived = [atCentre.until('config/desired'), atOps.until('command/answer'), atKiosk.until('command')]
  for (const [by, name] of arrivals) await by.publishAsync(topic('kiosk-0001', name), name, q1)
  await Promise.all(arrived)
  const lines = (names: string[]) => names.map(name => `${topic('kiosk-0001', name)} ${name}`)
  t.same([...atCentre.all].sort(), lines([...up, 'config/desired']).sort())
  t.same(atOps.all, lines(told))
  t.same([...atKiosk.all].sort(), lines([...down, ...wanted]).sort())

  await operations.subscribeAsync('tunggal/1/abis/+/status', q1)
  const status = atOps.until('status')
  await centre.publishAsync('tunggal/1/abis/abis-central/status', 'status', q1)
  await status
})

t.test('a kiosk cannot write for another, nor downwards, nor as the centre', async t => {
  const kiosk = await client(t, kiosk1)
  const refused = [
    topic('kiosk-0002', 'submission'),
    topic('kiosk-0002', 'state'),
    topic('kiosk-0001', 'receipt'),
    topic('kiosk-0001', 'outcome'),
    topic('kiosk-0001', 'config/desired'),
    topic('kiosk-0001', 'command'),
    topic('kiosk-0002', 'receipt'),
    topic('kiosk-0001', 'other'),
    'tunggal/1/abis/abis-central/status',
    'tunggal/1/abis/kiosk-0001/status',
    'tunggal/2/kiosk/kiosk-0001/submission',
    'elsewhere',
  ]
  for (const name of refused) await t.rejects(kiosk.publishAsync(name, 'x', q1), NOT_AUTHORISED, name)
  await kiosk.publishAsync(topic('kiosk-0001', 'submission'), 'x', q1)
})

t.test('a kiosk cannot read for another, whatever it subscribes to', async t => {
  const [kiosk, centre, second] = [await client(t, kiosk1), await client(t, abis), await client(t, kiosk2)]
  const atKiosk = inbox(kiosk)
  for (const filter of [
    '#',
    'tunggal/1/kiosk/#',
    topic('+', 'receipt'),
    topic('kiosk-0002', 'receipt'),
    topic('kiosk-0002', 'submission'),
    `$share/x/${topic('+', 'outcome')}`,
  ])
    await kiosk.subscribeAsync(filter, q1).catch(() => {})
  const last = atKiosk.until('last')
  await second.publishAsync(topic('kiosk-0002', 'submission'), 'a submission of another', q1)
  await centre.publishAsync(topic('kiosk-0002', 'receipt'), 'a receipt of another', q1)
  await centre.publishAsync(topic('kiosk-0002', 'outcome'), 'an outcome of another', q1)
  await centre.publishAsync(topic('kiosk-0001', 'receipt'), 'last', q1)
  await last
  t.same(new Set(atKiosk.all), new Set([`${topic('kiosk-0001', 'receipt')} last`]))
})

t.test('the centre keeps to its own side too', async t => {
  const [centre, operations] = [await client(t, abis), await client(t, ops)]
  for (const name of ['submission', 'state', 'config/desired', 'command'])
    await t.rejects(centre.publishAsync(topic('kiosk-0001', name), 'x', q1), NOT_AUTHORISED, `ABIS: ${name}`)
  for (const name of ['submission', 'receipt', 'outcome', 'print'])
    await t.rejects(
      operations.publishAsync(topic('kiosk-0001', name), 'x', q1),
      NOT_AUTHORISED,
      `ops: ${name}`,
    )
})

t.test('a client is called as its certificate says, whatever it says itself', async t => {
  const first = await client(t, kiosk1, { clientId: 'kiosk-0002', username: 'abis-central', password: 'x' })
  await t.rejects(first.publishAsync(topic('kiosk-0002', 'state'), 'x', q1), NOT_AUTHORISED)
  await t.rejects(first.publishAsync(topic('kiosk-0001', 'receipt'), 'x', q1), NOT_AUTHORISED)
  await first.publishAsync(topic('kiosk-0001', 'state'), 'x', q1)
  const thrownOut = closeOf(first)
  await client(t, kiosk1, { clientId: 'another-name' })
  await thrownOut
  t.match(broker.log(), /New client connected from \S+ as kiosk-0001 \(p5, c\d, k\d+, u'kiosk-0001'\)/)
})

/** A connection that must not come about: the code of the failure at the client. */
async function refusal(t: Test, tls: Tls, options: IClientOptions & { at?: string } = {}): Promise<string> {
  return client(t, tls, options).then(
    () => 'connected',
    (error: NodeJS.ErrnoException) => String(error.code),
  )
}

t.test('who has no good certificate gets nothing, and learns why', async t => {
  const other = join(data, 'other')
  await initDemoKeys(other, { clock: systemClock, kiosk: 'kiosk-0001' })
  const stranger = (await openKioskKeys(join(other, 'keys/kiosk'))).tls
  const server = { key: await pem('broker/key.pem'), cert: await pem('broker/certificate.pem') }
  await newKiosk('kiosk-0003', { ...systemClock, nowMs: () => Date.now() - 400 * 86_400_000 })
  const lapsed = (await openKioskKeys(join(keys, 'kiosk-0003'))).tls
  const { ca } = kiosk1

  t.equal(await refusal(t, { ca }), 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'no certificate')
  t.equal(await refusal(t, { ...stranger, ca }), 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'another root')
  t.equal(await refusal(t, { ...lapsed, ca }), 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', 'lapsed')
  t.equal(await refusal(t, { ...server, ca }), 'ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE', "a server's")
  const alone = { ...kiosk1, cert: new X509Certificate(kiosk1.cert).toString() }
  t.equal(await refusal(t, alone), 'connected', 'a leaf alone: the broker knows the kiosk CA')
})

async function pem(name: string): Promise<string> {
  return readFile(join(keys, name), 'utf8')
}

t.test('a client refuses a broker that is not the right one, and says which way', async t => {
  const foreign = (await openKioskKeys(join(data, 'other/keys/kiosk'))).tls
  t.equal(await refusal(t, { ...kiosk1, ca: foreign.ca }), 'SELF_SIGNED_CERT_IN_CHAIN', 'another root')
  t.equal(await refusal(t, kiosk1, { at: '127.0.0.2' }), 'ERR_TLS_CERT_ALTNAME_INVALID', 'another host')
})

t.test('TLS 1.3 and nothing older', async t => {
  const socket = connectTls({ port: broker.port, host: '127.0.0.1', ...kiosk1, maxVersion: 'TLSv1.2' })
  const [error] = await once(socket, 'error')
  t.equal(error.code, 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
  const newer = connectTls({ port: broker.port, host: '127.0.0.1', ...kiosk1 })
  await once(newer, 'secureConnect')
  t.equal(newer.getProtocol(), 'TLSv1.3')
  newer.destroy()
})

t.test('a lapsed broker is refused', async t => {
  const past = { ...systemClock, nowMs: () => Date.now() - 900 * 86_400_000 }
  const old = join(data, 'old')
  await initDemoKeys(old, { clock: past, kiosk: 'kiosk-0001' })
  const lapsed = await startMosquitto(t, join(old, 'keys/broker'))
  const tls = (await openKioskKeys(join(old, 'keys/kiosk'))).tls
  t.equal(await refusal(t, tls, { port: lapsed.port }), 'CERT_HAS_EXPIRED')
})

t.test('a revoked kiosk is cut off, the others are not', async t => {
  await newKiosk('kiosk-0005')
  const lost = (await openKioskKeys(join(keys, 'kiosk-0005'))).tls
  const standing = await client(t, lost)
  const authority = await Authority.open(join(keys, 'kiosk-ca'), systemClock)
  await authority.revoke('kiosk-0005', 'lost')
  await handOutRevocations(keys)
  await broker.reload()
  t.equal(await refusal(t, lost), 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED')
  t.equal(await refusal(t, kiosk1), 'connected')
  // Mosquitto judges at the handshake only: `keys revoke --broker` ends what stands (test/cli/keys-revoke.broker.test.ts).
  t.ok(standing.connected)
  await standing.publishAsync(topic('kiosk-0005', 'state'), 'still here', q1)

  const again = join(keys, 'broker-after')
  await issueBroker(keys, { name: 'broker', hosts: ['127.0.0.1'], out: again, clock: systemClock })
  const restarted = await startMosquitto(t, again)
  t.equal(await refusal(t, lost, { port: restarted.port }), 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED')
  t.equal(await refusal(t, kiosk1, { port: restarted.port }), 'connected')

  const root = await Authority.open(join(keys, 'root'), systemClock)
  await root.revoke('ops-central', 'lost')
  await root.revoke('kiosk-ca', 'lost')
  const last = join(keys, 'broker-last')
  await issueBroker(keys, { name: 'broker', hosts: ['127.0.0.1'], out: last, clock: systemClock })
  const { port } = await startMosquitto(t, last)
  t.equal(await refusal(t, ops, { port }), 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED')
  // Mosquitto looks up leaves only. What such a kiosk sends is refused by the ABIS: test/seal/seal.test.ts.
  t.equal(await refusal(t, kiosk1, { port }), 'connected')
})

t.test('a body above the limit costs the connection', async t => {
  const kiosk = await client(t, kiosk1)
  const closed = closeOf(kiosk)
  kiosk.on('error', () => {})
  const sent = kiosk.publishAsync(topic('kiosk-0001', 'submission'), Buffer.alloc(8_500_000), q1)
  await t.rejects(Promise.race([sent, closed.then(() => Promise.reject(new Error('closed')))]))
  await closed
  await broker.logged(/kiosk-0001 disconnected due to oversize/)
})
