/**
 * Goal: without a broker the citizen is told the truth, the record waits, and becomes print-ready by itself
 * once the broker is back.
 * Method: the whole kiosk and the ABIS over a real broker that is stopped before the enrolment and started again
 * after it, on the same port; the receipt is read as the citizen would.
 */
import t from 'tap'
import { shippedBoard } from '../../hal/board/shipped-boards.ts'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { type EmbeddedBroker, startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbis } from '../../src/cli/abis/open-abis.ts'
import { enrolUnattended } from '../../src/enrolment/unattended.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { openKiosk } from '../../src/kiosk.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { until } from '../support/until.ts'

t.setTimeout(120_000)

t.test('the broker is away during an enrolment', async t => {
  const data = t.testdir()
  await initDemoKeys(data, { clock: systemClock })
  let broker: EmbeddedBroker = await startEmbeddedBroker()
  const { port, url } = broker
  const receipts: string[] = []
  const { abis, close } = await openAbis({ data, url, clock: systemClock, log: silentLog })
  const kiosk = await openKiosk({
    data,
    settings: settingsSchema.parse({
      broker: { url, backoffMsMin: 100, backoffMsMax: 1_000 },
      relay: { probeIntervalMs: 1_000 },
    }),
    clock: systemClock,
    log: silentLog,
    board: shippedBoard('simulated'),
    simulation: {
      citizen: simulatedCitizen(11),
      onReceipt: ({ text }) => receipts.push(text),
      placingMs: 0,
      lineMs: 0,
    },
  })
  const { visit } = kiosk
  if (visit === undefined) throw new Error('the board has a sensor')
  await until(() => kiosk.broker.connection !== undefined)
  await broker.stop()
  await until(() => kiosk.broker.connection === undefined)

  t.equal(visit.view.offline, true, 'the screen says so')
  const { recordId, receipt } = await enrolUnattended(visit, { nik: '3171011708850001' })
  t.equal(receipt, 'printed')
  t.match(receipts[0].replaceAll('\n', ' '), /belum/i, 'the paper says that it is not sent yet')
  t.equal((await kiosk.store.record(recordId))?.status, 'SENT_FOR_ENROLLMENT')
  t.equal(kiosk.store.outbox.count, 1)
  t.equal(abis.counts.received, 0)

  broker = await startEmbeddedBroker({ port })
  await until(async () => (await kiosk.store.record(recordId))?.status === 'PRINT_READY_RECORD')
  t.equal(kiosk.store.outbox.count, 0)
  t.equal(visit.view.offline, false)
  t.equal(abis.counts.received, 1)
  await kiosk.close()
  await close()
  await broker.stop()
})
