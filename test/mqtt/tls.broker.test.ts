/** Goal: a kiosk talks to its own broker and to no other, and its log says what is wrong. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Clock, systemClock } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/log.ts'
import { Authority } from '../../src/keys/authority.ts'
import { openKioskKeys } from '../../src/keys/file-key-store.ts'
import { handOutRevocations, initDemoKeys, issueKiosk } from '../../src/keys/make-keys.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import type { BrokerTls } from '../../src/mqtt/link.ts'
import { connected, until } from '../contract/broker.ts'
import { startMosquitto } from '../support/mosquitto.ts'

const DAY_MS = 24 * 3_600_000

/** A client, and why it has no connection. */
function open(t: Test, options: { port: number; name: string; tls: BrokerTls; host?: string }) {
  const reasons: string[] = []
  const note = (_event: string, fields = {}) => {
    if ('reason' in fields) reasons.push(String(fields.reason))
  }
  const log: Log = { info() {}, warn: note, error: note }
  const broker = connectBroker({
    url: `mqtts://${options.host ?? '127.0.0.1'}:${options.port}`,
    clientId: options.name,
    tls: options.tls,
    backoff: { backoffMsMin: 50, backoffMsMax: 200 },
    clock: systemClock,
    random: () => 0.9,
    log,
  })
  t.teardown(() => broker.close())
  return { broker, reasons }
}

async function isRefused(t: Test, { broker, reasons }: ReturnType<typeof open>, reason: string) {
  await until(() => reasons.length > 0)
  t.equal(reasons[0], reason)
  t.equal(broker.connection, undefined)
}

const clockAfter = (days: number): Clock => ({ ...systemClock, nowMs: () => Date.now() + days * DAY_MS })

t.test('client certificates, pinned CA, host', async t => {
  const folder = t.testdir()
  const [own, other] = [join(folder, 'own'), join(folder, 'other')]
  for (const data of [own, other]) await initDemoKeys(data, { clock: systemClock })
  const { name, tls } = await openKioskKeys(join(own, 'keys/kiosk'))
  const { tls: strange } = await openKioskKeys(join(other, 'keys/kiosk'))
  const { port } = await startMosquitto(t, join(own, 'keys/broker'))
  const right = open(t, { port, name, tls })
  await connected(right.broker)
  await right.broker.close()
  t.same(right.reasons, [])
  const cases = {
    'broker-certificate-of-another-ca': { tls: { ...tls, ca: strange.ca } },
    'broker-certificate-for-another-host': { tls, host: '127.0.0.2' },
    'own-certificate-of-another-ca': { tls: { ...strange, ca: tls.ca } },
  }
  for (const [reason, wrong] of Object.entries(cases))
    await isRefused(t, open(t, { port, name, ...wrong }), reason)
})

t.test('own certificates that lapsed or were revoked', async t => {
  const keys = join(t.testdir(), 'keys')
  await initDemoKeys(join(keys, '..'), { clock: systemClock })
  const authority = join(keys, 'kiosk-ca')
  for (const [name, days] of [
    ['kiosk-lapsed', -400],
    ['kiosk-revoked', 0],
  ] as const)
    await issueKiosk(authority, { name, out: join(keys, name), clock: clockAfter(days) })
  await (await Authority.open(authority, systemClock)).revoke('kiosk-revoked', 'lost')
  await handOutRevocations(keys)
  const { port } = await startMosquitto(t, join(keys, 'broker'))
  for (const [name, reason] of [
    ['kiosk-lapsed', 'own-certificate-expired'],
    ['kiosk-revoked', 'own-certificate-revoked'],
  ]) {
    const { tls } = await openKioskKeys(join(keys, name))
    await isRefused(t, open(t, { port, name, tls }), reason)
  }
})

t.test("a broker's certificate that is over, or by the kiosk's clock not begun", async t => {
  const folder = t.testdir()
  // As a clock without a battery sees it: certificates of a time that it has not reached.
  for (const [reason, days] of [
    ['broker-certificate-expired', -900],
    ['broker-certificate-not-yet-valid', 400],
  ] as const) {
    const keys = join(folder, reason, 'keys')
    await initDemoKeys(join(folder, reason), { clock: clockAfter(days) })
    const { port } = await startMosquitto(t, join(keys, 'broker'))
    const { name, tls } = await openKioskKeys(join(keys, 'kiosk'))
    await isRefused(t, open(t, { port, name, tls }), reason)
  }
})
