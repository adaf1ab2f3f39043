/** Goal: a kiosk talks to its own broker and to no other, and its log says what is wrong. */
import { join } from 'node:path'
import t from 'tap'
import { systemClock } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/log.ts'
import { openKioskKeys } from '../../src/keys/file-key-store.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { connectBroker } from '../../src/mqtt/connect.ts'
import type { BrokerTls } from '../../src/mqtt/link.ts'
import { connected, until } from '../contract/broker.ts'
import { startMosquitto } from '../support/mosquitto.ts'

t.test('client certificates, pinned CA, host', async t => {
  const folder = t.testdir()
  const [own, other] = [join(folder, 'own'), join(folder, 'other')]
  for (const data of [own, other]) await initDemoKeys(data, { clock: systemClock })
  const keys = await openKioskKeys(join(own, 'keys/kiosk'))
  const strangers = await openKioskKeys(join(other, 'keys/kiosk'))
  const { port } = await startMosquitto(t, join(own, 'keys/broker'))
  const open = (options: { host?: string; tls?: BrokerTls }) => {
    const reasons: string[] = []
    const note = (_event: string, fields = {}) => {
      if ('reason' in fields) reasons.push(String(fields.reason))
    }
    const log: Log = { info() {}, warn: note, error: note }
    const broker = connectBroker({
      url: `mqtts://${options.host ?? '127.0.0.1'}:${port}`,
      clientId: keys.name,
      tls: options.tls ?? keys.tls,
      backoff: { backoffMsMin: 50, backoffMsMax: 200 },
      clock: systemClock,
      random: () => 0.9,
      log,
    })
    t.teardown(() => broker.close())
    return { broker, reasons }
  }
  const right = open({})
  await connected(right.broker)
  await right.broker.close()
  t.same(right.reasons, [])
  const cases = {
    'broker-certificate-of-another-ca': open({ tls: { ...keys.tls, ca: strangers.tls.ca } }),
    'broker-certificate-for-another-host': open({ host: '127.0.0.2' }),
    'own-certificate-of-another-ca': open({ tls: { ...strangers.tls, ca: keys.tls.ca } }),
  }
  for (const [reason, { broker, reasons }] of Object.entries(cases)) {
    await until(() => reasons.length > 0)
    t.equal(reasons[0], reason)
    t.equal(broker.connection, undefined)
  }
})
