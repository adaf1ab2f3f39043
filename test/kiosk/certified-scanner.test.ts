/**
 * Goal: a kiosk with a certified scanner enrols as any other, whatever becomes of the scanner's service meanwhile.
 * Method: the whole kiosk with the board file of `scripts/sbi-service`, a simulated device service on a port of this
 * machine, and the ABIS over a real broker. The service is started anew in the middle of the visit.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readBoard } from '../../hal/board/board.ts'
import { simulatedCitizen } from '../../hal/sim/citizen.ts'
import { makeDeviceKeys, pemOf } from '../../hal/sim/device-certificates.ts'
import { SbiService } from '../../hal/sim/sbi-service.ts'
import { startEmbeddedBroker } from '../../scripts/embedded-broker.ts'
import { serveSbi } from '../../scripts/sbi/serve-sbi.ts'
import { boardOf } from '../../scripts/sbi-service.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLog } from '../../src/base/log.ts'
import { openAbis } from '../../src/cli/abis/open-abis.ts'
import { enrolUnattended } from '../../src/enrolment/unattended.ts'
import { initDemoKeys } from '../../src/keys/make-keys.ts'
import { openKiosk } from '../../src/kiosk.ts'
import { settingsSchema } from '../../src/settings/settings.ts'
import { until } from '../support/until.ts'

t.setTimeout(300_000)

t.test('ten fingers through a device service', async t => {
  const data = t.testdir()
  await initDemoKeys(data, { clock: systemClock })
  const broker = await startEmbeddedBroker()
  const { abis, close } = await openAbis({ data, url: broker.url, clock: systemClock, log: silentLog })
  const keys = await makeDeviceKeys(Date.now())
  const service = new SbiService({ clock: systemClock, keys, slap: true })
  service.citizen = simulatedCitizen(21)
  let served = await serveSbi(service, 0)
  const trust = join(data, 'trust.pem')
  writeFileSync(trust, pemOf(keys.roots))
  const kiosk = await openKiosk({
    data,
    settings: settingsSchema.parse({ broker: { url: broker.url } }),
    clock: systemClock,
    log: silentLog,
    board: readBoard(JSON.stringify(boardOf(served.port, trust))),
    simulation: { lineMs: 0 },
  })
  const { visit } = kiosk
  if (visit === undefined) throw new Error('the board has a sensor')

  const enrolling = enrolUnattended(visit, { nik: '3171011708850021' })
  const captures = () => service.heard.filter(({ verb }) => verb === 'RCAPTURE').length
  await until(() => captures() >= 4, 120_000)
  const { port } = served
  await served.close()
  served = await serveSbi(service, port)
  const { recordId } = await enrolling
  await until(async () => (await kiosk.store.record(recordId))?.status === 'PRINT_READY_RECORD', 60_000)
  t.equal(abis.counts.received, 1)
  t.ok(captures() >= 10)
  t.equal(kiosk.board?.sensor?.info.model, 'Tunggal SIM-4')
  await kiosk.close()
  await close()
  await broker.stop()
  await served.close()
})
